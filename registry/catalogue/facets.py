"""The facets of a service: every value it is found by, and when each holds; pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import zip_longest
from typing import TypeVar

import msgspec

from registry.catalogue.model import ServiceRevision
from registry.catalogue.parts import Maturity, Period, RequirementDeclaration
from registry.dates import first_day

T = TypeVar("T")


class Facet(msgspec.Struct, frozen=True):
    """One value of one facet, and when it holds; null: no limit."""

    facet: str
    value: str
    valid_from: date | None = None
    valid_to: date | None = None


def facets(revision: ServiceRevision) -> Iterator[Facet]:
    """Every facet value of a revision; a builder's value is the id of the organisation."""
    document = revision.document
    for facet in ("theme", "model", "status", "origin", "agreement_basis"):
        if value := getattr(document, facet):
            yield Facet(facet, value)
    for funding in document.funding:
        yield Facet("funding", funding.reference)
    yield Facet("without_key", str(document.without_key).lower())
    for builder in revision.builders:
        yield Facet("builder", str(builder.organisation_id))
    for key in document.procedures:
        yield Facet("procedure", key)
    for ozg_id in document.ozg_ids:
        yield Facet("ozg", ozg_id)
    yield from _dated_facets(revision)


def _dated_facets(revision: ServiceRevision) -> Iterator[Facet]:
    document = revision.document
    for account in document.accounts:
        yield _while(account, "account", account.account)
        if account.trust_level:
            yield _while(account, "trust_level", account.trust_level)
    for component in document.base_components:
        yield _while(component, "component", component.component)
        yield _while(component, "component_kind", component.kind)
    for portal in document.portals:
        yield _while(portal, "portal", portal.portal)
    for requirement in dict.fromkeys(d.requirement for d in document.minimum_requirements):
        of_one = [d for d in document.minimum_requirements if d.requirement == requirement]
        yield from _requirement_facets(of_one)
    for model_version in ("1.1", "2.0"):
        of_model = [m for m in document.maturity if m.model_version == model_version]
        yield from _maturity_facets(of_model)


def _while(period: Period, facet: str, value: str) -> Facet:
    return Facet(facet, value, _day(period.valid_from), _day(period.valid_to))


def _requirement_facets(declarations: Sequence[RequirementDeclaration]) -> Iterator[Facet]:
    """A declaration holds until the next one about the same requirement."""
    for declared, since, until in _in_turn((_day(d.declared_on), d) for d in declarations):
        if declared.fulfilled:
            yield Facet("requirement", declared.requirement, since, until)


def _maturity_facets(levels: Sequence[Maturity]) -> Iterator[Facet]:
    """A level holds until the next one of the same model begins."""
    for level, since, until in _in_turn((_day(level.valid_from), level) for level in levels):
        yield Facet("maturity", level.code, since, until)


def _in_turn(
    begun: Iterable[tuple[date | None, T]],
) -> Iterator[tuple[T, date | None, date | None]]:
    """Each until the next begins; the first without a day, of two on one day the one named last."""
    holders = dict(begun)
    starts = sorted(holders, key=lambda day: day or date.min)
    for since, until in zip_longest(starts, starts[1:]):
        yield holders[since], since, until


def _day(text: str | None) -> date | None:
    return first_day(text) if text else None
