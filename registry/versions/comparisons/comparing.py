"""Comparing versions: what was worked out before is looked up, the rest asked of the workers."""

from collections.abc import Mapping
from typing import Protocol

from registry.compatibility.compare import ENGINE
from registry.compatibility.model import Formats, Reading, Verdict
from registry.db import Query
from registry.dialects.documents import address
from registry.versions.bounds import Allowance, in_time
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.contents import Content
from registry.versions.comparisons.verdicts import (
    InterfaceSide,
    InterfaceVerdict,
    Question,
    SchemaText,
    VersionVerdict,
    change_of,
    ran_out,
    undecided,
)
from registry.versions.schemas.guard import Examined, Published


class Checker(Protocol):
    """Whatever examines and compares foreign schemas without harm: the worker processes.

    `spent` are the seconds of a processor that all its answers took.
    """

    spent: float

    async def examine(
        self,
        service: str,
        version: str,
        schemas: Mapping[str, bytes],
        published: Mapping[Published, bytes] | None,
    ) -> Examined: ...

    async def compare(self, old: SchemaText, new: SchemaText, asked: Question) -> Verdict: ...


class Comparing:
    """All comparisons one call asks for, under one reading.

    Together they may take so much of a processor; what is left when that is spent is undecided.
    `given` are texts that are not stored, by SHA-256 (hex); `fresh` becomes what was worked out
    anew. What once ran out of time is tried again, within what one call may take, where `again`
    says so: for who checks or publishes, not for each reader.
    """

    def __init__(
        self,
        db: Query,
        checker: Checker,
        *,
        formats: Formats,
        reading: Reading = "reserved",
        given: Mapping[str, bytes] | None = None,
        again: bool = False,
    ) -> None:
        self._db = db
        self._checker = checker
        self._given = given or {}
        self._again = again
        self._allowance = Allowance(checker)
        self.reading: Reading = reading
        self.formats: Formats = formats
        self.fresh: dict[Question, Verdict] = {}

    async def verdict(self, old: Content, new: Content) -> VersionVerdict:
        """The verdict on two versions."""
        names = sorted(old.interfaces.keys() | new.interfaces.keys())
        sides = {name: (_side(old, name), _side(new, name)) for name in names}
        questions = {name: asked for name in names if (asked := self._question(*sides[name]))}
        known = await verdict_store.worked_out(self._db, questions.values(), ENGINE)
        answers = await self.answers(old, new, questions, known)
        return VersionVerdict(
            old=old.version,
            new=new.version,
            reading=self.reading,
            formats=self.formats,
            engine=ENGINE,
            interfaces=[
                InterfaceVerdict(
                    name=name,
                    change=change_of(*sides[name]),
                    old=sides[name][0],
                    new=sides[name][1],
                    verdict=answers.get(name),
                )
                for name in names
            ],
        )

    def _question(self, old: InterfaceSide | None, new: InterfaceSide | None) -> Question | None:
        if old is None or new is None or change_of(old, new) != "compared":
            return None
        return Question(
            old=old.identity,
            new=new.identity,
            direction=new.direction,
            reading=self.reading,
            formats=self.formats,
        )

    async def answers(
        self,
        old: Content,
        new: Content,
        questions: Mapping[str, Question],
        known: Mapping[Question, Verdict],
    ) -> dict[str, Verdict]:
        """The verdicts on interfaces that both versions have; `known` is what was kept of them."""
        async with in_time():
            return {
                name: await self._answer(name, old, new, asked, known.get(asked))
                for name, asked in questions.items()
            }

    async def _answer(
        self, name: str, old: Content, new: Content, asked: Question, known: Verdict | None
    ) -> Verdict:
        found = self.fresh.get(asked) or known
        if found and not (self._again and found is known and ran_out(found)):
            return found
        if self._allowance.is_spent:
            return undecided(asked)
        before, after = await self._texts(old, name), await self._texts(new, name)
        self.fresh[asked] = await self._checker.compare(before, after, asked)
        return self.fresh[asked]

    async def _texts(self, content: Content, name: str) -> SchemaText:
        own, others = content.place(name), content.others(name)
        hashes = {content.parts[place].sha256 for place in (own, *others)}
        stored = await verdict_store.texts(self._db, hashes - self._given.keys())
        texts = {**self._given, **stored}
        return SchemaText(
            address=address(*own),
            text=texts[content.parts[own].sha256],
            others=[(address(*place), texts[content.parts[place].sha256]) for place in others],
        )


def _side(content: Content, name: str) -> InterfaceSide | None:
    part = content.interfaces.get(name)
    return part and InterfaceSide(direction=part.direction, identity=content.identity(name))
