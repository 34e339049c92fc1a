"""Bodies without territory: federal bodies, providers, the operator of this registry."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from registry.organisations.model import organisation_id
from registry.organisations.register.dataset import Body, State
from registry.organisations.register.sources import Row, Sources


def unplaced_bodies(sources: Sources) -> Iterator[Body]:
    """One body for each slug; each of its rows is a state."""
    for slug, rows in groupby(sources.rows("bodies"), key=lambda row: row["slug"]):
        yield Body(organisation_id(slug), slug, (), tuple(_state(row) for row in rows))


def _state(row: Row) -> State:
    return State(
        _day(row["valid_from"]),
        _day(row["valid_to"]),
        row["name"],
        row["kind"],
        legal_form=row["legal_form"] or None,
        also_known_as=row["also_known_as"],
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
