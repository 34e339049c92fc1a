"""The addresses of tiles and what they answer (C2SP, tlog-tiles)."""

import re
from typing import NamedTuple

from registry.audit import position_store, tree_store
from registry.audit.proofs import tiles
from registry.audit.tree import HASH_BYTES, WIDTH, tile_width
from registry.db import Query
from registry.errors import NotFound

ENTRIES = -1
_ADDRESS = re.compile(
    r"/(?P<level>entries|[0-7])/(?P<tile>(?:x[0-9]{3}/){0,4}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class Asked(NamedTuple):
    """Which tile an address names; level -1 is that of the entries themselves."""

    level: int
    number: int
    width: int


def read_address(path: str) -> Asked:
    """The tile named by what follows `/tile` in its address."""
    found = _ADDRESS.fullmatch(path)
    if found is None:
        raise NotFound
    width = int(found["width"] or WIDTH)
    number = found["tile"].replace("x", "").replace("/", "")
    if width > WIDTH or (found["width"] and width == WIDTH) or _is_padded(found["tile"]):
        raise NotFound
    level = ENTRIES if found["level"] == "entries" else int(found["level"])
    return Asked(level, int(number), width)


def _is_padded(tile: str) -> bool:
    """A number has one address only: no leading group of zeros."""
    return tile.startswith("x000/")


async def content(db: Query, asked: Asked) -> bytes:
    """The hashes or entries of a tile, once a sealed log fills it so far."""
    position = await position_store.last_log_position(db)
    size = position.size if position else 0
    if tile_width(max(asked.level, 0), asked.number, size) < asked.width:
        raise NotFound
    if asked.level == ENTRIES:
        first = asked.number * WIDTH
        leaves = await tree_store.leaves(db, first, first + asked.width)
        return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)
    held = await tiles(db, [(asked.level, asked.number)], size)
    hashes = held.get((asked.level, asked.number), b"")[: asked.width * HASH_BYTES]
    if len(hashes) < asked.width * HASH_BYTES:
        raise NotFound
    return hashes
