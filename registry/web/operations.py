"""Operations: liveness, readiness, metrics, the API root, and a page for each problem."""

import asyncio
import time
from datetime import timedelta

import msgspec
from litestar import MediaType, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from registry import __version__
from registry.db import Database
from registry.db.failures import BUSY
from registry.errors import NotFound, SetupProblem
from registry.settings import Settings
from registry.web.language import Language, spoken
from registry.web.texts import problem_texts

_READY_SECONDS = 2.0


class Health(msgspec.Struct, frozen=True):
    """The process answers."""

    status: str


class ProblemPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a problem code means, and what a caller can do."""

    code: str
    title: str
    detail: str
    remedy: str


@get("/healthz", tags=["operations"], summary="Liveness")
async def get_health() -> Health:
    """Answers while the process runs."""
    return Health("ok")


@get("/readyz", tags=["operations"], summary="Readiness")
async def get_readiness(state: State) -> Health:
    """`ok` while the database answers, `read-only` while the log cannot go on; 503 otherwise."""
    database: Database = state.database
    try:
        async with asyncio.timeout(_READY_SECONDS), database.writes.acquire() as conn:
            await conn.fetchval("select 1")
            await database.reads.fetchval("select 1")
    except BUSY:
        raise SetupProblem("The database does not answer.") from None
    return Health("ok" if state.log.standing == "fine" else "read-only")


@get("/metrics", include_in_schema=False)
async def get_metrics() -> Response[bytes]:
    """Counters of this process in the Prometheus text format."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@get("/problems/{code:str}", tags=["operations"], summary="A problem explained")
async def get_problem(code: str, language: Language) -> Response[ProblemPage]:
    """The page a problem's `type` points to."""
    texts = problem_texts().get(code)
    if texts is None:
        raise NotFound
    page = ProblemPage(code=code, **texts[language])
    return Response(page, headers=spoken(language))


class Root(msgspec.Struct, frozen=True, kw_only=True):
    """Where to start, and whose data these are."""

    name: str
    version: str
    openapi: str
    links: dict[str, str]
    attribution: list[str]


def root_route(links: dict[str, str], attribution: list[str]) -> HTTPRouteHandler:
    """The API root, with the attribution the sources of the data ask for."""
    shown = Root(
        name="EfA-Register",
        version=__version__,
        openapi="/openapi.json",
        links=links,
        attribution=attribution,
    )

    @get("/", tags=["operations"], summary="The API root")
    async def get_root() -> Root:
        """Where to start, and whose data these are."""
        return shown

    return get_root


@get("/.well-known/security.txt", include_in_schema=False, media_type=MediaType.TEXT)
async def get_security_txt(state: State) -> str:
    """Whom to tell of a vulnerability (RFC 9116); valid for half a year from now."""
    settings: Settings = state.settings
    if not settings.security_contact:
        raise NotFound
    served = timedelta(seconds=time.monotonic() - state.begun)
    expires = state.started + served + timedelta(days=180)
    return (
        f"Contact: {settings.security_contact}\n"
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}\n"
        "Preferred-Languages: de, en\n"
    )
