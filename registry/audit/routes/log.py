"""The log itself: where it stands, what was signed, tiles and proofs of consistency."""

from typing import Annotated

import msgspec
from litestar import MediaType, Response, get
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter
from litestar.response import Stream

from registry.audit import position_store, tiles, tree_store
from registry.audit.export import public_lines
from registry.audit.model import LogPosition, UnknownLogPosition
from registry.audit.moment import with_root
from registry.audit.proving import Proof, proof_of
from registry.db import Reads
from registry.errors import NotFound
from registry.web.conditional import FOR_EVER, conditional
from registry.web.requests import AnyRequest


class LogKey(msgspec.Struct, frozen=True, kw_only=True):
    """Under which public key the log is signed from a size on: `name+hash+key` (C2SP)."""

    first_size: int
    verifier_key: str


class LogKeys(msgspec.Struct, frozen=True, kw_only=True):
    """All public keys of the log; another one follows only after a restored backup."""

    items: list[LogKey]


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """A position of the log, and the proof that a signed checkpoint continues it."""

    known_at: LogPosition
    proof: Proof


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
    return conditional(request, content, headers=FOR_EVER, media_type="application/octet-stream")


@get(
    "/log/export",
    summary="The log as a file",
    media_type="application/x-ndjson",
    responses={
        200: ResponseSpec(
            None, description="One JSON object a line.", media_type="application/x-ndjson"
        )
    },
)
async def get_export(
    reads: Reads,
    size: Annotated[
        int | None,
        QueryParameter(ge=1, le=2**62, description="A signed size; without it the last one."),
    ] = None,
) -> Stream:
    """All leaves up to a signed size; of public events with salt and facts, in JSON by lines.

    `efa log verify` checks the file offline.
    """
    head = await (tree_store.last_head(reads) if size is None else tree_store.head(reads, size))
    if head is None:
        raise UnknownLogPosition
    return Stream(
        public_lines(reads, head.size),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="efa-log-{head.size}.ndjson"'},
    )


@get("/log/consistency", summary="A proof that the log was only added to")
async def get_consistency(
    reads: Reads,
    from_size: Annotated[int, QueryParameter(name="from", ge=1, le=2**62)],
    to_size: Annotated[int | None, QueryParameter(name="to", ge=1, le=2**62)] = None,
) -> Consistency:
    """From a size to the first checkpoint signed at `to` or beyond, or to the last one."""
    position = await position_store.log_position_of_size(reads, from_size)
    last = await tree_store.last_head(reads)
    if position is None or last is None:
        raise UnknownLogPosition
    proof = await proof_of(reads, from_size, up_to=to_size or last.size)
    if proof is None:
        raise UnknownLogPosition
    return Consistency(known_at=await with_root(reads, position), proof=proof)


HANDLERS = (get_log_position, get_checkpoint, get_keys, get_tile, get_export, get_consistency)
