"""Finding out what there is to do about each of some reuses."""

import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import structlog

from registry import semver
from registry.db import Query
from registry.impact.todo import store
from registry.impact.todo.model import (
    Life,
    Move,
    ParametersToSet,
    TodoItem,
    Used,
    newest,
    newest_of_major,
    urgency,
)
from registry.reuse.readiness import Declared, Validator, declared, readiness
from registry.versions.comparisons.shown import calling
from registry.versions.comparisons.verdicts import VersionVerdict
from registry.versions.model import TooCostly
from registry.versions.workers.pool import UNANSWERED

MOST_FINDINGS = 10
_LONGEST_SECONDS = 20.0
_log: Any = structlog.get_logger()

Compare = Callable[[str, str, str], Coroutine[Any, Any, VersionVerdict]]


class Ahead(msgspec.Struct, frozen=True):
    """What lies ahead of a version: the newest, the newest that fits, and the way there."""

    newest: str | None = None
    compatible: str | None = None
    move: Move | None = None


class Finder:
    """Finds out for one page; what several reuses share is worked out once.

    It waits for workers, so it reads what is public only, a statement at a time. `documents` are
    the parameters that the caller may see, by reuse; None where nothing is set.
    """

    def __init__(
        self,
        reads: Query,
        compare: Compare,
        validator: Validator,
        today: date,
        documents: Mapping[UUID, str | None],
    ) -> None:
        self._reads = reads
        self._compare = compare
        self._validator = validator
        self._documents = documents
        self._today = today
        self._ends = time.monotonic() + _LONGEST_SECONDS
        self._ahead: dict[tuple[str, str], Ahead] = {}
        self._declared: dict[tuple[str, str], Declared | None] = {}

    async def items(self, used: Sequence[Used]) -> list[TodoItem]:
        """What there is to do about each reuse, in their order."""
        lives = await store.lives(self._reads, sorted({one.service for one in used}))
        return [await self._item(one, lives[one.service]) for one in used]

    async def _item(self, one: Used, lives: list[Life]) -> TodoItem:
        life = next((each for each in lives if each.version == one.version), None)
        ahead = await self._what_is_ahead(one.service, one.version, lives)
        parameters = await self._parameters(one)
        sunset = life.sunset if life else None
        return TodoItem(
            reuse_id=one.reuse_id,
            organisation=one.organisation,
            service=one.service,
            stage=one.stage,
            version=one.version,
            state=life.state if life else "unrecorded",
            sunset=sunset,
            days_left=(sunset - self._today).days if sunset else None,
            successor=life.successor if life else None,
            newest=ahead.newest,
            newest_compatible=ahead.compatible,
            move=ahead.move,
            contract=one.contract,
            parameters=parameters,
            urgency=urgency(
                life,
                self._today,
                newer=ahead.move is not None,
                missing=bool(one.contract or parameters),
                unrecorded=bool(lives) and one.version is None and one.stage == "live",
            ),
            href=f"/v1/reuses/{one.reuse_id}",
        )

    async def _what_is_ahead(self, service: str, version: str | None, lives: list[Life]) -> Ahead:
        top = newest(lives)
        if version is None or top is None or semver.parse(top) <= semver.parse(version):
            return Ahead(newest=top, compatible=version)
        if (service, version) not in self._ahead:
            self._ahead[service, version] = await self._way(service, version, top, lives)
        return self._ahead[service, version]

    async def _way(self, service: str, version: str, top: str, lives: list[Life]) -> Ahead:
        verdict = await self._verdict(service, version, top)
        if verdict is None:
            return Ahead(newest=top, move=untold(service, version, top))
        move = moved(service, verdict)
        if verdict.bump != "major":
            return Ahead(newest=top, compatible=top, move=move)
        near = newest_of_major(lives, version)
        if near is None or near == top:
            return Ahead(newest=top, compatible=version, move=move)
        nearer = await self._verdict(service, version, near)
        fits = nearer is not None and nearer.bump != "major"
        return Ahead(newest=top, compatible=near if fits else version, move=move)

    async def _verdict(self, service: str, old: str, new: str) -> VersionVerdict | None:
        """What changes from one version to another; None where that cannot be told now.

        Workers that are busy or fail keep back what depends on them, and nothing else.
        """
        if time.monotonic() > self._ends:
            return None
        try:
            return await self._compare(service, old, new)
        except UNANSWERED as error:
            _log.warning("move left undecided", service=service, error=type(error).__name__)
            return None

    async def _parameters(self, one: Used) -> ParametersToSet | None:
        """What is missing of the parameters, where anything is and the caller may see it."""
        if one.version is None or one.reuse_id not in self._documents:
            return None
        place = (one.service, one.version)
        if place not in self._declared:
            self._declared[place] = await declared(self._reads, *place)
        asked, document = self._declared[place], self._documents[one.reuse_id]
        if asked is None:
            return None
        text = document.encode() if document else None
        href = f"/v1/reuses/{one.reuse_id}/parameters"
        try:
            ready = await readiness(self._validator, asked, text, "de")
        except (*UNANSWERED, TooCostly) as error:
            _log.warning("parameters left unchecked", error=type(error).__name__)
            return ParametersToSet(missing=[], invalid=[], checked=False, href=href)
        if ready.ready:
            return None
        invalid = [fault.pointer for fault in ready.invalid]
        return ParametersToSet(missing=ready.missing, invalid=invalid, href=href)


def untold(service: str, old: str, new: str) -> Move:
    """A move of which nothing could be told now: for want of time, or of a worker."""
    return Move(
        version=new,
        bump=None,
        breaking=0,
        undecided=0,
        findings=[],
        comparison=f"/v1/services/{service}/comparison?from={old}&to={new}",
    )


def moved(service: str, verdict: VersionVerdict) -> Move:
    """What changes on the way, the gravest first."""
    listed = calling(verdict)
    breaking = [one for one in listed if one.severity == "breaking"]
    undecided = [one for one in listed if one.severity == "unknown"]
    return Move(
        version=verdict.new,
        bump=verdict.bump,
        breaking=len(breaking),
        undecided=len(undecided),
        findings=[*breaking, *undecided][:MOST_FINDINGS],
        comparison=f"/v1/services/{service}/comparison?from={verdict.old}&to={verdict.new}",
    )
