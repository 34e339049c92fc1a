"""`efa check --against` a folder of versions: what a registry that has them would answer.

The number is judged by the rules of `registry.versions.numbers`; only the comparing is done here.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePosixPath

from msgspec.structs import astuple, replace

from registry import semver
from registry.cli.checking import offline
from registry.cli.checking.against import Base, History
from registry.cli.checking.compared import Apart
from registry.cli.checking.inputs import Given
from registry.cli.checking.judgement import objection
from registry.cli.checking.model import InterfaceReport, Objection
from registry.cli.checking.remote import UNFIT_FOR_NEXT, Told, unknown
from registry.compatibility.compare import ENGINE
from registry.compatibility.model import Verdict
from registry.errors import Refusal
from registry.semver import SemVer
from registry.versions.comparisons.verdicts import (
    InterfaceSide,
    InterfaceVerdict,
    VersionVerdict,
    change_of,
)
from registry.versions.model import LateNumber, VersionImmutable, require_new_number
from registry.versions.numbers import honesty
from registry.versions.numbers.honesty import DishonestNumber, Judgement
from registry.versions.numbers.places import judged_among, unproposed

_Pair = tuple[str, str]
_Identity = dict[str, tuple[str, str]]


def told(
    history: History,
    number: str | None,
    new: Sequence[Given],
    how: offline.How,
    apart: Apart,
    today: date,
) -> tuple[Told, str]:
    """What publishing would meet among these versions, and the place compared with."""
    if number:
        try:
            _require_free(history, number, new)
        except (LateNumber, VersionImmutable) as refused:
            return Told(unknown(new), None, objections=[_refusal(refused)]), history.place
    own = semver.parse(number) if number else unproposed(history.numbers)
    among = _Among(history, Base("", str(own), new), how, apart)
    judged = apart.run(judged_among(among.unjudged(own), among.beside, ()))
    refused = _dishonest(judged) if number and history.enforces(today) else None
    least = honesty.least_allowed(judged, ())
    verdict = judged.higher if refused and refused.code == UNFIT_FOR_NEXT else judged.lower
    lower = judged.lower.old if judged.lower and verdict is judged.lower else None
    found = Told(
        interfaces=among.reports(verdict) if verdict else unknown(new),
        base=lower,
        engine=ENGINE,
        required=str(least) if least else None,
        objections=[_refusal(refused)] if refused else [],
    )
    return found, among.place(verdict)


def _require_free(history: History, number: str, new: Sequence[Given]) -> None:
    """Refuse a number that is taken by another version, or comes too late for its release."""
    own = semver.parse(number)
    if own not in history.numbers:
        require_new_number(number, [str(one) for one in history.numbers])
    elif _identity(history.version(own).interfaces) != _identity(new):
        raise VersionImmutable(service=_service(history), version=number)


def _identity(interfaces: Sequence[Given]) -> _Identity:
    """By interface its direction and the SHA-256 (hex) of its schema: what makes it itself."""
    return {each.name: (each.direction, _sha256(each)) for each in interfaces}


def _sha256(given: Given) -> str:
    return hashlib.sha256(given.source.text.encode()).hexdigest()


def _service(history: History) -> str:
    """What the service is called, as far as its folder says so."""
    place = PurePosixPath(history.place)
    return place.parent.name if place.name == "versions" else place.name


def _dishonest(judged: Judgement) -> DishonestNumber | None:
    try:
        honesty.require_honest(judged, ())
    except DishonestNumber as refused:
        return refused
    return None


def _refusal(refused: Refusal) -> Objection:
    facts = {name: fact for name, fact in refused.facts.items() if isinstance(fact, str)}
    return objection(refused.code, **facts)


class _Among:
    """What is given, compared with the versions of a folder; each is read and compared once."""

    def __init__(self, history: History, own: Base, how: offline.How, apart: Apart) -> None:
        self._history = history
        self._own = own
        self._how = how
        self._apart = apart
        self._read: dict[SemVer, Base] = {}
        self._found: dict[_Pair, Mapping[str, Verdict]] = {}

    def unjudged(self, number: SemVer) -> Judgement:
        """What a number will be measured against."""
        others = [one for one in self._history.numbers if one != number]
        return Judgement(number=number, formats=self._how.formats, taken=others, bases=others)

    async def beside(self, judged: Judgement) -> Judgement:
        """Compared with its neighbours."""
        lower, higher = (one and self._version(one) for one in astuple(judged.neighbours))
        return replace(
            judged,
            lower=await self._compared(lower, self._own) if lower else None,
            higher=await self._compared(self._own, higher) if higher else None,
        )

    def reports(self, verdict: VersionVerdict) -> list[InterfaceReport]:
        """What became of each interface, for people."""
        old, new = self._sides(verdict)
        found = self._found[verdict.old, verdict.new]
        return offline.reports(old.interfaces, new.interfaces, found.values())

    def place(self, verdict: VersionVerdict | None) -> str:
        """The folder of the version that a verdict compares with."""
        sides = self._sides(verdict) if verdict else ()
        return next((each.shown for each in sides if each.shown), self._history.place)

    def _sides(self, verdict: VersionVerdict) -> tuple[Base, Base]:
        return self._side(verdict.old), self._side(verdict.new)

    def _side(self, number: str) -> Base:
        return self._own if number == self._own.number else self._version(semver.parse(number))

    def _version(self, number: SemVer) -> Base:
        if number not in self._read:
            self._read[number] = self._history.version(number)
        return self._read[number]

    async def _compared(self, old: Base, new: Base) -> VersionVerdict:
        pair = str(old.number), str(new.number)
        if pair not in self._found:
            asked = offline.questions(old.interfaces, new.interfaces, self._how)
            self._found[pair] = {
                name: await self._apart.verdict(one) for name, one in asked.items()
            }
        return VersionVerdict(
            old=pair[0],
            new=pair[1],
            reading=self._how.reading,
            formats=self._how.formats,
            engine=ENGINE,
            interfaces=_interfaces(old.interfaces, new.interfaces, self._found[pair]),
        )


def _interfaces(
    old: Sequence[Given], new: Sequence[Given], found: Mapping[str, Verdict]
) -> list[InterfaceVerdict]:
    before, after = ({each.name: each for each in side} for side in (old, new))
    return [
        _interface(name, before.get(name), after.get(name), found.get(name))
        for name in sorted(before.keys() | after.keys())
    ]


def _interface(
    name: str, old: Given | None, new: Given | None, found: Verdict | None
) -> InterfaceVerdict:
    """What became of one; a direction that was not said is taken to be what it is now."""
    turned = old is not None and new is not None and offline.is_turned(old, new)
    direction = old and (old.stated or (new or old).direction)
    before = old and direction and InterfaceSide(direction=direction, identity=_sha256(old))
    after = new and InterfaceSide(direction=new.direction, identity=_sha256(new))
    return InterfaceVerdict(
        name=name,
        change="compared" if found and not turned else change_of(before, after),
        old=before,
        new=after,
        verdict=None if turned else found,
    )
