"""Whether a given value meets demands: True, False, or None where that cannot be said."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import cast

from registry.compatibility.languages import Unreadable, matches
from registry.compatibility.languages.formats import in_format
from registry.compatibility.solver.demands import (
    AllFrom,
    Among,
    And,
    At,
    AtLeast,
    AtMost,
    Count,
    Demand,
    Distinct,
    Every,
    EveryName,
    Formatted,
    Formula,
    Lit,
    Matches,
    Member,
    Multiple,
    Opaque,
    Or,
    Present,
    Size,
    Some,
    SomeFrom,
    SomeName,
    Where,
    type_of,
)
from registry.compatibility.solver.formulas import Formulas
from registry.compatibility.solver.terms import key_of
from registry.dialects.strict_json import Json

Fits = bool | None

_SOON = 20_000
_NO_END = 1 << 60


class _TooLong(Exception):
    """Judging the value was given up."""


def every(answers: Iterable[Fits]) -> Fits:
    """Kleene's conjunction."""
    found: Fits = True
    for answer in answers:
        if answer is False:
            return False
        found = None if answer is None else found
    return found


def some(answers: Iterable[Fits]) -> Fits:
    """Kleene's disjunction."""
    found: Fits = False
    for answer in answers:
        if answer:
            return True
        found = None if answer is None else found
    return found


def opposite(answer: Fits) -> Fits:
    return None if answer is None else not answer


def matching(pattern: str, text: str) -> Fits:
    """Whether the pattern matches; None where no linear engine can say."""
    try:
        return matches(pattern, text)
    except Unreadable:
        return None


def meant(where: Where, name: str) -> Fits:
    """Whether a member's name is among those meant."""
    if name in where.names:
        return False
    return every(
        [
            *(matching(pattern, name) for pattern in where.matching),
            *(opposite(matching(pattern, name)) for pattern in where.barred),
        ]
    )


class Fitting:
    """Judges values against formulas; values are small, schemas may be large."""

    def __init__(self, formulas: Formulas) -> None:
        self.formulas = formulas
        self._left = _NO_END
        self._within = 0
        self._known: dict[tuple[int, int], Fits] = {}

    def soon(self, code: int, value: Json) -> Fits:
        """The same as `lit`, but None where it would take long."""
        self._left = _SOON
        try:
            return self.lit(code, value)
        except (_TooLong, RecursionError):
            return None
        finally:
            self._left = _NO_END

    def all(self, demands: Iterable[Formula], value: Json) -> Fits:
        """Whether the value meets all of them."""
        return every(self.formula(demand, value) for demand in demands)

    def lit(self, code: int, value: Json) -> Fits:
        """Whether the value meets a literal; what several branches ask of a part is asked once."""
        key = code, id(value)
        if key in self._known:
            return self._known[key]
        self._left -= 1
        if self._left < 0:
            raise _TooLong
        self._within += 1
        try:
            found = self.formula(self.formulas.of(code, type_of(value)), value)
            if isinstance(value, dict | list):
                self._known[key] = found
            return found
        finally:
            self._within -= 1
            if not self._within:
                self._known.clear()

    def formula(self, formula: Formula, value: Json) -> Fits:
        match formula:
            case bool():
                return formula
            case Lit(code):
                return self.lit(code, value)
            case And(parts):
                return every(self.formula(part, value) for part in parts)
            case Or(parts):
                return some(self.formula(part, value) for part in parts)
            case _:
                return self._demand(formula, value)

    def _demand(self, demand: Demand, value: Json) -> Fits:
        match demand:
            case Among(_, keys, wanted):
                return (key_of(value) in keys) is wanted
            case Opaque():
                return None
            case Formatted(name, wanted):
                found = in_format(name, cast("str", value))
                return found if wanted else opposite(found)
            case Size(least, most):
                length = len(cast("str | Sequence[Json]", value))
                return least <= length and (most is None or length <= most)
            case Matches(pattern, wanted):
                found = matching(pattern, cast("str", value))
                return found if wanted else opposite(found)
            case AtLeast() | AtMost() | Multiple():
                return _fits_number(demand, Fraction(cast("int", value)))
            case At() | AllFrom() | SomeFrom() | Count() | Distinct():
                return self._in_array(demand, cast("list[Json]", value))
            case _:
                return self._in_object(demand, cast("dict[str, Json]", value))

    def _in_array(
        self, demand: At | AllFrom | SomeFrom | Count | Distinct, value: list[Json]
    ) -> Fits:
        match demand:
            case At(index, lit, must):
                return not must if index >= len(value) else self.lit(lit, value[index])
            case AllFrom(index, lit):
                return every(self.lit(lit, item) for item in value[index:])
            case SomeFrom(index, lit):
                return some(self.lit(lit, item) for item in value[index:])
            case Count(lit, least, most):
                return _counted([self.lit(lit, item) for item in value], least, most)
            case Distinct(wanted):
                return (len(set(map(key_of, value))) == len(value)) is wanted

    def _in_object(
        self,
        demand: Present | Member | Every | Some | EveryName | SomeName,
        value: dict[str, Json],
    ) -> Fits:
        match demand:
            case Present(name, wanted):
                return (name in value) is wanted
            case Member(name, lit, must):
                return self.lit(lit, value[name]) if name in value else not must
            case Every(where, lit):
                unmeant = ((opposite(meant(where, name)), lit, v) for name, v in value.items())
                return every(some((no, self.lit(lit, v))) for no, lit, v in unmeant)
            case Some(where, lit):
                found = ((meant(where, name), lit, v) for name, v in value.items())
                return some(every((yes, self.lit(lit, v))) for yes, lit, v in found)
            case EveryName(lit):
                return every(self.lit(lit, name) for name in value)
            case SomeName(lit):
                return some(self.lit(lit, name) for name in value)


def _fits_number(demand: AtLeast | AtMost | Multiple, value: Fraction) -> bool:
    match demand:
        case AtLeast(limit, strict):
            return value > limit or (value == limit and not strict)
        case AtMost(limit, strict):
            return value < limit or (value == limit and not strict)
        case Multiple(divisor, wanted):
            return ((value / divisor).denominator == 1) is wanted


def _counted(answers: Sequence[Fits], least: int, most: int | None) -> Fits:
    sure, possible = answers.count(True), len(answers) - answers.count(False)
    if possible < least or (most is not None and sure > most):
        return False
    return True if sure >= least and (most is None or possible <= most) else None
