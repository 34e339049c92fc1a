"""Schemas and documents to draw at random: every keyword of every dialect, small alphabets."""

from typing import Any

from hypothesis import strategies as st

from registry.dialects.keywords import DIALECTS, KEYWORDS, SCHEMA_URI, Dialect

NAMES = st.sampled_from(["a", "b", "ab", "c1", "ä"])
PATTERNS = st.sampled_from(
    ["^a", "b$", "^[a-c]+$", r"^\d", r"\p{L}", ".", "^.{2,3}$", "^(a|b)*$", "[^a]", ""]
)
NUMBERS = st.sampled_from(
    ["0", "1", "2", "3", "-1", "0.5", "1.0", "1.5", "0.01", "19.99", "1e2", "10"]
)
POSITIVE = st.sampled_from(["1", "2", "0.5", "0.01", "1.5"])
SIZES = st.integers(0, 3).map(str)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
TEXTS = st.sampled_from(["", "a", "ab", "b", "ä", "1", "abc", "a\n", "😀"]).map(
    lambda text: '"' + text.replace("\n", "\\n") + '"'
)


def _object(members: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in dict(members).items()) + "}"


def _array(items: list[str]) -> str:
    return "[" + ",".join(items) + "]"


LEAVES = st.one_of(st.sampled_from(["null", "true", "false"]), NUMBERS, TEXTS)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(_array),
        st.lists(st.tuples(NAMES, inner), max_size=3).map(_object),
    ),
    max_leaves=8,
)
"""JSON texts."""


def _assertions(dialect: Dialect) -> dict[str, st.SearchStrategy[str]]:
    names = st.lists(NAMES, min_size=1, max_size=2, unique=True)
    name_list = names.map(lambda found: _array([f'"{name}"' for name in found]))
    keywords: dict[str, st.SearchStrategy[str]] = {
        "type": TYPES.map(lambda name: f'"{name}"'),
        "enum": st.lists(DOCUMENTS, min_size=1, max_size=3, unique=True).map(_array),
        "minimum": NUMBERS,
        "maximum": NUMBERS,
        "multipleOf": POSITIVE,
        "minLength": SIZES,
        "maxLength": SIZES,
        "pattern": PATTERNS.map(lambda text: '"' + text.replace("\\", "\\\\") + '"'),
        "minItems": SIZES,
        "maxItems": SIZES,
        "uniqueItems": st.sampled_from(["true", "false"]),
        "minProperties": SIZES,
        "maxProperties": SIZES,
        "required": name_list,
    }
    if dialect != "draft-04":
        keywords |= {"const": DOCUMENTS, "exclusiveMinimum": NUMBERS, "exclusiveMaximum": NUMBERS}
    if dialect in ("2019-09", "2020-12"):
        keywords |= {
            "dependentRequired": st.tuples(NAMES, name_list).map(lambda pair: _object([pair])),
            "minContains": SIZES,
            "maxContains": SIZES,
        }
    return keywords


def _named(inner: st.SearchStrategy[str], keyword: str) -> st.SearchStrategy[str]:
    names = PATTERNS if keyword == "patternProperties" else NAMES
    escaped = names.map(lambda name: name.replace("\\", "\\\\"))
    return st.lists(st.tuples(escaped, inner), min_size=1, max_size=2).map(_object)


def _applicators(
    dialect: Dialect, inner: st.SearchStrategy[str]
) -> dict[str, st.SearchStrategy[str]]:
    lists = st.lists(inner, min_size=1, max_size=3).map(_array)
    found: dict[str, st.SearchStrategy[str]] = {}
    for name, keyword in KEYWORDS.items():
        if keyword.effect == "none" or not keyword.known_to(dialect):
            continue
        if keyword.named:
            found[name] = _named(inner, name)
        elif name in ("allOf", "anyOf", "oneOf", "prefixItems"):
            found[name] = lists
        else:
            found[name] = inner
    if dialect != "2020-12":
        found["items"] = st.one_of(inner, lists)
    return found


def _schema(keywords: dict[str, st.SearchStrategy[str]]) -> st.SearchStrategy[str]:
    chosen = st.lists(st.sampled_from(sorted(keywords)), max_size=3, unique=True)
    return chosen.flatmap(
        lambda names: st.tuples(*(keywords[name] for name in names)).map(
            lambda values: _object(list(zip(names, values, strict=True)))
        )
    )


def schemas(dialect: Dialect) -> st.SearchStrategy[str]:
    """Schema texts of one dialect, a reference into the own definitions now and then."""
    reference = st.just('{"$ref":"#/definitions/a"}')
    leaves = st.one_of(_schema(_assertions(dialect)), reference)
    if dialect != "draft-04":
        leaves = st.one_of(leaves, st.sampled_from(["true", "false"]))
    inner = st.recursive(
        leaves,
        lambda schema: _schema(_assertions(dialect) | _applicators(dialect, schema)),
        max_leaves=6,
    )
    definition = _schema(_assertions(dialect))
    return st.tuples(inner, definition).map(lambda pair: _rooted(dialect, *pair))


def _rooted(dialect: Dialect, schema: str, definition: str) -> str:
    """The schema under a root that declares the dialect and holds the definition."""
    return _object(
        [
            ("$schema", f'"{SCHEMA_URI[dialect]}"'),
            ("allOf", _array([schema])),
            ("definitions", _object([("a", definition)])),
        ]
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Dialect, str, list[str]]:
    """A dialect, a schema in it, and documents to try."""
    dialect: Any = draw(st.sampled_from(DIALECTS))
    return dialect, draw(schemas(dialect)), draw(st.lists(DOCUMENTS, min_size=3, max_size=8))
