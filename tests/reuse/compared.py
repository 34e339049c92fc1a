"""What the registry answers of a service, beside what the plain model says of it."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

import httpx

from registry.reuse.model import STAGES
from tests.reuse.plain import COMPETENT, EVER, HELD, Plain, Reuse

CLOSED = ("ended", "rejected", "withdrawn")


class Compared:
    """Questions about one service for a day, as known in `known` events (None: now)."""

    # Reports over all Länder cost a hundred times what a list costs.
    KINDS: ClassVar = (
        *("list",) * 6,
        *("document",) * 3,
        *("usage",) * 3,
        *("versions",) * 2,
        "funnel",
        "timeline",
        "coverage",
        "ranking",
    )

    def __init__(self, plain: Plain, slug: str, day: date, known: int | None) -> None:
        self.plain = plain
        self.slug = slug
        self.day = day
        self.known = known
        self.size = EVER if known is None else known

    @property
    def dates(self) -> dict[str, str]:
        dates = {"as_of": self.day.isoformat()}
        return dates if self.known is None else dates | {"known_at": str(self.known)}

    def questions(self, what: str) -> Iterator[tuple[str, dict[str, str]]]:
        """Addresses with their queries; a document for each reuse."""
        of_service = {"service": self.slug, **self.dates}
        if what == "document":
            for reuse in self.plain.reuses.values():
                yield f"/v1/reuses/{reuse.id}", self.dates
        elif what == "usage":
            known = {"known_at": str(self.known)} if self.known is not None else {}
            yield "/v1/usage/months", {"service": self.slug, "limit": "200", **known}
        elif what == "list":
            yield "/v1/reuses", of_service | {"limit": "200"}
        elif what == "timeline":
            since = (self.day - timedelta(days=40)).isoformat()
            yield "/v1/reports/timeline", of_service | {"since": since}
        else:
            name = {"versions": "versions-in-use"}.get(what, what)
            yield f"/v1/reports/{name}", of_service

    def check(self, what: str, path: str, answer: httpx.Response) -> None:
        """Refuse an answer that is not the model's."""
        if what == "document":
            (reuse,) = [r for r in self.plain.reuses.values() if path.endswith(r.id)]
            self._check_document(reuse, answer)
            return
        assert answer.status_code == 200, (str(answer.url), answer.text)
        told = answer.json()
        expected = getattr(self, f"_{what}")(told)
        found = getattr(self, f"_told_{what}")(told["items"])
        assert found == expected, (str(answer.url), found, expected)

    def _check_document(self, reuse: Reuse, answer: httpx.Response) -> None:
        known = [step for step in reuse.steps if step.known < self.size and not step.private]
        assert (answer.status_code == 200) == bool(known), (str(answer.url), answer.text, known)
        if not known:
            return
        told = answer.json()
        found = {(s["id"], s["stage"], s["agreement"], bool(s["voided"])) for s in told["steps"]}
        assert found == {
            (s.id, s.stage, s.agreement, reuse.voids.get(s.id, EVER) < self.size) for s in known
        }, str(answer.url)
        step = reuse.on(self.day, self.size)
        state = told["state"] and told["state"]["stage"]
        assert state == (step.stage if step and not step.private else None), str(answer.url)

    # What the model says, and the same as the registry says it.

    def _list(self, told: dict[str, Any]) -> Counter[tuple[Any, ...]]:
        expected = Counter[tuple[Any, ...]]()
        for reuse, step, own in self.plain.on(self.day, self.size):
            first = reuse.since(self.day, self.size)
            assert first
            key = (reuse.id, reuse.body, step.stage, step.version, own, step.agreement)
            expected[(*key, first.day.isoformat())] += 1
        if self.known is None:
            assert told["total"] == expected.total()
        return expected

    def _told_list(self, items: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
        return Counter(
            (
                item["id"],
                item["organisation"]["key"],
                item["stage"],
                item["version"],
                item["own_use"],
                item["agreement"],
                item["since"]["date"],
            )
            for item in items
        )

    def _coverage(self, _: Any) -> dict[str, tuple[Any, ...]]:
        expected: dict[str, tuple[Any, ...]] = {}
        on = [*self.plain.on(self.day, self.size)]
        for land in (f"{number:02}" for number in range(1, 17)):
            here = [(r, s, own) for r, s, own in on if r.body.startswith(land)]
            others = Counter(s.stage for _, s, own in here if not own)
            live = [(r.body, own) for r, s, own in here if s.stage == "live"]
            bodies = [body for body in COMPETENT if body.startswith(land)]
            covered = Counter(self.plain.competent_stage(b, self.day, self.size) for b in bodies)
            ruled = (len(bodies), covered["live"], covered["pilot"]) if bodies else (None,) * 3
            expected[land] = (
                others["live"],
                others["pilot"],
                others["contracted"] + others["connecting"],
                others["suspended"],
                sum(own for _, own in live),
                bool(live),
                land in [body for body, _ in live],
                *ruled,
            )
        return expected

    def _told_coverage(self, items: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
        names = (
            "live", "pilot", "contracted", "suspended", "own_use", "at_least_one",
            "land_takes_part", "competent", "competent_covered", "competent_in_pilot",
        )  # fmt: skip
        return {item["state"]: tuple(item[name] for name in names) for item in items}

    def _ranking(self, _: Any) -> dict[str, tuple[int, int | None]]:
        on = [*self.plain.on(self.day, self.size)]
        live = {reuse.body[:2] for reuse, step, _ in on if step.stage == "live"}
        expected: dict[str, tuple[int, int | None]] = {}
        for land in (f"{number:02}" for number in range(1, 17)):
            bodies = [body for body in COMPETENT if body.startswith(land)]
            stages = {self.plain.competent_stage(b, self.day, self.size) for b in bodies}
            expected[land] = (int(land in live), int(stages == {"live"}) if bodies else None)
        return expected

    def _told_ranking(self, items: list[dict[str, Any]]) -> dict[str, tuple[int, int | None]]:
        return {item["state"]: (item["at_least_locally"], item["everywhere"]) for item in items}

    def _versions(self, _: Any) -> dict[str | None, tuple[int, int]]:
        expected: dict[str | None, tuple[int, int]] = {}
        for _, step, own in self.plain.on(self.day, self.size):
            if step.stage in HELD:
                others, owned = expected.get(step.version, (0, 0))
                expected[step.version] = (others + (not own), owned + own)
        return expected

    def _told_versions(self, items: list[dict[str, Any]]) -> dict[str | None, tuple[int, int]]:
        return {item["version"]: (item["reuses"], item["own_use"]) for item in items}

    def _funnel(self, _: Any) -> dict[str, tuple[Any, ...]]:
        every = self.plain.stays(self.day, self.size)
        expected: dict[str, tuple[Any, ...]] = {}
        for stage in STAGES:
            reached = there = on = dead = 0
            dwelt: list[int] = []
            for stays in every.values():
                ever_live = any(name in ("live", "suspended") for name, _, _ in stays)
                reached += any(name == stage for name, _, _ in stays)
                for (name, since, dated), after in zip(stays, [*stays[1:], None], strict=True):
                    if name == stage and after is None:
                        there += 1
                    elif name == stage and after:
                        on += 1
                        dead += after[0] in CLOSED and not ever_live
                        dwelt += [(after[1] - since).days] if dated else []
            median = sorted(dwelt)[(len(dwelt) - 1) // 2] if dwelt else None
            expected[stage] = (reached, there, on, dead, median)
        return expected

    def _told_funnel(self, items: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
        names = ("reached", "still_there", "went_on", "dead_ends", "median_days")
        return {item["stage"]: tuple(item[name] for name in names) for item in items}

    def _timeline(self, told: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
        expected: dict[str, tuple[int, int, int]] = {}
        for item in told["items"]:
            on = [*self.plain.on(date.fromisoformat(item["day"]), self.size)]
            using = [r.body for r, s, own in on if s.stage in ("pilot", "live") and not own]
            paused = sum(s.stage == "suspended" and not own for _, s, own in on)
            expected[item["day"]] = (len(using), len({body[:2] for body in using}), paused)
        return expected

    def _told_timeline(self, items: list[dict[str, Any]]) -> dict[str, tuple[int, int, int]]:
        return {item["day"]: (item["bodies"], item["states"], item["suspended"]) for item in items}

    def _usage(self, _: Any) -> dict[tuple[str, str], tuple[int, int | None, int | None]]:
        return self.plain.usage(self.size)

    def _told_usage(
        self, items: list[dict[str, Any]]
    ) -> dict[tuple[str, str], tuple[int, int | None, int | None]]:
        return {
            (item["state"], item["month"]): (item["figures"], item["started"], item["completed"])
            for item in items
        }
