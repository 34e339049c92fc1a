"""Organisations over HTTP."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import Provide
from litestar.openapi import ResponseSpec
from litestar.params import Parameter

from registry.audit import Moment, moment
from registry.db import Query, Reads
from registry.organisations.model import (
    Filters,
    Level,
    Organisation,
    OrganisationDetail,
    OrganisationList,
    UnknownOrganisation,
    forms_of,
)
from registry.organisations.names import search_query, sort_key
from registry.organisations.store import territory
from registry.organisations.store.detail import details
from registry.organisations.store.listing import matches
from registry.web.conditional import conditional
from registry.web.paging import page, paged, place_behind
from registry.web.params import AsOf, Cursor, KnownAt, Limit, Search
from registry.web.requests import AnyRequest

KeyInPath = Annotated[
    str,
    Parameter(
        max_length=80,
        description="Regional key of 2, 3, 5, 9 or 12 digits, filled with zeros or not; AGS of 8 "
        "digits; or slug.",
    ),
]
OfLevel = Annotated[Level | None, Parameter(description="Only bodies that hold this level.")]
Within = Annotated[
    str | None,
    Parameter(max_length=12, description="Only bodies within the territory of this regional key."),
]


# A query that nothing matches.
NO_WORD = ""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to list."""

    q: Search = None
    level: OfLevel = None
    within: Within = None
    as_of: AsOf = None
    known_at: KnownAt = None
    demo: Annotated[
        bool, Parameter(description="Also the bodies of the fictitious Land with key 99.")
    ] = False

    async def filters(self, db: Query, at: Moment) -> Filters:
        """The filters; a `q` of digits is how a key begins."""
        area = await territory(db, self.within, at.size)
        digits = self.q if self.q is not None and self.q.isdecimal() else None
        words = None if self.q is None or digits else search_query(self.q) or NO_WORD
        if area and digits and not (area.startswith(digits) or digits.startswith(area)):
            words = NO_WORD
        prefix = max(area or "", digits or "", key=len) or None
        return Filters(
            as_of=self.as_of,
            level=self.level,
            words=words,
            prefix=prefix,
            demo=self.demo,
            size=at.size,
            today=at.day,
        )


@get(
    "/organisations",
    summary="Public bodies",
    dependencies={"wanted": Provide(Wanted, sync_to_thread=False)},
)
async def list_organisations(
    request: AnyRequest,
    reads: Reads,
    wanted: Wanted,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[OrganisationList]:
    """Bodies by name. Without `as_of` those of the day the official directory is complete for."""
    key = place_behind(request, cursor)
    after = (key[0], UUID(key[1])) if key else None
    at = await moment(reads, wanted.as_of, wanted.known_at)
    found = await matches(reads, await wanted.filters(reads, at), after, limit + 1)
    shown = page(request, found.items, found.total, limit, _place)
    body = OrganisationList(
        items=tuple(shown.items),
        total=found.total,
        next=shown.next,
        as_of=found.as_of,
        known_at=at.known,
    )
    return paged(body)


@get(
    "/organisations/{key:str}",
    summary="A public body",
    responses={200: ResponseSpec(OrganisationDetail, description="The body, with its ETag.")},
)
async def get_organisation(
    request: AnyRequest,
    reads: Reads,
    key: KeyInPath,
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response[bytes]:
    """A body by any of its keys. One that ended is shown as it last was, with its heirs."""
    forms_of(key)
    if as_of is None and known_at is None:
        found = await reads.coalesced(details).get(key)
    else:
        at = await moment(reads, as_of, known_at)
        found = (await details(reads, [key], at)).get(key)
    if found is None:
        raise UnknownOrganisation(key=key)
    return conditional(request, found)


def router() -> Router:
    """The routes of this room, below /v1."""
    handlers = [list_organisations, get_organisation]
    return Router("/", route_handlers=handlers, tags=["organisations"])


def _place(organisation: Organisation) -> tuple[str, str]:
    return sort_key(organisation.name), str(organisation.id)
