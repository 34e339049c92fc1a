"""A second opinion: the canonical forms of `jsonschema-rs`.

It answers soundly and soon, but two schemas of 1 KB can cost it seconds and a gigabyte; what looks
so is not given to it. Its canonical form takes unknown keywords for remarks, so a schema with an
opaque demand is not given to it either.
"""

import functools
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

import jsonschema_rs
import msgspec
from jsonschema_rs.canonical import CanonicalizationError

from registry.compatibility.judges import variants
from registry.compatibility.model import Answer, Schema
from registry.compatibility.plain import Plain
from registry.dialects.keywords import dialect_of
from registry.dialects.strict_json import Json, Unreadable, walk

_MAX_CASES = 500
_MAX_NODES = 20_000
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
_DEFINED = "#/$defs/"
_ANSWERS: dict[str, Answer] = {"yes": "yes", "no": "no", "unknown": "unknown"}

Size = tuple[int, int]
"""Cases and values."""
_ONE: Size = (1, 1)


def covers(larger: Plain, smaller: Plain) -> Answer:
    """Whether every document valid under `smaller` is valid under `larger`."""
    if larger.opaque or smaller.opaque or _costly(larger.root) or _costly(smaller.root):
        return "unknown"
    # Only where formats count does the plain form hold any. No opaque demand, so one variant.
    outer, inner = (variants(each, linear=True)[0] for each in (larger, smaller))
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
    if b'Of"' in text and _costly(root):
        return None
    return _DRAFTS.get(schema.dialect if declared is None else _declared(str(declared)))


@functools.cache
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
        order = TopologicalSorter({name: _references(node) for name, node in definitions.items()})
        try:
            for name in order.static_order():
                known[name] = _size(definitions.get(name), known)
        except CycleError:
            return True
    cases, nodes = _size(root, known)
    return cases > _MAX_CASES or nodes > _MAX_NODES


def _references(schema: Json) -> set[str]:
    """The definitions that a schema refers to, whatever part of a document it speaks of."""
    targets = (node.get("$ref") for _, node in walk(schema) if isinstance(node, dict))
    return {target.removeprefix(_DEFINED) for target in targets if isinstance(target, str)}


def _size(value: Json, known: Mapping[str, Size]) -> Size:
    """The cases a value's alternatives make when written out, and the values in it."""
    if isinstance(value, list):
        sizes = [_size(inner, known) for inner in value]
        return max((cases for cases, _ in sizes), default=1), 1 + sum(nodes for _, nodes in sizes)
    if not isinstance(value, dict):
        return _ONE
    cases, nodes = 1, 1
    for word, inner in value.items():
        of_inner, its_nodes = _size_of_keyword(word, inner, known)
        cases, nodes = min(cases * of_inner, 1 << 30), nodes + its_nodes
    return cases, nodes


def _size_of_keyword(word: str, value: Json, known: Mapping[str, Size]) -> Size:
    if word == "$ref" and isinstance(value, str):
        return known.get(value.removeprefix(_DEFINED), _ONE)[0], 1  # listed values hold any text
    if word not in ("allOf", "anyOf", "oneOf") or not isinstance(value, list):
        if word == "enum" and isinstance(value, list):
            return 1, len(value) ** 2 // 500  # each is compared with each
        return _size(value, known)
    sizes = [_size(inner, known) for inner in value]
    nodes = sum(its_nodes for _, its_nodes in sizes)
    if word == "allOf":
        cases = 1
        for of_inner, _ in sizes:
            cases = min(cases * of_inner, 1 << 30)
        return cases, nodes
    arms = sum(of_inner for of_inner, _ in sizes)
    return (max(arms, arms * arms // _PAIRS_OF_A_CASE) if word == "oneOf" else arms), nodes
