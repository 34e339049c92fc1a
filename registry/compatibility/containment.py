"""Whether every document valid under one schema is valid under another.

Our own search gives the witness; what it proves is put to a second engine, which decides where the
search cannot. A document is a witness only when no validator that can be asked says otherwise; one
that only the first can be asked about says so. What they disagree on stays unknown.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from registry.compatibility import canonical
from registry.compatibility.judges import Judge
from registry.compatibility.model import (
    Answer,
    Budget,
    Containment,
    Formats,
    Reading,
    Schema,
    Side,
    Witness,
    schema_of,
)
from registry.compatibility.plain import Plain, plain
from registry.compatibility.reserved import States, hides, reserve
from registry.compatibility.solver import Empty, Found, Outcome, Questions, Undecided, find
from registry.compatibility.texts import count, digest, text_of
from registry.dialects.strict_json import Json

UNFIT = (RecursionError, ValueError, TypeError, ArithmeticError, LookupError, AttributeError)
"""What schemas lead to that are no JSON, or nested without end: values Python alone can hold."""

HIDDEN = "a name only one side declares is required by the other"
_ATTEMPTS = 3
_LARGE = 3_000
_HUGE = 200_000
OTHER: dict[Side, Side] = {"old": "new", "new": "old"}


class SchemaPair:
    """Two schemas: as published, in the plain form, and rewritten for the reading."""

    def __init__(self, old: Schema, new: Schema, reading: Reading, formats: Formats) -> None:
        self.reading: Reading = reading
        self._formats: Formats = formats
        self.plain: dict[Side, Plain] = {
            "old": plain(old, formats=formats),
            "new": plain(new, formats=formats),
        }
        self.questions = Questions()
        self.states = States(self.questions.graph)
        self.read = self.plain
        if reading == "reserved":
            read = reserve(self.plain["old"], self.plain["new"], self.states)
            self.read: dict[Side, Plain] = {"old": read[0], "new": read[1]}
        self._published: dict[Side, Judge] = {
            "old": Judge(old, formats=formats, form=self.plain["old"]),
            "new": Judge(new, formats=formats, form=self.plain["new"]),
        }

    def find(self, valid: Json, invalid: Sequence[Json], budget: Budget) -> Outcome:
        """A document that fits the one plain schema and none of the others."""
        return self.questions.find_read([valid], invalid, budget)

    @property
    def rewritten(self) -> bool:
        """Whether the reading changed a schema at all."""
        return any(self.read[side] is not self.plain[side] for side in self.plain)

    @cached_property
    def digest(self) -> str:
        """Tells what the two demand from what any others do."""
        return digest([self.plain["old"].root, self.plain["new"].root])

    @cached_property
    def readers(self) -> dict[Side, Judge]:
        return {side: Judge(read, formats=self._formats) for side, read in self.read.items()}

    def witness(self, value: Json, valid_under: Side) -> Witness | None:
        """The document as a witness, when the validators find it valid on this side only.

        A large document is shown to the faster validator alone; the witness says so, and also where
        a format is known to that one only.
        """
        large = count(value, _LARGE, again=False) > _LARGE
        left_out = self.rewritten and self.readers[valid_under].valid_rs(value) is False
        for judges in self._judges(left_out=left_out):
            valid, invalid = judges[valid_under], judges[OTHER[valid_under]]
            if _proves(valid, invalid, value, large=large):
                doubt = _doubt(valid, invalid, value, large=large)
                return Witness(
                    text=text_of(value),
                    valid_under=valid_under,
                    confirmed=doubt is None,
                    rewritten=judges is not self._published,
                    doubt=doubt,
                )
        return None

    def _judges(self, *, left_out: bool) -> Iterator[dict[Side, Judge]]:
        """Of the schemas as published, unless the reading leaves the document out; as rewritten."""
        if not left_out:
            yield self._published
        if self.rewritten:
            yield self.readers


def contains(
    a: Schema | Json,
    b: Schema | Json,
    *,
    reading: Reading = "reserved",
    formats: Formats = "annotate",
    budget: Budget | None = None,
) -> Containment:
    """Whether every document valid under `b` is valid under `a`; a witness is valid under `b`.

    A schema may be given as bare JSON. What cannot be read or is too deep is unknown; nothing is
    raised but for want of memory.
    """
    try:
        pair = SchemaPair(schema_of(b), schema_of(a), reading, formats)
        return included(pair, "old", (budget or Budget()).begun())
    except UNFIT as error:
        return _undecided(unfit(error))


def decide(a: Schema | Json, b: Schema | Json, *, budget: Budget | None = None) -> Answer:
    """The bare answer of `contains` in the open reading: no witness is confirmed.

    A schema may be given as bare JSON. Never raises, like `contains`.
    """
    try:
        return _decided(schema_of(a), schema_of(b), budget or Budget())
    except UNFIT:
        return "unknown"


def unfit(error: Exception) -> str:
    """Why nothing can be said of schemas that no reader of JSON would give."""
    return "depth" if isinstance(error, RecursionError) else f"unreadable: {error}"


def _decided(a: Schema, b: Schema, budget: Budget) -> Answer:
    second = canonical.covers_as_written(a, b)
    if second != "unknown":
        return second
    larger, smaller = plain(a), plain(b)
    found = find([smaller.root], [larger.root], budget)
    if isinstance(found, Found):
        return "no"
    second = canonical.covers(larger, smaller)
    if isinstance(found, Empty):
        return "yes" if second != "no" else "unknown"
    return second


def included(pair: SchemaPair, side: Side, budget: Budget) -> Containment:
    """Whether all documents of this side are documents of the other."""
    smaller, larger = pair.read[side], pair.read[OTHER[side]]
    found = pair.find(smaller.root, [larger.root], budget)
    witness = _confirmed(pair, side, found, budget)
    if witness is not None:
        return Containment(answer="no", witness=witness)
    second = canonical.covers(larger, smaller)
    if isinstance(found, Empty) and second == "no":
        return _undecided("engines disagree")
    if isinstance(found, Empty) or (isinstance(found, Undecided) and second == "yes"):
        return _proven(pair, side, budget)
    if isinstance(found, Found) and count(found.value, _HUGE) > _HUGE:
        return Containment(answer="no", reason="the document that proves it is too large to show")
    if isinstance(found, Undecided):
        return Containment(answer=second) if second != "unknown" else _undecided(found.reason)
    return Containment(answer="no") if second == "no" else _undecided("validators disagree")


def _proven(pair: SchemaPair, side: Side, budget: Budget) -> Containment:
    """Yes, unless the reading left out what its own side requires, and so may hide a break."""
    plain = pair.plain["old"], pair.plain["new"]
    if pair.rewritten and hides(
        *plain,
        pair.states,
        1 if side == "new" else 0,
        lambda valid, invalid: pair.questions.find(valid, invalid, budget),
    ):
        return _undecided(HIDDEN)
    return Containment(answer="yes")


def _undecided(reason: str) -> Containment:
    return Containment(answer="unknown", reason=reason)


def _confirmed(pair: SchemaPair, side: Side, found: Outcome, budget: Budget) -> Witness | None:
    """The first document found that both validators accept as a proof."""
    refused: list[Json] = []
    smaller, larger = pair.read[side].root, pair.read[OTHER[side]].root
    while len(refused) < _ATTEMPTS and (value := _value(found)):
        if count(value.value, _HUGE) > _HUGE:
            return None
        witness = pair.witness(value.value, side)
        if witness is not None:
            return witness
        refused.append(value.value)
        found = pair.find(smaller, [larger, {"enum": [*refused]}], budget)
    return None


def _value(found: Outcome) -> Found | None:
    if isinstance(found, Undecided):
        return found.guess
    return found if isinstance(found, Found) else None


def _proves(valid: Judge, invalid: Judge, value: Json, *, large: bool) -> bool:
    if valid.valid_rs(value) is not True or invalid.valid_rs(value) is not False:
        return False
    return large or (valid.valid_py(value) is True and invalid.valid_py(value) is False)


def _doubt(valid: Judge, invalid: Judge, value: Json, *, large: bool) -> str | None:
    """Why only one of the validators stands for a proof."""
    if large:
        return "too large for the second validator"
    if valid.valid_py_alone(value) is None or invalid.valid_py_alone(value) is None:
        return "of a format that only the first validator knows"
    return None
