"""Comparing a version with its neighbours in the order of numbers."""

from functools import partial

from msgspec.structs import astuple, replace

from registry import semver
from registry.catalogue import store as catalogue
from registry.compatibility.model import Formats
from registry.db import Query
from registry.versions import store
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.comparing import Comparing
from registry.versions.comparisons.contents import Content
from registry.versions.numbers.honesty import Judgement, Overridden
from registry.versions.numbers.places import judged_among


async def judge(db: Query, own: Content, comparing: Comparing, overridden: Overridden) -> Judgement:
    """Compare a version with its neighbours; where none fits there, with those above in turn."""
    unjudged = await _unjudged(db, own.service, own.version, comparing.formats)
    return await judged_among(unjudged, partial(_beside, db, own, comparing), overridden)


async def _beside(db: Query, own: Content, comparing: Comparing, judged: Judgement) -> Judgement:
    """Compared with its neighbours."""
    near = [str(one) for one in astuple(judged.neighbours) if one]
    contents = await verdict_store.contents(db, own.service, near)
    lower, higher = (contents.get(str(one)) for one in astuple(judged.neighbours))
    return replace(
        judged,
        lower=await comparing.verdict(lower, own) if lower else None,
        higher=await comparing.verdict(own, higher) if higher else None,
    )


async def is_up_to_date(db: Query, service: str, judged: Judgement) -> bool:
    """Whether the version would be compared with the same neighbours, in the same way, now."""
    formats = await catalogue.formats(db, service)
    now = await _unjudged(db, service, str(judged.number), formats)
    return (judged.neighbours, judged.formats) == (now.neighbours, now.formats)


async def _unjudged(db: Query, service: str, version: str, formats: Formats) -> Judgement:
    """What a version will be measured against."""
    number = semver.parse(version)
    taken = [semver.parse(one) for one in await store.numbers(db, service, revoked=True)]
    bases = [semver.parse(one) for one in await store.numbers(db, service, revoked=False)]
    return Judgement(
        number=number,
        formats=formats,
        taken=[one for one in taken if one != number],
        bases=[one for one in bases if one != number],
    )
