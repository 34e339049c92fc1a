"""The parameters of a reuse over HTTP: private to the body and to who builds the service."""

from dataclasses import dataclass
from uuid import UUID

import msgspec
from litestar import Response, get, put
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema

from registry.audit import LogPosition, position_known_at
from registry.authority import Actor
from registry.db import Database, Query, begin, begin_reading
from registry.reuse.configuring import Running, put_parameters, require_own, running
from registry.reuse.parameters import (
    ParameterRevision,
    Parameters,
    Readiness,
    SetParameters,
    UnknownParameters,
)
from registry.reuse.readiness import (
    Declared,
    declared,
    readiness,
    require_declared,
    require_settable,
)
from registry.reuse.store import parameters as store
from registry.versions.workers.asking import workers_for
from registry.versions.workers.pool import Workers
from registry.web.conditional import (
    Preconditions,
    conditional,
    etag_of,
    provide_preconditions,
)
from registry.web.language import Language
from registry.web.params import KnownAt
from registry.web.requests import AnyRequest
from registry.web.resources import give_back
from registry.web.strict import JSON

_PRIVATE = {"Vary": "Authorization, Cookie, Accept-Language"}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What is set for a reuse, and what the version it runs asks for."""

    now: Running
    asked: Declared | None
    documents: list[SetParameters]
    known: LogPosition | None = None

    @property
    def document(self) -> bytes | None:
        return self.documents[-1].document.encode() if self.documents else None

    def etag(self, language: Language) -> str | None:
        """The state that can be changed; None where nothing is set yet."""
        if not self.documents:
            return None
        state = f"{self.now.reuse_id} {len(self.documents)} {self.now.version} {language}"
        return etag_of(state.encode())


async def _found(db: Query, reuse_id: UUID, known: LogPosition | None = None) -> Found:
    now = await running(db, reuse_id)
    if not await store.may_see(db, reuse_id):
        raise UnknownParameters
    return Found(
        now=now,
        asked=await declared(db, now.service, now.version),
        documents=await store.documents(db, reuse_id, known.size if known else None),
        known=known,
    )


async def _answer(found: Found, workers: Workers, language: Language) -> bytes:
    ready: Readiness | None = None
    if found.asked:
        ready = await readiness(workers, found.asked, found.document, language)
    answer = Parameters(
        reuse_id=found.now.reuse_id,
        revision=len(found.documents),
        parameters=msgspec.Raw(found.document) if found.document else None,
        readiness=ready,
        history=[
            ParameterRevision(
                revision=one.ordinal,
                version=one.version,
                recorded_at=one.recorded_at,
                event_id=one.event_id,
            )
            for one in found.documents
        ],
        known_at=found.known,
    )
    return msgspec.json.encode(answer)


@get(
    "/reuses/{reuse_id:uuid}/parameters",
    summary="The parameters of a reuse",
    responses={200: ResponseSpec(Parameters, description="The parameters, with their ETag.")},
)
async def get_parameters(
    request: AnyRequest,
    view: Query,
    language: Language,
    reuse_id: UUID,
    known_at: KnownAt = None,
) -> Response[bytes]:
    """What the body has set, what the version it runs asks for, and what is missing.

    For the body itself and for the builders of the service; for all others it does not exist.
    """
    known = await position_known_at(view, known_at)
    found = await _found(view, reuse_id, known)
    await give_back(request)
    answer = await _answer(found, workers_for(request), language)
    etag = None if known else found.etag(language)
    return conditional(request, answer, etag=etag, headers=_PRIVATE)


@dataclass
class ParametersOperation(Operation):
    """A document that the version's own schema describes."""

    def __post_init__(self) -> None:
        self.request_body = RequestBody(
            required=True,
            description="A JSON document for the interface `parameters` of the version run.",
            content={"application/json": OpenAPIMediaType(schema=Schema())},
        )


@put(
    "/reuses/{reuse_id:uuid}/parameters",
    summary="Set the parameters of a reuse",
    status_code=200,
    operation_class=ParametersOperation,
    opt={"reads": (JSON,)},
    dependencies={"preconditions": Provide(provide_preconditions)},
    responses={200: ResponseSpec(Parameters, description="The parameters as they now are.")},
)
async def set_parameters(
    request: AnyRequest,
    actor: Actor,
    language: Language,
    reuse_id: UUID,
    preconditions: Preconditions,
) -> Response[bytes]:
    """Checked against the version that the reuse runs; what is required may still be missing.

    `If-None-Match: *` the first time, `If-Match` later. Secrets (`writeOnly`) are not taken: set
    where they are kept instead.
    """
    document = await request.body()
    workers = workers_for(request)
    database: Database = request.app.state.database
    async with database.views.acquire() as conn, begin_reading(conn, actor) as view:
        now = await running(view, reuse_id)
        require_own(actor, now)
        asked = require_declared(await declared(view, now.service, now.version), now.version)
    await require_settable(workers, asked, document)
    async with database.writes.acquire() as conn, begin(conn, actor) as tx:
        before = await _found(tx, reuse_id)
        if before.document != document:
            preconditions.require(before.etag(language))
        await put_parameters(tx, now, document)
        found = await _found(tx, reuse_id)
    answer = await _answer(found, workers, language)
    headers = {"ETag": found.etag(language) or ""} | _PRIVATE
    return Response(answer, status_code=200, headers=headers, media_type="application/json")


HANDLERS = (get_parameters, set_parameters)
