"""Operations: liveness, readiness, metrics, the API root, and a page for each problem."""

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from registry import __version__
from registry.db import CONNECTION_LOST, Reads
from registry.errors import NotFound, SetupProblem
from registry.web.language import Language
from registry.web.texts import problem_texts


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
async def get_readiness(reads: Reads) -> Health:
    """Answers `ok` while the database does; 503 otherwise."""
    try:
        await reads.fetchval("select 1")
    except CONNECTION_LOST:
        raise SetupProblem("The database does not answer.") from None
    return Health("ok")


@get("/metrics", include_in_schema=False)
async def get_metrics() -> Response[bytes]:
    """Counters of this process in the Prometheus text format."""
    return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


@get("/problems/{code:str}", tags=["operations"], summary="A problem explained")
async def get_problem(code: str, language: Language) -> ProblemPage:
    """The page a problem's `type` points to."""
    texts = problem_texts().get(code)
    if texts is None:
        raise NotFound
    return ProblemPage(code=code, **texts[language])


@get(
    "/.well-known/security.txt",
    include_in_schema=False,
    media_type=MediaType.TEXT,
)
async def get_security_txt(request: Request[Any, Any, Any]) -> str:
    """Whom to tell of a vulnerability (RFC 9116)."""
    return request.app.state.security_txt


VERSION = __version__
