"""What changed: between two versions of a service, and between two schemas of anyone."""

from dataclasses import dataclass
from typing import Annotated

from litestar import Response, get, post
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter, QueryParameter

from registry.authority import Actor
from registry.compatibility.model import Reading
from registry.db import Reads
from registry.identity.door import COSTLY
from registry.versions import actions
from registry.versions.comparisons.given import ComparisonDraft, compare_given
from registry.versions.comparisons.shown import (
    Comparison,
    SchemaComparison,
    comparison,
    schema_comparison,
)
from registry.versions.workers.asking import workers_for, workers_where_needed
from registry.web.conditional import conditional
from registry.web.params import SlugInPath
from registry.web.requests import SCHEMAS, AnyRequest

ReadingAsked = Annotated[
    Reading,
    Parameter(
        description="`reserved`: without documents that use a name only the other version "
        "declares; `open`: all documents."
    ),
]


@dataclass(frozen=True, kw_only=True)
class VersionPair:
    """Which two versions of which service, under which reading."""

    slug: SlugInPath
    old: Annotated[
        str,
        QueryParameter(
            name="from", min_length=1, max_length=200, description="The earlier version."
        ),
    ]
    new: Annotated[
        str,
        QueryParameter(name="to", min_length=1, max_length=200, description="The later version."),
    ]
    reading: ReadingAsked = "reserved"


@get(
    "/services/{slug:str}/comparison",
    summary="What changed between two versions",
    dependencies={"pair": Provide(VersionPair, sync_to_thread=False)},
    responses={200: ResponseSpec(Comparison, description="The verdict, with its ETag.")},
)
async def get_comparison(request: AnyRequest, pair: VersionPair) -> Response[bytes]:
    """The verdict on two versions over all interfaces, with findings and witnesses.

    It is kept; a later engine may decide what was unknown. Only where it is worked out anew the
    call counts as a costly one (429).
    """
    state = request.app.state
    verdict = await actions.compare(
        state.database, workers_where_needed(request), pair.slug, (pair.old, pair.new), pair.reading
    )
    return conditional(request, comparison(pair.slug, verdict))


@post(
    "/comparisons",
    summary="Compare two schemas",
    status_code=200,
    opt={COSTLY: True, SCHEMAS: True},
)
async def compare_schemas(
    request: AnyRequest,
    actor: Actor,  # noqa: ARG001 - asked for, so that nobody is anonymous
    reads: Reads,
    data: ComparisonDraft,
) -> SchemaComparison:
    """The verdict on two schemas given in the body; nothing is stored or logged.

    They may refer to published schemas by their full address (`efa:service/1.2.0/interface`).
    """
    workers = workers_for(request)
    verdict = await compare_given(reads, workers, data, await request.body())
    return schema_comparison(verdict)
