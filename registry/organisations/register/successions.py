"""What dissolved and divided bodies gave to whom, as shares."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from registry.organisations.register.dataset import Basis, Succession, SuccessionKind
from registry.organisations.register.history import Flow, Life
from registry.organisations.register.upper import Unit

# Shares are kept to a millionth: more would be noise of rounded areas.
_DIGITS = 6


class Gift(NamedTuple):
    """What one heir received; `founded` when it came into being by it."""

    heir: UUID
    founded: bool
    population: int
    area: float


def of_municipality(
    life: Life, flows: Iterable[Flow], identify: Callable[[Life], UUID]
) -> Iterator[Succession]:
    """The successions of a municipality: parts it gave while it lived, and its end."""
    days: defaultdict[date, list[Flow]] = defaultdict(list)
    for flow in flows:
        days[flow.on].append(flow)
    for on in sorted(days):
        whole = [flow for flow in days[on] if flow.whole]
        if whole and on == life.ended:
            yield from dissolution(on, _gifts(whole, identify))
        else:
            yield from _transfers(on, days[on], identify)


def of_unit(
    unit: Unit, moves: Sequence[tuple[Unit | Life, float]], identify: Callable[[Unit | Life], UUID]
) -> Iterator[Succession]:
    """The successions of a dissolved region, district or association, by area."""
    on = unit.until
    gifts = [Gift(identify(heir), _founded(heir) == on, 0, area) for heir, area in moves]
    return dissolution(on, gifts)


def dissolution(on: date, gifts: Sequence[Gift]) -> Iterator[Succession]:
    """All of a body to its heirs: by population moved, else by area, else in equal parts."""
    weights, basis = _weights(gifts)
    for gift, weight in zip(gifts, weights, strict=True):
        kind: SuccessionKind = "merger" if gift.founded else "incorporation"
        share = round(weight / sum(weights), _DIGITS)
        yield Succession(gift.heir, on, kind if len(gifts) == 1 else "split", share, basis)


def _weights(gifts: Sequence[Gift]) -> tuple[Sequence[float], Basis]:
    if len(gifts) == 1:
        return [1.0], "all"
    if any(gift.population for gift in gifts):
        return [gift.population for gift in gifts], "population"
    if any(gift.area for gift in gifts):
        return [gift.area for gift in gifts], "area"
    return [1.0] * len(gifts), "equal"


def _gifts(flows: Iterable[Flow], identify: Callable[[Life], UUID]) -> list[Gift]:
    """One gift for each heir; the lists may name an heir twice."""
    heirs: dict[int, list[Flow]] = {}
    for flow in flows:
        heirs.setdefault(id(flow.target), []).append(flow)
    return [
        Gift(
            identify(parts[0].target),
            parts[0].target.founded == parts[0].on,
            sum(part.population or 0 for part in parts),
            sum(part.area or 0.0 for part in parts),
        )
        for parts in heirs.values()
    ]


def _transfers(
    on: date, flows: Iterable[Flow], identify: Callable[[Life], UUID]
) -> Iterator[Succession]:
    heirs: dict[int, list[Flow]] = {}
    for flow in flows:
        heirs.setdefault(id(flow.target), []).append(flow)
    for parts in heirs.values():
        known = [part.share for part in parts if part.share is not None]
        share = round(min(1.0, sum(known)), _DIGITS) if known else None
        basis: Basis | None = "area" if known else None
        yield Succession(identify(parts[0].target), on, "transfer", share, basis)


def _founded(heir: Unit | Life) -> date | None:
    return heir.founded if isinstance(heir, Life) else heir.since
