"""From words and facets as they are asked for to the filter of the list of services."""

from collections.abc import Mapping

from registry.audit import Moment
from registry.db import Query
from registry.organisations import store as organisations
from registry.organisations.names import search_query, search_text
from registry.reports.store.service_list import ServiceFilter


async def service_filter(
    db: Query, at: Moment, words: str | None, wanted: Mapping[str, str], *, demo: bool
) -> ServiceFilter:
    """The filter for these words and one value of each facet; refuses what nobody recorded."""
    return ServiceFilter(
        words=words,
        prefixes=None if words is None else await _prefixes(db, words, at),
        parts=_parts(words or ""),
        wanted=dict(wanted) | await _found(db, at, wanted),
        day=at.day,
        log_size=at.size,
        demo=demo,
    )


async def _found(db: Query, at: Moment, wanted: Mapping[str, str]) -> dict[str, str]:
    """A builder by the id of the organisation, a territory by its shortest key."""
    builder, area = wanted.get("builder"), wanted.get("reused_within")
    found: dict[str, str] = {}
    if builder:
        body = await organisations.resolve_id(db, builder, at.day, at.size, "builder")
        found["builder"] = str(body)
    if area:
        within = await organisations.territory(db, area, at.size, "reused_within")
        found["reused_within"] = within or ""
    return found


async def _prefixes(db: Query, words: str, at: Moment) -> str:
    """A prefix query of the words; a key that leads to a body also finds it as a builder."""
    query = search_query(words) or ""
    if not words.isdecimal():
        return query
    found = await organisations.find(db, [words], at.day, at.size)
    return f"{query} | {search_query(found[words].key)}" if words in found else query


def _parts(words: str) -> list[str]:
    """The words folded, to be found inside others; too little to say anything finds nothing."""
    folded = search_text(words)
    return folded.split() if len(folded) >= 3 else []
