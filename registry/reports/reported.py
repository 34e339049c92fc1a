"""Reported figures beside computed ones, pure: what of the ledger says the same, if anything."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from registry.reports.answers import ReportedBeside, StatedFigure
from registry.reports.coverage import StateCoverage, StateRank

Rows = Sequence[StateCoverage]


def _used_somewhere(row: StateCoverage) -> bool:
    return bool(row.at_least_one or row.pilot)


def _states(rows: Rows) -> int:
    return sum(map(_used_somewhere, rows))


def _bodies(rows: Rows) -> int:
    """Bodies in operation below the Land, the builder's own Land among them."""
    return sum(row.live + row.own_use - row.land_takes_part for row in rows)


def _competent(rows: Rows) -> int | None:
    known = [row.competent for row in rows if row.competent is not None and _used_somewhere(row)]
    return sum(known) if known else None


_COMPUTED: Mapping[str, Callable[[Rows], int | None]] = {
    "laender": _states,
    "authorities": _bodies,
    "authorities_connected": _bodies,
    "authorities_in_production": _bodies,
    "municipalities_connected": _bodies,
    "registration_authorities_connected": _bodies,
    "authorities_total_in_these_laender": _competent,
}


def compared(figures: Iterable[StatedFigure], rows: Rows) -> list[ReportedBeside]:
    """Figures of a service beside its coverage; one of a Land beside that Land's."""
    return [_beside(figure, _counted(figure, rows)) for figure in figures]


def _counted(figure: StatedFigure, rows: Rows) -> int | None:
    key = figure.key or ""
    there = [row for row in rows if row.state == key] if key.isdecimal() else rows
    count = _COMPUTED.get(figure.measure)
    return count(there) if count and there else None


_RANKED: Mapping[str, Callable[[StateRank], int]] = {
    "services_at_least_locally_available": lambda row: row.at_least_locally,
    "rank_at_least_locally_available": lambda row: row.rank_at_least_locally,
}


def ranked(figures: Iterable[StatedFigure], rows: Sequence[StateRank]) -> list[ReportedBeside]:
    """What sources state of the ranks of the Länder shown."""
    by_state = {row.state: row for row in rows}
    return [
        _beside(figure, _RANKED[figure.measure](by_state[figure.key or ""]))
        for figure in figures
        if figure.key in by_state and figure.measure in _RANKED
    ]


def _beside(figure: StatedFigure, computed: int | None) -> ReportedBeside:
    both = figure.reported is not None and computed is not None
    return ReportedBeside(
        **msgspec.structs.asdict(figure),
        computed=computed,
        difference=str(Decimal(figure.reported or 0) - (computed or 0)) if both else None,
    )
