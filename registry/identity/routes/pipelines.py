"""Pipelines over HTTP: which projects publish, and a token for a job of one of them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, delete, get, post
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.db import Database, Query, Tx, begin
from registry.identity import jobs, pipelines
from registry.identity import pipeline_store as store
from registry.identity import store as identity_store
from registry.identity.door import COSTLY, STRANGERS
from registry.identity.guard import provide_actor
from registry.identity.issuers import Issuers
from registry.identity.pipeline_model import (
    ExchangeDraft,
    ExchangedToken,
    Pipeline,
    PipelineDraft,
    PipelinePage,
    UnknownPipeline,
)
from registry.web.conditional import PRIVATE
from registry.web.paging import link_to, page, place_behind
from registry.web.params import Cursor, Ended, Limit
from registry.web.requests import AnyRequest

OfService = Annotated[str | None, Parameter(max_length=80, description="Only of this service.")]


@get("/pipelines", summary="Which projects publish for one's body")
async def list_pipelines(
    request: AnyRequest,
    view: Query,
    service: OfService = None,
    ended: Ended = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[PipelinePage]:
    """Those of the caller's own body, the newest first."""
    await provide_actor(request)
    after = place_behind(request, cursor)
    rows = await store.pipelines(view, service, after, limit + 1, ended=ended)
    shown = page(request, rows, None, limit, lambda one: (one.recorded_at.isoformat(), str(one.id)))
    answer = PipelinePage(items=shown.items, total=None, next=shown.next)
    return Response(answer, headers=PRIVATE | link_to(shown.next))


@get("/pipelines/{pipeline_id:uuid}", summary="A pipeline")
async def get_pipeline(request: AnyRequest, view: Query, pipeline_id: UUID) -> Response[Pipeline]:
    """One of the caller's body; for all others it does not exist."""
    await provide_actor(request)
    return Response(await _shown(view, pipeline_id), headers=PRIVATE)


@post(
    "/pipelines",
    summary="Let the jobs of a project publish",
    status_code=201,
    responses={
        200: ResponseSpec(Pipeline, description="It stood so already."),
        201: ResponseSpec(Pipeline, description="The pipeline as it now is."),
    },
)
async def post_pipeline(tx: Tx, data: PipelineDraft) -> Response[Pipeline]:
    """The body that builds the service does, itself. Jobs publish without a secret from then on.

    The project and its owner are pinned by their numbers when a job of it comes first: who takes
    the path over later is refused.
    """
    pipeline_id, changed = await pipelines.add_pipeline(tx, data)
    headers = PRIVATE | {"Location": f"/v1/pipelines/{pipeline_id}"}
    status = 201 if changed else 200
    return Response(await _shown(tx, pipeline_id), status_code=status, headers=headers)


@delete("/pipelines/{pipeline_id:uuid}", summary="End a pipeline", status_code=200)
async def delete_pipeline(tx: Tx, pipeline_id: UUID) -> Response[Pipeline]:
    """Its jobs get no token any more; those they have end within 15 minutes. Again: no change."""
    await pipelines.end_pipeline(tx, pipeline_id)
    return Response(await _shown(tx, pipeline_id), headers=PRIVATE)


@post(
    "/token-exchange",
    summary="A token for the job of a pipeline",
    status_code=201,
    opt={STRANGERS: True, COSTLY: True},
    security=[{}],
    responses={201: ResponseSpec(ExchangedToken, description="The token, shown only here.")},
)
async def post_token_exchange(request: AnyRequest, data: ExchangeDraft) -> Response[ExchangedToken]:
    """Takes the OpenID Connect ID token of a GitLab or GitHub job, once, for one of 15 minutes.

    The job must run for a protected tag of a project that was let publish (`POST /v1/pipelines`).
    The token publishes those services, and issues no others.
    """
    state = request.app.state
    database: Database = state.database
    issuers: Issuers = state.job_issuers
    now: datetime = await database.reads.fetchval("select now()")
    claims = await issuers.claims(data.id_token, state.settings.ci_audience, now)
    job = jobs.job_of(claims)
    async with database.writes.acquire() as conn:
        found = await store.of_project(conn, job.issuer, job.project)
        bound = jobs.require_bound(job, found, data.services)
        actor = request.scope["state"]["caller"] = pipelines.job_actor(bound, job)
        async with begin(conn, actor) as tx:
            token, facts = await pipelines.exchange_token(tx, job, bound)
            key = (await identity_store.body(tx, facts.organisation_id)).key
    answer = ExchangedToken(
        token=token,
        organisation=key,
        scopes=tuple(facts.scopes),
        expires_at=facts.expires_at,
    )
    return Response(answer, status_code=201, headers=PRIVATE)


async def _shown(db: Query, pipeline_id: UUID) -> Pipeline:
    found = await store.pipeline(db, pipeline_id)
    if found is None:
        raise UnknownPipeline
    return found


HANDLERS = (list_pipelines, get_pipeline, post_pipeline, delete_pipeline, post_token_exchange)
