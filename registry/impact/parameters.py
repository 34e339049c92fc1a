"""Which sets of parameters a version would no longer take: asked of the worker processes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import groupby
from typing import NamedTuple, get_args
from uuid import UUID

from registry.catalogue import store as catalogue
from registry.compatibility.model import Formats
from registry.db import Query
from registry.impact import check_store as store
from registry.impact.check_store import StoredParameters
from registry.impact.checks import ParametersHit, Unfit, UnfitParameters
from registry.reuse.answers import BodyName
from registry.reuse.parameters import INTERFACE, without_secrets
from registry.reuse.readiness import Validator, declared, place_about
from registry.versions import store as versions
from registry.versions.bounds import Allowance, in_time
from registry.versions.comparisons.contents import Content
from registry.versions.documents.defects import Defect
from registry.versions.documents.validation import Outcome
from registry.versions.schemas.guard import Published
from registry.web.language import Language
from registry.web.texts import rule_text

AT_ONCE = 100

Texts = Mapping[Published, bytes]
Viewing = Callable[[], AbstractAsyncContextManager[Query]]
"""Reads as the caller may see things, for a moment: no connection waits for a comparison."""


async def parameters_hit(
    db: Query, viewing: Viewing, validator: Validator, own: Content, texts: Mapping[str, bytes]
) -> ParametersHit | None:
    """What the checked version would make of the parameters that fit the version in use.

    Nothing where neither has such an interface. What did not fit before is not its doing.
    """
    async with viewing() as view:
        withheld = not await store.sees_all_parameters(view, own.service)
        found = await store.stored_parameters(view, own.service, await store.today(view))
    formats = await catalogue.formats(db, own.service)
    sparing = _Sparing(validator, Allowance(validator), formats)
    async with in_time():
        fitting = await _fitting(db, sparing, own.service, found)
        if INTERFACE in own.interfaces:
            new = await _texts(db, own, texts)
            outcomes = await _outcomes(sparing, own.place(INTERFACE), new, fitting)
        else:
            outcomes = [_NOT_DECLARED] * len(fitting)
    hidden = withheld and await store.declare_parameters(db, own.service)
    if INTERFACE not in own.interfaces and not fitting and not hidden:
        return None
    unfit = [
        _unfit(one, outcome)
        for one, outcome in zip(fitting, outcomes, strict=True)
        if not outcome.valid
    ]
    return ParametersHit(fitting=len(fitting), unfit=len(unfit), withheld=withheld, items=unfit)


class _Sparing(NamedTuple):
    """Whatever validates, with what all its answers may take together, and if `format` counts."""

    validator: Validator
    allowance: Allowance
    formats: Formats


_NOT_DECLARED = Outcome(
    valid=False,
    defects=[
        Defect(pointer="", keyword="", schema_pointer="", rule="parameters-not-declared", facts={})
    ],
)
"""What becomes of every set where a version declares no parameters any more."""


async def _texts(db: Query, own: Content, texts: Mapping[str, bytes]) -> Texts:
    """The interface and all it refers to, in the release itself or published."""
    others = own.others(INTERFACE)
    given = {own.place(name): text for name, text in texts.items()}
    published = await versions.texts_with_references(db, [o for o in others if o not in given])
    return {place: given[place] for place in given if place in {own.place(INTERFACE), *others}} | (
        published
    )


async def _fitting(
    db: Query, sparing: _Sparing, service: str, found: Iterable[StoredParameters]
) -> list[StoredParameters]:
    """Those that fit the version in use."""
    fitting: dict[UUID, StoredParameters] = {}
    by_version = sorted(found, key=lambda one: one.version)
    for version, group in groupby(by_version, lambda one: one.version):
        some = list(group)
        asked = await declared(db, service, version)
        if asked:
            outcomes = await _outcomes(sparing, asked.place, asked.texts, some)
            pairs = zip(some, outcomes, strict=True)
            fitting |= {one.reuse_id: one for one, outcome in pairs if outcome.valid}
    return sorted(fitting.values(), key=lambda one: (one.key, one.reuse_id))


async def _outcomes(
    sparing: _Sparing, place: Published, texts: Texts, some: Sequence[StoredParameters]
) -> list[Outcome]:
    storable = without_secrets(texts) or texts
    outcomes: list[Outcome] = []
    for start in range(0, len(some), AT_ONCE):
        documents = [one.document.encode() for one in some[start : start + AT_ONCE]]
        sparing.allowance.require_left()
        outcomes += await sparing.validator.validate(place, storable, documents, sparing.formats)
    return outcomes


def _unfit(one: StoredParameters, outcome: Outcome) -> UnfitParameters:
    return UnfitParameters(
        reuse_id=one.reuse_id,
        organisation=BodyName(key=one.key, name=one.name),
        version=one.version,
        reasons=_reasons(outcome.defects),
        complete=outcome.complete,
        href=f"/v1/reuses/{one.reuse_id}",
    )


def _reasons(defects: Iterable[Defect]) -> list[Unfit]:
    """Each place with each rule once, in words."""
    told = {(place_about(defect), defect.rule): defect.facts for defect in defects}
    return [
        Unfit(
            pointer=pointer,
            rule=rule,
            message={language: rule_text(rule, language, facts) for language in get_args(Language)},
        )
        for (pointer, rule), facts in sorted(told.items(), key=lambda one: one[0])
    ]
