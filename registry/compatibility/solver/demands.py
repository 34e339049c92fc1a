"""What a schema demands of a document of one JSON type, as formulas over plain demands.

A literal is a number: twice a node's `uid`, plus one when the document must *not* fit that node.
Literals about the same place stand in formulas, those about members and elements in demands.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from registry.compatibility.solver.terms import Key
from registry.dialects.strict_json import Json

JsonType = Literal["null", "boolean", "number", "string", "array", "object"]

TYPES: tuple[JsonType, ...] = ("string", "number", "boolean", "object", "array", "null")


@dataclass(frozen=True, slots=True)
class Lit:
    """The document must fit a node (even), or must not (odd)."""

    code: int


@dataclass(frozen=True, slots=True)
class And:
    parts: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    parts: "tuple[Formula, ...]"


@dataclass(frozen=True, slots=True)
class Among:
    """The value is one of these, or none of them; `keys` tell equal values."""

    values: tuple[Json, ...]
    keys: frozenset[Key]
    wanted: bool


@dataclass(frozen=True, slots=True)
class Opaque:
    """A demand nothing is known of but its name."""

    identity: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class AtLeast:
    value: Fraction
    strict: bool


@dataclass(frozen=True, slots=True)
class AtMost:
    value: Fraction
    strict: bool


@dataclass(frozen=True, slots=True)
class Multiple:
    divisor: Fraction
    wanted: bool


@dataclass(frozen=True, slots=True)
class Size:
    """Length in characters, elements or members; `most` None for no end."""

    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Matches:
    pattern: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Formatted:
    format: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class At:
    """The element at `index` fits, if there is one; with `must`, there is one."""

    index: int
    lit: int
    must: bool


@dataclass(frozen=True, slots=True)
class AllFrom:
    index: int
    lit: int


@dataclass(frozen=True, slots=True)
class SomeFrom:
    index: int
    lit: int


@dataclass(frozen=True, slots=True)
class Count:
    """At least (`most` None) or at most so many elements fit."""

    lit: int
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Distinct:
    wanted: bool


@dataclass(frozen=True, slots=True)
class Present:
    name: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Member:
    """The member fits, if there is one; with `must`, there is one."""

    name: str
    lit: int
    must: bool


@dataclass(frozen=True, slots=True)
class Where:
    """Which names are meant: those that match all of `matching` and none of `barred` or `names`."""

    matching: tuple[str, ...]
    barred: tuple[str, ...]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Every:
    where: Where
    lit: int


@dataclass(frozen=True, slots=True)
class Some:
    where: Where
    lit: int


@dataclass(frozen=True, slots=True)
class EveryName:
    lit: int


@dataclass(frozen=True, slots=True)
class SomeName:
    lit: int


Demand = (
    Among
    | Opaque
    | AtLeast
    | AtMost
    | Multiple
    | Size
    | Matches
    | Formatted
    | At
    | AllFrom
    | SomeFrom
    | Count
    | Distinct
    | Present
    | Member
    | Every
    | Some
    | EveryName
    | SomeName
)
Formula = bool | Lit | And | Or | Demand


def both(*parts: Formula) -> Formula:
    """All of the parts."""
    if False in parts:
        return False
    kept = tuple(part for part in parts if part is not True)
    return kept[0] if len(kept) == 1 else And(kept) if kept else True


def either(*parts: Formula) -> Formula:
    """One of the parts at least."""
    if True in parts:
        return True
    kept = tuple(part for part in parts if part is not False)
    return kept[0] if len(kept) == 1 else Or(kept) if kept else False


def negated(formula: Formula) -> Formula:
    """What holds exactly where `formula` does not."""
    match formula:
        case bool():
            return not formula
        case Lit(code):
            return Lit(code ^ 1)
        case And(parts):
            return either(*map(negated, parts))
        case Or(parts):
            return both(*map(negated, parts))
        case AtLeast() | AtMost() | Size():
            return _outside(formula)
        case At() | AllFrom() | SomeFrom() | Count():
            return _negated_in_array(formula)
        case Member() | Every() | Some() | EveryName() | SomeName():
            return _negated_in_object(formula)
        case _:
            return replace(formula, wanted=not formula.wanted)


def _outside(demand: AtLeast | AtMost | Size) -> Formula:
    match demand:
        case AtLeast(value, strict):
            return AtMost(value, not strict)
        case AtMost(value, strict):
            return AtLeast(value, not strict)
        case Size(least, most):
            below: Formula = Size(0, least - 1) if least > 0 else False
            above: Formula = Size(most + 1, None) if most is not None else False
            return either(below, above)


def _negated_in_array(demand: At | AllFrom | SomeFrom | Count) -> Formula:
    match demand:
        case At(index, lit, must):
            return At(index, lit ^ 1, not must)
        case AllFrom(index, lit):
            return SomeFrom(index, lit ^ 1)
        case SomeFrom(index, lit):
            return AllFrom(index, lit ^ 1)
        case Count(lit, least, most):
            return Count(lit, most + 1, None) if most is not None else Count(lit, 0, least - 1)


def _negated_in_object(demand: Member | Every | Some | EveryName | SomeName) -> Formula:
    match demand:
        case Member(name, lit, must):
            return Member(name, lit ^ 1, not must)
        case Every(where, lit):
            return Some(where, lit ^ 1)
        case Some(where, lit):
            return Every(where, lit ^ 1)
        case EveryName(lit):
            return SomeName(lit ^ 1)
        case SomeName(lit):
            return EveryName(lit ^ 1)


def type_of(value: Json) -> JsonType:
    """The JSON type of a value; integers are numbers."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | Decimal():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
