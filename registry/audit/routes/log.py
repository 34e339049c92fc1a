"""The log itself: where it stands, what was signed, tiles and proofs of consistency."""

from typing import Annotated

import msgspec
from litestar import MediaType, Response, get
from litestar.params import QueryParameter

from registry.audit import position_store, tiles, tree_store
from registry.audit.model import LogPosition, UnknownLogPosition
from registry.audit.moment import with_root
from registry.audit.proofs import consistency_proof, root_at
from registry.db import Reads
from registry.errors import NotFound
from registry.web.conditional import conditional
from registry.web.requests import AnyRequest

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class LogKey(msgspec.Struct, frozen=True, kw_only=True):
    """Under which public key the log is signed from a size on: `name+hash+key` (C2SP)."""

    first_size: int
    verifier_key: str


class LogKeys(msgspec.Struct, frozen=True, kw_only=True):
    """All public keys of the log; another one follows only after a restored backup."""

    items: list[LogKey]


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """That the log of `to_size` events continues the one of `from_size` (RFC 6962, 2.1.2).

    Roots and hashes are hex.
    """

    from_size: int
    from_root: str
    to_size: int
    to_root: str
    hashes: list[str]


@get("/log/position", summary="The last sealed position of the log")
async def get_log_position(reads: Reads) -> LogPosition:
    """How many events the log held when it was last sealed, when that was, and its root."""
    position = await position_store.last_log_position(reads)
    if position is None:
        raise UnknownLogPosition
    return await with_root(reads, position)


@get("/log/checkpoint", summary="The last signed checkpoint", media_type=MediaType.TEXT)
async def get_checkpoint(request: AnyRequest, reads: Reads) -> Response[bytes]:
    """Origin, size and root, signed (C2SP, tlog-checkpoint and signed-note)."""
    head = await tree_store.last_head(reads)
    if head is None:
        raise NotFound
    return conditional(request, head.note.encode(), media_type="text/plain")


@get("/log/keys", summary="The public keys of the log")
async def get_keys(reads: Reads) -> LogKeys:
    """What signatures are checked with. Whoever checks should have them from elsewhere too."""
    rows = await tree_store.origins(reads)
    return LogKeys(items=msgspec.convert(rows, list[LogKey]))


@get(
    "/log/tile/{place:path}",
    summary="A tile of the hash tree, or a bundle of entries",
    media_type="application/octet-stream",
)
async def get_tile(request: AnyRequest, reads: Reads, place: str) -> Response[bytes]:
    """`<level>/<number>[.p/<width>]` or `entries/<number>[.p/<width>]` (C2SP, tlog-tiles)."""
    content = await tiles.content(reads, tiles.read_address(place))
    return conditional(request, content, headers=_FOR_EVER, media_type="application/octet-stream")


@get("/log/consistency", summary="A proof that the log was only added to")
async def get_consistency(
    reads: Reads,
    from_size: Annotated[int, QueryParameter(name="from", ge=1, le=2**62)],
    to_size: Annotated[int | None, QueryParameter(name="to", ge=1, le=2**62)] = None,
) -> Consistency:
    """Between two sizes; without `to` up to the last signed checkpoint."""
    head = await tree_store.last_head(reads)
    last = head.size if head else 0
    to_size = to_size or last
    if not 1 <= from_size <= to_size <= last:
        raise UnknownLogPosition
    old, new = await root_at(reads, from_size), await root_at(reads, to_size)
    if old is None or new is None:
        raise UnknownLogPosition
    hashes = await consistency_proof(reads, from_size, to_size)
    return Consistency(
        from_size=from_size,
        from_root=old.hex(),
        to_size=to_size,
        to_root=new.hex(),
        hashes=[one.hex() for one in hashes],
    )


HANDLERS = (get_log_position, get_checkpoint, get_keys, get_tile, get_consistency)
