"""Roots and proofs, worked out from the stored tiles and the last leaves."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from registry.audit import tree_store
from registry.audit.tree import (
    WIDTH,
    Range,
    consistency,
    hash_of,
    inclusion,
    leaf_hash,
    tile_width,
    tiles_of,
)
from registry.db import Query

Wanted = tuple[int, int]


async def root_at(db: Query, size: int) -> bytes | None:
    """The root of the first `size` leaves; None where the tree does not reach so far yet."""
    head = await tree_store.head(db, size)
    if head is not None:
        return head.root
    try:
        return (await _hashes(db, [(0, size)], size))[0]
    except (KeyError, ValueError):
        return None


async def inclusion_proof(db: Query, index: int, size: int) -> list[bytes]:
    """The hashes from the sibling of leaf `index` up to the root of `size` leaves."""
    return await _hashes(db, inclusion(index, size), size)


async def consistency_proof(db: Query, old: int, size: int) -> list[bytes]:
    """The hashes that show a log of `size` leaves to continue the one of `old` leaves."""
    return await _hashes(db, consistency(old, size), size)


async def _hashes(db: Query, ranges: Sequence[Range], size: int) -> list[bytes]:
    held = await tiles(db, tiles_of(ranges), size)
    return [hash_of(wanted, held) for wanted in ranges]


async def tiles(db: Query, wanted: Iterable[Wanted], size: int) -> dict[Wanted, bytes]:
    """The hashes of tiles in a tree of `size` leaves, as far as they are filled there."""
    widths = [(level, tile, tile_width(level, tile, size)) for level, tile in wanted]
    full = [(level, tile) for level, tile, width in widths if width == WIDTH]
    parts = [part for part in widths if 0 < part[2] < WIDTH]
    found: dict[Wanted, bytearray] = defaultdict(bytearray)
    for row in await tree_store.hashes_held(db, full, parts):
        level, tile, held = row["level"], row["tile"], row["held"]
        is_leaf = level == 0 and (level, tile) not in full
        found[level, tile] += leaf_hash(held) if is_leaf else held
    return {wanted: bytes(hashes) for wanted, hashes in found.items()}
