"""Questions to a data set that the tests of the derivation ask."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from uuid import UUID

from registry.organisations.register import Body, DataSet, State


def holds(day: date, since: date | None, until: date | None) -> bool:
    return (since is None or since <= day) and (until is None or day < until)


def state_on(body: Body, day: date) -> State | None:
    return next((state for state in body.states if holds(day, state.since, state.until)), None)


def states_on(data_set: DataSet, day: date) -> Iterator[tuple[Body, State]]:
    for body in data_set.bodies:
        state = state_on(body, day)
        if state is not None:
            yield body, state


def count(data_set: DataSet, day: date) -> Counter[str]:
    """How many bodies hold each level on a day."""
    return Counter(level for _, state in states_on(data_set, day) for level in state.levels)


def body_by_key(data_set: DataSet, key: str, day: date) -> Body:
    """The one body that held a regional key or an AGS on a day."""
    (found,) = {
        body.id: body
        for body in data_set.bodies
        if any(k.key == key and holds(day, k.since, k.until) for k in body.keys)
        or any(s.ags == key and holds(day, s.since, s.until) for s in body.states)
    }.values()
    return found


def by_ags(data_set: DataSet) -> dict[str, list[tuple[Body, State]]]:
    """All bodies that ever held an AGS, with the state in which they did."""
    found: defaultdict[str, list[tuple[Body, State]]] = defaultdict(list)
    for body in data_set.bodies:
        for state in body.states:
            if state.ags:
                found[state.ags].append((body, state))
    return found


class Heirs:
    """Follows bodies through all their successions to the bodies of a day, by their AGS."""

    def __init__(self, data_set: DataSet, day: date) -> None:
        self._bodies: dict[UUID, Body] = {body.id: body for body in data_set.bodies}
        self._day = day

    def of(self, body: Body) -> dict[str, float]:
        shares: defaultdict[str, float] = defaultdict(float)
        self._follow(body, 1.0, shares)
        return dict(shares)

    def _follow(self, body: Body, share: float, shares: defaultdict[str, float]) -> None:
        state = state_on(body, self._day)
        if state is not None and state.ags is not None:
            shares[state.ags] += share
            return
        for gone in body.successions:
            if gone.kind != "transfer" and gone.share is not None:
                self._follow(self._bodies[gone.heir], share * gone.share, shares)
