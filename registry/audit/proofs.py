"""Roots and proofs, worked out from the stored tiles and the last leaves."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from registry.audit import tree_store
from registry.audit.tree import (
    HASH_BYTES,
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
_MOST_TILES = 512
_MOST_PIECES = 8_192


class KeptTiles:
    """Hashes of the tiles asked for last, from the first of each on; they never change.

    `pieces` are the hashes worked out from them, of complete subtrees by height and index.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[Wanted, bytes] = OrderedDict()
        self.pieces: dict[Wanted, bytes] = {}

    def get(self, tile: Wanted) -> bytes:
        """The hashes known of a tile."""
        return self._held.get(tile, b"")

    def keep(self, found: Mapping[Wanted, bytes]) -> None:
        """Keep what is known now, unless more is."""
        for tile, hashes in found.items():
            self._held[tile] = max(self._held.pop(tile, b""), hashes, key=len)
        while len(self._held) > _MOST_TILES:
            self._held.popitem(last=False)
        if len(self.pieces) > _MOST_PIECES:
            self.pieces.clear()

    def forget(self) -> None:
        """Keep nothing: the database was replaced by another."""
        self._held.clear()
        self.pieces.clear()


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
    return (await inclusion_proofs(db, [index], size))[0]


async def inclusion_proofs(
    db: Query, indexes: Sequence[int], size: int, kept: KeptTiles | None = None
) -> list[list[bytes]]:
    """The same for several leaves, asked for at once; what paths share is worked out once."""
    paths = [inclusion(index, size) for index in indexes]
    ranges = {wanted for path in paths for wanted in path}
    held = await tiles(db, tiles_of(ranges), size, kept)
    known = kept.pieces if kept else None
    hashes = {wanted: hash_of(wanted, held, known) for wanted in ranges}
    return [[hashes[wanted] for wanted in path] for path in paths]


async def consistency_proof(db: Query, old: int, size: int) -> list[bytes]:
    """The hashes that show a log of `size` leaves to continue the one of `old` leaves."""
    return await _hashes(db, consistency(old, size), size)


async def _hashes(db: Query, ranges: Sequence[Range], size: int) -> list[bytes]:
    held = await tiles(db, tiles_of(ranges), size)
    return [hash_of(wanted, held) for wanted in ranges]


async def tiles(
    db: Query, wanted: Iterable[Wanted], size: int, kept: KeptTiles | None = None
) -> dict[Wanted, bytes]:
    """The hashes of tiles in a tree of `size` leaves, as far as they are filled there.

    What is `kept` is not asked for; what is found is kept as well.
    """
    widths = {(level, tile): tile_width(level, tile, size) for level, tile in wanted}
    held = {one: kept.get(one) if kept else b"" for one in widths}
    await _complete(db, held, widths)
    if kept:
        kept.keep(held)
    return {one: held[one][: width * HASH_BYTES] for one, width in widths.items()}


async def _complete(db: Query, held: dict[Wanted, bytes], widths: Mapping[Wanted, int]) -> None:
    """Ask for the hashes that are missing: of full tiles for all, else for the last ones."""
    filled = {one: len(hashes) // HASH_BYTES for one, hashes in held.items()}
    missing = [one for one, width in widths.items() if filled[one] < width]
    full = {one for one in missing if widths[one] == WIDTH}
    parts = [(*one, filled[one], widths[one]) for one in missing if one not in full]
    if not missing:
        return
    for row in await tree_store.hashes_held(db, sorted(full), parts):
        one, hashes = (row["level"], row["tile"]), row["held"]
        if one in full:
            held[one] = hashes
        else:
            held[one] += hashes if one[0] else leaf_hash(hashes)
