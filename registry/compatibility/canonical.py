"""A second opinion: the canonical forms of `jsonschema-rs`.

It answers soundly and soon, but two schemas of 1 KB can cost it seconds and a gigabyte; what looks
so is not given to it. Its canonical form takes unknown keywords for remarks, so a schema with an
opaque demand is not given to it either.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

import jsonschema_rs
import msgspec
from jsonschema_rs.canonical import CanonicalizationError

from registry.compatibility.judges import variants
from registry.compatibility.languages.keeping import keeping
from registry.compatibility.model import Answer, Schema
from registry.compatibility.plain import DEFINED, Plain, references
from registry.dialects.keywords import dialect_of
from registry.dialects.strict_json import Json, Unreadable

_MAX_CASES = 500
_MAX_VALUES = 20_000
_PAIRS_OF_A_CASE = 20
_REGEX = jsonschema_rs.RegexOptions()
_DRAFTS = {
    "draft-06": jsonschema_rs.Draft6,
    "draft-07": jsonschema_rs.Draft7,
    "2019-09": jsonschema_rs.Draft201909,
    "2020-12": jsonschema_rs.Draft202012,
}
# Patterns as they are written mean other things to it than in ECMA-262: `.`, `\<`.
_DOUBTFUL = re.compile(
    rb'"(?:dependencies|pattern|patternProperties|content(?:MediaType|Encoding|Schema)'
    rb'|\$(?:id|ref|dynamicRef|recursiveRef|vocabulary|anchor))"'
    rb'|"\$schema".*"\$schema"'
)
_MAX_BYTES = 20_000
_MAX_CHOICES = 3
_ANSWERS: dict[str, Answer] = {"yes": "yes", "no": "no", "unknown": "unknown"}

_MULTIPLYING = re.compile(rb'"(?:allOf|anyOf|oneOf|not|if|dependent(?:Required|Schemas))":')
_VERY_MANY = 1 << 30


class Size(NamedTuple):
    """How large a schema is written out: its cases, the cases against it, and the values in it."""

    cases: int
    against: int
    values: int


_ONE = Size(1, 1, 1)
_WEIGHED = frozenset({"$ref", "if", "then", "else", "not"})
"""Keywords whose value says more than one case, even where it is no list or object."""


def covers(larger: Plain, smaller: Plain) -> Answer:
    """Whether every document valid under `smaller` is valid under `larger`."""
    if larger.opaque or smaller.opaque or _costly(larger.root) or _costly(smaller.root):
        return "unknown"
    # Only where formats count does the plain form hold any. No opaque demand, so one variant.
    outer, inner = (variants(each, "linear")[0] for each in (larger, smaller))
    return _answer(outer, inner, jsonschema_rs.Draft202012, formats=True)


def covers_as_written(larger: Schema, smaller: Schema) -> Answer:
    """The same of schemas as published, where this engine reads them as the plain form does."""
    draft = _draft(larger)
    if draft is None or draft != _draft(smaller):
        return "unknown"
    return _answer(larger.root, smaller.root, draft, formats=False)


def _answer(larger: Json, smaller: Json, draft: int, *, formats: bool) -> Answer:
    try:
        one, other = (_canonical(root, draft, formats=formats) for root in (larger, smaller))
        found = one.covers(other)
    except (CanonicalizationError, ValueError, jsonschema_rs.ReferencingError):
        return "unknown"
    return _ANSWERS[str(found.value)]


def _canonical(root: Json, draft: int, *, formats: bool) -> jsonschema_rs.CanonicalSchema:
    return jsonschema_rs.canonicalize(
        root if isinstance(root, dict | bool) else True,
        draft=draft,
        validate_formats=formats,
        pattern_options=_REGEX,
        offline=True,
    )


def _draft(schema: Schema) -> int | None:
    """The dialect of a small schema without words that engines read in different ways."""
    root = schema.root
    declared = root.get("$schema") if isinstance(root, dict) else None
    try:
        text = msgspec.json.encode(root)
    except (OverflowError, RecursionError, UnicodeEncodeError):
        return None
    if len(text) > _MAX_BYTES or text.count(b'Of"') > _MAX_CHOICES or _DOUBTFUL.search(text):
        return None
    if _MULTIPLYING.search(text) and _costly(root):
        return None
    return _DRAFTS.get(schema.dialect if declared is None else _declared(str(declared)))


@keeping()
def _declared(uri: str) -> str:
    try:
        return dialect_of({"$schema": uri})
    except Unreadable:
        return ""


def _costly(root: Json) -> bool:
    """Whether alternatives multiply, references come back to themselves, or there is very much."""
    definitions = root.get("$defs") if isinstance(root, dict) else None
    known: dict[str, Size] = {}
    if isinstance(definitions, dict):
        order = TopologicalSorter({name: references(node) for name, node in definitions.items()})
        try:
            for name in order.static_order():
                known[name] = _size(definitions.get(name), known)
        except CycleError:
            return True
    size = _size(root, known)
    return size.cases > _MAX_CASES or size.values > _MAX_VALUES


def _size(value: Json, known: Mapping[str, Size]) -> Size:
    """The size of a schema, or of what a keyword without alternatives of its own holds."""
    if isinstance(value, list):
        inner = [_size(each, known) if isinstance(each, dict | list) else _ONE for each in value]
        against, values = (sum(each[at] for each in inner) for at in (1, 2))
        cases = max((each.cases for each in inner), default=1)
        return Size(cases, min(against, _VERY_MANY), 1 + values)
    if not isinstance(value, dict):
        return _ONE
    cases, against, values = 1, 0, 1
    for word, inner in value.items():
        simple = not isinstance(inner, dict | list) and word not in _WEIGHED
        its = _ONE if simple else _size_of_keyword(word, value, known)
        cases = min(cases * its.cases, _VERY_MANY)
        against += its.against
        values += its.values
    return Size(cases, min(against, _VERY_MANY), values)


def _size_of_keyword(word: str, schema: Mapping[str, Json], known: Mapping[str, Size]) -> Size:
    value = schema[word]
    if word == "$ref" and isinstance(value, str):
        # Listed values hold any text.
        return known.get(value.removeprefix(DEFINED), _ONE)._replace(values=1)
    if word == "enum" and isinstance(value, list):
        return Size(1, 1, len(value) ** 2 // 500)  # each is compared with each
    if word == "if":
        return _if(*(_size(schema.get(each, True), known) for each in ("if", "then", "else")))
    if word in ("then", "else"):
        return Size(1, 0, _size(value, known).values)  # counted with `if`
    if word == "not":
        return _not(_size(value, known))
    inner = [*value.values()] if isinstance(value, dict) else value
    if word not in _JOINED or not isinstance(inner, list):
        return _size(value, known)
    return _JOINED[word]([_size(each, known) for each in inner])


def _all_of(sizes: Sequence[Size]) -> Size:
    against, values = (sum(each[at] for each in sizes) for at in (1, 2))
    return Size(_product(each.cases for each in sizes), min(against, _VERY_MANY), values)


def _any_of(sizes: Sequence[Size]) -> Size:
    cases, values = (sum(each[at] for each in sizes) for at in (0, 2))
    return Size(min(cases, _VERY_MANY), _product(each.against for each in sizes), values)


def _one_of(sizes: Sequence[Size]) -> Size:
    """None of them, or two: to the library each that holds beside each that does not."""
    cases, _, values = _any_of(sizes)
    pairs = cases * cases // _PAIRS_OF_A_CASE
    return Size(max(cases, pairs), _product(1 + each.against for each in sizes), values)


def _dependent(sizes: Sequence[Size]) -> Size:
    """Each for documents that are no objects, for those without the name, and for the others."""
    return _all_of([each._replace(cases=2 + each.cases) for each in sizes])


def _not(inner: Size) -> Size:
    """What is refused is written out itself before, and documents of another type are a case."""
    cases = max(inner.cases, inner.against if inner.against < 2 else 1 + inner.against)
    return Size(cases, inner.cases, inner.values)


def _if(condition: Size, then: Size, other: Size) -> Size:
    """`then` with the condition, `else` without it, and documents of another type."""
    ways = (condition.cases, then), (condition.against, other)
    cases = 1 + sum(cases * way.cases for cases, way in ways)
    against = sum(cases * way.against for cases, way in ways)
    return Size(min(cases, _VERY_MANY), min(against, _VERY_MANY), condition.values)


def _product(factors: Iterable[int]) -> int:
    found = 1
    for factor in factors:
        found = min(found * factor, _VERY_MANY)
    return found


_JOINED: dict[str, Callable[[Sequence[Size]], Size]] = {
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "dependentRequired": _dependent,
    "dependentSchemas": _dependent,
}
