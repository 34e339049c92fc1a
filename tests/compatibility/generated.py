"""Pairs of schemas and documents drawn at random: every keyword of every dialect, small alphabets.

The second schema of a pair is the first with a few changes, as versions are; two schemas drawn
apart are nearly always incomparable for a simple reason. One `Random` drives all, so a seed names
a pair and hypothesis, which gives its own, can shrink it.
"""

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple, cast

from registry.compatibility.containment import SchemaPair
from registry.compatibility.judges import Judge
from registry.compatibility.model import Reading, Schema
from registry.dialects.keywords import DIALECTS, SCHEMA_URI, Dialect, children

NAMES = ("a", "b", "ab", "c1", "ä", "$ref", "$schema")
PATTERNS = (
    "^a",
    "b$",
    "^[a-c]+$",
    r"^\d",
    r"\p{L}",
    ".",
    "^.{2,3}$",
    "^(a|b)*$",
    "[^a]",
    "",
    "^a{0,70}$",
)
NUMBERS = (
    0,
    1,
    2,
    3,
    -1,
    Decimal("0.5"),
    Decimal("1.5"),
    Decimal("0.01"),
    Decimal("19.99"),
    100,
    10,
)
DIVISORS = (1, 2, 3, Decimal("0.5"), Decimal("0.01"), Decimal("1.5"))
TEXTS = ("", "a", "ab", "b", "ä", "1", "abc", "a\n", "😀", "2020-01-01", "A")
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
FORMATS = ("date", "email", "uri", "ipv4")
NEW: tuple[Dialect, ...] = ("2019-09", "2020-12")

Maker = Callable[[Random, Dialect, int], dict[str, Any]]


class Case(NamedTuple):
    """Two schemas of one dialect and documents to try on them."""

    old: Schema
    new: Schema
    documents: list[Any]


def case(random: Random, documents: int = 12) -> Case:
    """A pair that differs in a few places, and documents made for either."""
    dialect = random.choice(DIALECTS)
    old = rooted(random, dialect)
    new = rooted(random, dialect) if random.random() < 0.1 else changed(random, dialect, old)
    made = [document(random, random.choice((old, new)), 3) for _ in range(documents)]
    return Case(Schema(root=old, dialect=dialect), Schema(root=new, dialect=dialect), made)


def refuting(found: Case, reading: Reading) -> list[Any]:
    """The documents of the old schema that are none of the new one."""
    read = SchemaPair(found.old, found.new, reading, "annotate").read
    sides = (found.old, found.new) if reading == "open" else (read["old"], read["new"])
    old, new = (Judge(side) for side in sides)
    return [
        document
        for document in found.documents
        if old.valid_rs(document) is True and new.valid_rs(document) is False
    ]


def rooted(random: Random, dialect: Dialect, depth: int = 3) -> Any:
    """A schema with a definition or two that it may refer to, itself included."""
    found = schema(random, dialect, depth)
    if random.random() < 0.5:
        named = _named("properties", NAMES)(random, dialect, depth)
        root = {"type": "object", **named, **keyword(random, dialect, depth)}
    else:
        root = mapping(found) or {"allOf": [found]}
    definitions = {name: schema(random, dialect, 1) for name in ("a", "b")}
    word = "$defs" if dialect in NEW else "definitions"
    return {"$schema": SCHEMA_URI[dialect], **_reached(root), word: definitions}


def _reached(root: dict[str, Any]) -> dict[str, Any]:
    """The root itself, no reference: old dialects would not look beside it."""
    return {"allOf": [root]} if "$ref" in root else root


def schema(random: Random, dialect: Dialect, depth: int) -> Any:
    """A schema of up to three keywords, nested so deep at most."""
    if random.random() < 0.08:
        return random.random() < 0.7 if dialect != "draft-04" else {"not": {}}
    if depth < 3 and random.random() < 0.15:
        return {"$ref": reference(random, dialect)}
    chosen: dict[str, Any] = {}
    if random.random() < 0.5:
        chosen["type"] = _types(random)
    for _ in range(random.randint(0, 3)):
        chosen |= keyword(random, dialect, depth)
    return chosen


def reference(random: Random, dialect: Dialect) -> str:
    word = "$defs" if dialect in NEW else "definitions"
    return random.choice((f"#/{word}/a", f"#/{word}/b", "#"))


def _types(random: Random) -> Any:
    return random.choice(TYPES) if random.random() < 0.8 else random.sample(TYPES, 2)


def keyword(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    """One keyword of the dialect with a value; one that holds schemas while there is depth left."""
    makers = [*ASSERTIONS, *(APPLICATORS if depth else ())]
    known = [make for make, dialects in makers if dialect in dialects]
    return random.choice(known)(random, dialect, depth)


def _plain(word: str, choices: tuple[Any, ...]) -> Maker:
    return lambda random, _dialect, _depth: {word: random.choice(choices)}


def _inner(word: str) -> Maker:
    return lambda random, dialect, depth: {word: schema(random, dialect, depth - 1)}


def _several(word: str) -> Maker:
    return lambda random, dialect, depth: {
        word: [schema(random, dialect, depth - 1) for _ in range(random.randint(1, 3))]
    }


def _named(word: str, names: tuple[str, ...]) -> Maker:
    return lambda random, dialect, depth: {
        word: {
            name: schema(random, dialect, depth - 1)
            for name in random.sample(names, random.randint(1, 2))
        }
    }


def _enum(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    values = [document(random, True, 1) for _ in range(random.randint(1, 4))]
    return {"enum": list({text(value): value for value in values}.values())}


def _const(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    return {"const": document(random, True, 1)}


def _required(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    return {"required": random.sample(NAMES, random.randint(1, 2))}


def _demands(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    word = "dependentRequired" if dialect in NEW else "dependencies"
    return {word: {random.choice(NAMES): random.sample(NAMES, random.randint(1, 2))}}


def _dependent(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    word = "dependentSchemas" if dialect in NEW else "dependencies"
    return {word: {random.choice(NAMES): schema(random, dialect, depth - 1)}}


def _limits(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    word = random.choice(("minimum", "maximum"))
    if dialect == "draft-04":
        return {word: random.choice(NUMBERS), f"exclusive{word.capitalize()}": True}
    return {f"exclusive{word.capitalize()}": random.choice(NUMBERS)}


def _positions(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    first = [schema(random, dialect, depth - 1) for _ in range(random.randint(1, 2))]
    rest = schema(random, dialect, depth - 1)
    if dialect == "2020-12":
        return {"prefixItems": first, "items": rest}
    return {"items": first, "additionalItems": rest}


def _branches(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    words = ("if", *random.sample(("then", "else"), random.randint(1, 2)))
    return {word: schema(random, dialect, depth - 1) for word in words}


def _counted(random: Random, dialect: Dialect, depth: int) -> dict[str, Any]:
    words = random.sample(("minContains", "maxContains"), random.randint(1, 2))
    counts = {word: random.randint(0, 3) for word in words}
    return {"contains": schema(random, dialect, depth - 1), **counts}


ALL = DIALECTS
SINCE_6, SINCE_7 = DIALECTS[1:], DIALECTS[2:]
SIZES = (0, 1, 2, 3)
ASSERTIONS: list[tuple[Maker, tuple[Dialect, ...]]] = [
    (_plain("minimum", NUMBERS), ALL),
    (_plain("maximum", NUMBERS), ALL),
    (_limits, ALL),
    (_plain("multipleOf", DIVISORS), ALL),
    (_plain("minLength", SIZES), ALL),
    (_plain("maxLength", SIZES), ALL),
    (_plain("pattern", PATTERNS), ALL),
    (_plain("format", FORMATS), ALL),
    (_plain("minItems", SIZES), ALL),
    (_plain("maxItems", SIZES), ALL),
    (_plain("uniqueItems", (True, False)), ALL),
    (_plain("minProperties", SIZES), ALL),
    (_plain("maxProperties", SIZES), ALL),
    (_enum, ALL),
    (_const, SINCE_6),
    (_required, ALL),
    (_demands, ALL),
    (_plain("title", TEXTS), ALL),
    (_plain("default", NUMBERS), ALL),
    (_plain("contentEncoding", ("base64",)), SINCE_7),
    (_plain("x-note", TEXTS), ALL),
]
APPLICATORS: list[tuple[Maker, tuple[Dialect, ...]]] = [
    (_several("allOf"), ALL),
    (_several("anyOf"), ALL),
    (_several("oneOf"), ALL),
    (_inner("not"), ALL),
    (_branches, SINCE_7),
    (_named("properties", NAMES), ALL),
    (_named("properties", NAMES), ALL),
    (_named("patternProperties", PATTERNS), ALL),
    (_inner("additionalProperties"), ALL),
    (_inner("propertyNames"), SINCE_6),
    (_inner("items"), ALL),
    (_positions, ALL),
    (_inner("contains"), SINCE_6),
    (_counted, NEW),
    (_dependent, ALL),
    (_inner("unevaluatedItems"), NEW),
    (_inner("unevaluatedProperties"), NEW),
]


def changed(random: Random, dialect: Dialect, root: Any) -> Any:
    """The same schema after one to three edits at any depth."""
    edited = copy.deepcopy(root)
    for _ in range(random.randint(1, 3)):
        _edit(random, dialect, random.choice(schemas_in(dialect, edited)))
    return edited


def schemas_in(dialect: Dialect, found: Any) -> list[dict[str, Any]]:
    """The schema and all within it that have keywords."""
    places = [mapping(found)] if isinstance(found, dict) else []
    inner = [child.schema for child in children(dialect, mapping(found))]
    return [*places, *(place for held in inner for place in schemas_in(dialect, held))]


def _edit(random: Random, dialect: Dialect, place: dict[str, Any]) -> None:
    removable = [word for word in place if word not in ("$schema", "$defs", "definitions", "$ref")]
    if removable and random.random() < 0.5:
        word = random.choice(removable)
        del place[word]
        if word in ("minimum", "maximum"):
            place.pop(f"exclusive{word.capitalize()}", None)
    elif "$ref" not in place:
        place |= keyword(random, dialect, 1)


def document(random: Random, found: Any, depth: int) -> Any:
    """A value, made to suit the schema where that is easily seen."""
    schema = mapping(found)
    if random.random() < 0.85:
        if schema.get("enum"):
            return random.choice(schema["enum"])
        if "const" in schema:
            return schema["const"]
        parts = [part for word in ("allOf", "anyOf", "oneOf") for part in schema.get(word, ())]
        if parts and random.random() < 0.5:
            schema = {**schema, **mapping(random.choice(parts))}
    return _of_type(random, schema, depth)


def mapping(found: Any) -> dict[str, Any]:
    """The keywords of a schema; a boolean one has none."""
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _of_type(random: Random, found: dict[str, Any], depth: int) -> Any:
    named = found.get("type")
    kinds = [named] if isinstance(named, str) else named or _likely(found) or TYPES
    kind = random.choice(kinds if random.random() < 0.9 else TYPES)
    if kind == "array" and depth:
        return _array(random, found, depth)
    if kind == "object" and depth:
        return _object(random, found, depth)
    simple: dict[str, tuple[Any, ...]] = {
        "null": (None,),
        "boolean": (True, False),
        "integer": (*range(-1, 5), 10),
        "number": NUMBERS,
        "string": TEXTS,
        "array": ([],),
        "object": ({},),
    }
    return random.choice(simple[kind])


def _likely(found: dict[str, Any]) -> list[str]:
    """The kind of value the keywords speak of."""
    words = " ".join(found)
    hints = {"ropert": "object", "require": "object", "tems": "array", "ontains": "array"}
    return [kind for hint, kind in hints.items() if hint in words]


def _array(random: Random, found: dict[str, Any], depth: int) -> list[Any]:
    items: Any = found.get("items", True)
    first: list[Any] = found.get("prefixItems", [])
    if isinstance(items, list):
        first, items = cast("list[Any]", items), found.get("additionalItems", True)
    held = [*first, items, items, found.get("contains", items)]
    return [document(random, inner, depth - 1) for inner in held[: random.randint(0, 4)]]


def _object(random: Random, found: dict[str, Any], depth: int) -> dict[str, Any]:
    properties: dict[str, Any] = found.get("properties", {})
    required: list[str] = found.get("required", [])
    names = set(required if random.random() < 0.8 else ())
    names |= {name for name in properties if random.random() < 0.6}
    names |= {random.choice((*NAMES, "zz")) for _ in range(random.randint(0, 2))}
    other = found.get("additionalProperties", True)
    return {
        name: document(random, properties.get(name, other), depth - 1) for name in sorted(names)
    }


def text(value: Any) -> str:
    return json.dumps(value, default=float, sort_keys=True, ensure_ascii=False)
