"""The ledger as a plain model: lists of what was said, looked through from the beginning each time.

Nothing here is clever: a day is looked at by itself, and what is known is what was said before.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from registry.reuse.model import COVERED_STAGES, FIRST_STAGES, PRIVATE_STAGES, TRANSITIONS, Stage

EVER = 1 << 60
HELD: tuple[Stage, ...] = ("agreed", "contracted", "connecting", "pilot", "live", "suspended")
# Who is competent, and the key of its territory that is the longest.
COMPETENT = {
    "05315": "053150000000",
    "05111": "051110000000",
    "06412": "064120000000",
    "09162": "091620000000",
}


@dataclass
class Step:
    """A step, and how many events the log had before it."""

    id: str
    known: int
    ordinal: int
    stage: Stage
    day: date
    basis: str
    version: str | None
    reported: bool
    agreement: str | None
    private: bool = field(init=False)

    def __post_init__(self) -> None:
        self.private = self.stage in PRIVATE_STAGES

    @property
    def place(self) -> tuple[date, int]:
        return (self.day, self.ordinal)


@dataclass
class Reuse:
    """What was said of one body: steps, and which were taken out when."""

    id: str
    body: str
    steps: list[Step] = field(default_factory=list[Step])
    voids: dict[str, int] = field(default_factory=dict[str, int])

    def standing(self, size: int) -> list[Step]:
        """The steps that hold as known in `size` events, in valid time."""
        known = [step for step in self.steps if step.known < size]
        left = [step for step in known if self.voids.get(step.id, EVER) >= size]
        return sorted(left, key=lambda step: step.place)

    def on(self, day: date, size: int) -> Step | None:
        """The step that holds on a day."""
        begun = [step for step in self.standing(size) if step.day <= day]
        return begun[-1] if begun else None

    def since(self, day: date, size: int) -> Step | None:
        """The step with which the stage of a day began."""
        begun = [step for step in self.standing(size) if step.day <= day]
        last = {step.day: step for step in begun}
        first = None
        for step in last.values():
            if first is None or step.stage != first.stage:
                first = step
        return first


@dataclass
class Joined:
    """That a body joined an agreement, as told with one event; the last one told holds."""

    known: int
    agreement: str
    body: str
    begins: date
    ends: date | None


@dataclass
class Count:
    """A figure of usage as told with one event."""

    known: int
    body: str
    month: str
    started: int | None
    completed: int | None


@dataclass
class Plain:
    """Everything that was said of one service."""

    reuses: dict[str, Reuse] = field(default_factory=dict[str, Reuse])
    builders: list[tuple[int, date, str]] = field(default_factory=list[tuple[int, date, str]])
    joined: list[Joined] = field(default_factory=list[Joined])
    counts: list[Count] = field(default_factory=list[Count])

    def builder(self, day: date, size: int) -> str | None:
        """Who builds the service on a day; the first builder did so before as well."""
        known = [(since, event, body) for event, since, body in self.builders if event < size]
        begun = [one for one in known if one[0] <= day]
        if begun:
            return max(begun)[2]
        first = min((one[0] for one in known), default=None)
        return max(one for one in known if one[0] == first)[2] if known else None

    def own(self, body: str, day: date, size: int) -> bool:
        """Whether use by a body is its builder's own, or in the builder's Land."""
        builder = self.builder(day, size)
        return builder is not None and (body == builder or body[:2] == builder[:2])

    def on(self, day: date, size: int) -> Iterator[tuple[Reuse, Step, bool]]:
        """Every reuse with what holds on a day and may be seen by all; and whether it is own."""
        for reuse in self.reuses.values():
            step = reuse.on(day, size)
            if step and not step.private:
                yield reuse, step, self.own(reuse.body, day, size)

    def bound(self, agreement: str, body: str, day: date) -> bool:
        """Whether a body, or who stands above it, has joined an agreement, by all that is known."""
        last = {(one.agreement, one.body): one for one in self.joined}
        return any(
            one.agreement == agreement
            and body.startswith(one.body)
            and one.begins <= day
            and (one.ends is None or day < one.ends)
            for one in last.values()
        )

    def needs_cover(self, body: str, stage: Stage, day: date, reported: bool) -> bool:
        return stage in COVERED_STAGES and not reported and not self.own(body, day, EVER)

    def covered(self, body: str, day: date) -> bool:
        return self.bound("vertrag", body, day) and self.bound("rahmen", body, day)

    def competent_stage(self, body: str, day: date, size: int) -> str | None:
        """The stage of a competent body: its own reuse's, or that of the narrowest area around."""
        found: list[tuple[int, str]] = []
        for reuse, step, _ in self.on(day, size):
            if step.stage not in ("pilot", "live", "suspended"):
                continue
            if reuse.body == body:
                found.append((13, step.stage))
            elif COMPETENT[body].startswith(reuse.body) and (
                len(reuse.body) > 2 or not step.reported
            ):
                found.append((len(reuse.body), step.stage))
        return max(found)[1] if found else None

    def stays(self, day: date, size: int) -> dict[str, list[tuple[Stage, date, bool]]]:
        """By reuse its public stages up to a day, own use left out: which, since when, if dated."""
        found: dict[str, list[tuple[Stage, date, bool]]] = {}
        for body, reuse in self.reuses.items():
            stays: list[tuple[Stage, date, bool]] = []
            for one in _days(min((s.day for s in reuse.standing(size)), default=day), day):
                step, first = reuse.on(one, size), reuse.since(one, size)
                if step is None or first is None or step.private or self.own(body, one, size):
                    continue
                stay = (step.stage, first.day, first.basis != "recorded")
                if stay not in stays:
                    stays.append(stay)
            if stays:
                found[body] = sorted(stays, key=lambda stay: stay[1])
        return found

    def usage(self, size: int) -> dict[tuple[str, str], tuple[int, int | None, int | None]]:
        """By Land and month: over how many figures, and the sums of what they tell."""
        last = {(one.body, one.month): one for one in self.counts if one.known < size}
        found: dict[tuple[str, str], tuple[int, int | None, int | None]] = {}
        for (body, month), one in last.items():
            if one.started is None and one.completed is None:
                continue
            figures, started, completed = found.get((body[:2], month), (0, None, None))
            found[body[:2], month] = (
                figures + 1,
                _plus(started, one.started),
                _plus(completed, one.completed),
            )
        return found


def fits(standing: Iterable[Step], stage: Stage, basis: str, place: tuple[date, int]) -> bool:
    """Whether a stage may stand at a place among steps in valid time."""
    before = [step for step in standing if step.place < place]
    after = [step for step in standing if step.place > place]
    if not may_follow(stage, basis, before[-1] if before else None):
        return False
    return not after or after[0].stage == stage or after[0].stage in TRANSITIONS[stage]


def may_follow(stage: Stage, basis: str, before: Step | None) -> bool:
    if before is None:
        return stage in FIRST_STAGES or basis != "since"
    return stage == before.stage or stage in TRANSITIONS[before.stage]


def _plus(one: int | None, other: int | None) -> int | None:
    return other if one is None else one if other is None else one + other


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
