"""`?proof=1`: an answer as of a position of the log, with what proves that the log was there.

It is answered as with `known_at` of the last signed position unless another is asked for; the
answer is then amended by the signed checkpoint. JSON holds it; a table has no place for it, so its
proof is a header, `EFA-Proof`: in base64 what the JSON answer says of the log, checked like that.
"""

import base64
from typing import Any
from urllib.parse import parse_qs

import msgspec

from registry.audit import tree_store
from registry.audit.model import LogPosition, UnknownLogPosition
from registry.audit.moment import position_known_at
from registry.audit.proofs import consistency_proof
from registry.db import Database, Query
from registry.errors import Fault, Malformed
from registry.web.requests import AnyRequest
from registry.web.strict import taken_by


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The signed checkpoint, and how it continues the position that `known_at` names.

    `consistency` (hex; RFC 6962, 2.1.2) is empty where the checkpoint is of just that size.
    """

    checkpoint: str
    consistency: list[str]


async def ask_for_proof(request: AnyRequest) -> None:
    """Turn `proof=1` into a question with `known_at`, before the parameters are read."""
    query: bytes = request.scope["query_string"]
    if b"proof=" not in query or "known_at" not in taken_by(request).names:
        return
    parts = query.split(b"&")
    asked = [part for part in parts if part.startswith(b"proof=")]
    others = [part for part in parts if not part.startswith(b"proof=")]
    if not asked:
        return
    if asked != [b"proof=1"]:
        raise Malformed(Fault("?proof", "proof-is-1"))
    database: Database = request.app.state.database
    if not any(part.startswith(b"known_at=") for part in others):
        head = await tree_store.last_head(database.reads)
        if head is None:
            raise UnknownLogPosition
        others.append(b"known_at=%d" % head.size)
    request.scope["query_string"] = b"&".join(others)
    request.scope["state"]["proof"] = database.reads


async def proof_of(db: Query, size: int, *, up_to: int = 0) -> Proof | None:
    """How the first checkpoint signed at this size, at `up_to` or beyond, continues this size."""
    head = await tree_store.first_head_from(db, max(size, up_to))
    if head is None or 0 < up_to < size:
        return None
    hashes = await consistency_proof(db, size, head.size)
    return Proof(checkpoint=head.note, consistency=[one.hex() for one in hashes])


class ProofOfTable(msgspec.Struct, frozen=True, kw_only=True):
    """What a JSON answer says of the log it rests on."""

    known_at: LogPosition
    proof: Proof


class ProvenAnswers:
    """Pure ASGI, around the router: amends the answers that were asked for with proof."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or b"proof=" not in scope["query_string"]:
            await self.app(scope, receive, send)
            return
        start: Any = None
        body = bytearray()

        async def amended(message: Any) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                content, told = await _amended(scope, start, bytes(body))
                headers = _headers(start["headers"], len(content))
                await send(start | {"headers": [*headers, *told]})
                await send({"type": "http.response.body", "body": content})

        await self.app(scope, receive, amended)


async def _amended(scope: Any, start: Any, body: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The body to be sent, and the headers that are added."""
    reads: Query | None = scope.get("state", {}).get("proof")
    if reads is None or start["status"] != 200:
        return body, []
    kind = dict(start["headers"]).get(b"content-type", b"").partition(b";")[0]
    if kind == b"application/json":
        return await _with_proof(reads, body), []
    return body, await _proof_beside(reads, scope) if kind == b"text/csv" else []


async def _with_proof(reads: Query, body: bytes) -> bytes:
    known = msgspec.json.decode(body, type=dict[str, Any]).get("known_at")
    proof = await proof_of(reads, known["size"]) if known else None
    if proof is None:
        return body
    return body[:-1] + b',"proof":' + msgspec.json.encode(proof) + b"}"


async def _proof_beside(reads: Query, scope: Any) -> list[tuple[bytes, bytes]]:
    asked = parse_qs(scope["query_string"].decode())["known_at"][0]
    known = await position_known_at(reads, asked)
    proof = await proof_of(reads, known.size) if known else None
    if known is None or proof is None:
        return []
    told = msgspec.json.encode(ProofOfTable(known_at=known, proof=proof))
    return [(b"efa-proof", base64.b64encode(told))]


def _headers(headers: Any, length: int) -> Any:
    """The length of the answer as it is sent; its tag was that of the answer without proof."""
    kept = [(name, value) for name, value in headers if name not in (b"etag", b"content-length")]
    return [*kept, (b"content-length", b"%d" % length)]
