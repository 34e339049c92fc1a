"""Roots and proofs, worked out from the stored tiles and the last leaves."""

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
    widths = {(level, index): tile_width(level, index, size) for level, index in wanted}
    found = await tree_store.full_tiles(db, [tile for tile in widths if widths[tile] == WIDTH])
    for (level, index), width in widths.items():
        if 0 < width < WIDTH:
            hashes = await _unfinished(db, level, index * WIDTH, width)
            found[level, index] = b"".join(hashes)
    return found


async def _unfinished(db: Query, level: int, first: int, width: int) -> list[bytes]:
    if level:
        return await tree_store.tile_roots(db, level - 1, first, first + width)
    return [leaf_hash(leaf) for leaf in await tree_store.leaves(db, first, first + width)]
