"""Two validators judge a document by the schema as published, exactly, and ask no network."""

from decimal import Decimal

import pytest

from registry.compatibility.judges import Judge
from registry.compatibility.judges.formats import KNOWN_TO_ONE
from registry.compatibility.languages.formats import FORMATS, NATURAL
from registry.compatibility.model import Schema
from registry.compatibility.plain import plain
from registry.dialects.keywords import SCHEMA_URI, Dialect
from registry.dialects.strict_json import Json

Node = dict[str, Json]


def verdicts(schema: Json, value: Json, dialect: Dialect = "2020-12") -> tuple[bool | None, ...]:
    """What both say of the schema as published, and of its plain form."""
    published = Schema(root=schema, dialect=dialect)
    judges = Judge(published), Judge(plain(published))
    return tuple(
        said for judge in judges for said in (judge.valid_rs(value), judge.valid_py(value))
    )


EXACT: list[tuple[Node, Json, bool]] = [
    ({"pattern": r"^\p{L}+$"}, "ärger", True),
    ({"pattern": "a$"}, "a\n", False),
    ({"pattern": r"^\d$"}, "٣", False),
    ({"allOf": [{"not": {"anyOf": [{"pattern": r"^\d$"}]}}]}, "٣", True),
    ({"items": {"additionalProperties": {"pattern": r"^\d$"}}}, [{"a": "٣"}], False),
    ({"$ref": "#/$defs/a", "$defs": {"a": {"pattern": r"^\d$"}}}, "٣", False),
    ({"pattern": "^.$"}, "\u2028", False),
    ({"patternProperties": {r"\p{L}": False}}, {"ä": 1}, False),
    ({"multipleOf": Decimal("0.01")}, Decimal("19.99"), True),
    ({"multipleOf": Decimal("0.01")}, Decimal("19.999"), False),
    ({"maximum": 9007199254740992}, 9007199254740993, False),
    ({"enum": [1]}, True, False),
    ({"const": [0]}, [False], False),
    ({"type": "integer"}, Decimal("1.0"), True),
    ({"uniqueItems": True}, [1, True], True),
    ({"uniqueItems": True}, [1, Decimal("1.0")], False),
    ({"minLength": 2}, "😀", False),
    (
        {"patternProperties": {r"^\p{L}$": {}}, "unevaluatedProperties": False},
        {"ä": 1},
        True,
    ),
    (
        {"anyOf": [{"properties": {"a": {"const": 1}}}, {}], "unevaluatedProperties": False},
        {"a": 2},
        False,
    ),
    (
        {
            "if": {"properties": {"a": {"const": 1}}, "required": ["a"]},
            "then": {"properties": {"b": {}}},
            "unevaluatedProperties": False,
        },
        {"a": 1, "b": 2},
        True,
    ),
    (
        {
            "dependentSchemas": {"a": {"additionalProperties": {}}},
            "unevaluatedProperties": False,
        },
        {"a": 1, "b": 2},
        True,
    ),
    ({"$ref": "#/$defs/x", "unevaluatedProperties": False, "$defs": {"x": {}}}, {"a": 1}, False),
]


@pytest.mark.parametrize(("schema", "value", "valid"), EXACT)
def test_both_judge_exactly(schema: Node, value: Json, valid: bool) -> None:
    assert verdicts(schema, value) == (valid,) * 4


@pytest.mark.parametrize("dialect", ["draft-06", "draft-07"])
def test_content_is_never_asserted(dialect: Dialect) -> None:
    schema: Node = {"contentEncoding": "base64", "contentMediaType": "application/json"}
    assert verdicts(schema, "{", dialect) == (True,) * 4


def test_formats_count_only_when_asked() -> None:
    schema = Schema(root={"format": "date"})
    asking = Judge(schema, formats="assert")
    assert (asking.valid_rs("x"), asking.valid_py("x")) == (False, False)
    assert (Judge(schema).valid_rs("x"), Judge(schema).valid_py("x")) == (True, True)


@pytest.mark.parametrize("format_name", sorted(FORMATS))
def test_both_know_every_format_in_every_dialect(format_name: str) -> None:
    for dialect in SCHEMA_URI:
        schema = Schema(root={"format": format_name}, dialect=dialect)
        judge = Judge(schema, formats="assert")
        good, bad = NATURAL[format_name], r"\{("
        assert (judge.valid_rs(good), judge.valid_py(good)) == (True, True)
        assert (judge.valid_rs(bad), judge.valid_py(bad)) == (False, False)
        assert (judge.valid_rs(1), judge.valid_py(1)) == (True, True)
        assert judge.valid_py_alone(good) is (None if format_name in KNOWN_TO_ONE else True)
        assert judge.valid_py_alone(1) is True
        assert Judge(schema).valid_py_alone(bad) is True


def test_a_text_that_no_checker_can_read_is_no_opinion() -> None:
    repeated = Judge(Schema(root={"format": "regex"}), formats="assert")
    assert repeated.valid_py("a{99999999999999999999}") is None
    moment = Judge(Schema(root={"format": "date-time"}), formats="assert")
    assert (moment.valid_rs("\ud800"), moment.valid_py("\ud800")) == (None, None)


def test_references_lead_into_other_documents() -> None:
    status: Node = {
        "$defs": {"s": {"pattern": r"^\p{Lu}"}},
        "properties": {"s": {"$ref": "#/$defs/s"}},
    }
    schema = Schema(
        root={"allOf": [{"$ref": "./status"}, {"$ref": "efa:dienst/1.0.0/status#/$defs/s"}]},
        address="efa:/dienst/1.1.0/application",
        others={"efa:/dienst/1.1.0/status": status, "efa:/dienst/1.0.0/status": status},
    )
    judge = Judge(schema)
    documents: list[tuple[Json, bool]] = [({"s": "Ä"}, True), ({"s": "ä"}, False), ("a", False)]
    for value, valid in documents:
        assert (judge.valid_rs(value), judge.valid_py(value)) == (valid, valid)


def test_a_schema_of_several_dialects_is_judged() -> None:
    old: Node = {
        "$id": "https://example.org/old",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "minimum": 1,
        "exclusiveMinimum": True,
    }
    assert verdicts({"properties": {"a": {"$ref": "old"}}, "$defs": {"o": old}}, {"a": 1})
    schema: Node = {
        "$id": "https://example.org/new",
        "properties": {"a": {"$ref": "old"}},
        "$defs": {"o": old},
    }
    assert verdicts(schema, {"a": 1}) == (False,) * 4
    assert verdicts(schema, {"a": 2}) == (True,) * 4


def test_a_part_in_another_dialect_refers_to_what_its_home_means() -> None:
    schema: Node = {
        "properties": {
            "a": {"$schema": SCHEMA_URI["draft-04"], "allOf": [{"$ref": "#/$defs/above"}]}
        },
        "$defs": {"above": {"$ref": "#/$defs/number", "minimum": 5}, "number": {"type": "number"}},
    }
    assert verdicts(schema, {"a": 4}) == (False,) * 4
    assert verdicts(schema, {"a": 5}) == (True,) * 4


def test_a_schema_its_dialect_refuses_is_judged_as_it_is_read() -> None:
    schema: Node = {"minimum": 1, "exclusiveMinimum": True, "items": [{"type": "string"}]}
    assert verdicts(schema, 1) == (False,) * 4
    assert verdicts(schema, ["a", 1]) == (True,) * 4
    assert verdicts(schema, [1]) == (False,) * 4


def test_an_outcome_that_hangs_on_the_unknown_is_no_opinion() -> None:
    schema: Node = {
        "properties": {
            "a": {"$ref": "https://example.org/elsewhere"},
            "b": {"type": "string"},
            "c": {"not": {"$ref": "https://example.org/third"}},
        }
    }
    assert verdicts(schema, {"b": "x"}) == (True,) * 4
    assert verdicts(schema, {"a": 1, "b": 1}) == (False,) * 4
    assert verdicts(schema, {"a": 1}) == (None,) * 4
    assert verdicts(schema, {"c": 1}) == (None,) * 4


def test_patterns_are_exact_beside_the_unknown() -> None:
    sign: Node = {"pattern": "^.$"}
    schema: Node = {
        "properties": {
            "a": {"$ref": "https://example.org/elsewhere", "$defs": {"d": sign}},
            "b": {"allOf": [sign]},
            "c": {"$ref": "#/properties/a/$defs/d"},
        }
    }
    for name in ("b", "c"):
        assert verdicts(schema, {name: "a"}) == (True,) * 4
        assert verdicts(schema, {name: "\u2028"}) == (False,) * 4


@pytest.mark.parametrize("dialect", ["draft-07", "2020-12"])
def test_what_only_holds_definitions_has_its_name_too(dialect: Dialect) -> None:
    words = {"draft-07": "definitions", "2020-12": "$defs"}
    word = words[dialect]
    schema: Node = {
        "properties": {"a": {"$ref": f"common.json#/{word}/a"}},
        "enum": [{}, {"a": 1}, {"a": "x"}, {"$id": "common.json"}],
        word: {"common": {"$id": "common.json", word: {"a": {"type": "string"}}}},
    }
    assert verdicts(schema, {"a": "x"}, dialect) == (True,) * 4
    assert verdicts(schema, {"a": 1}, dialect) == (False,) * 4
    assert verdicts(schema, {"$id": "common.json"}, dialect) == (True,) * 4


def test_a_document_referred_to_keeps_its_dialect() -> None:
    old: Node = {"$schema": SCHEMA_URI["draft-04"], "minimum": 1, "exclusiveMinimum": True}
    schema = Schema(
        root={"$ref": "./old"}, address="efa:/dienst/1.0.0/new",
        others={"efa:/dienst/1.0.0/old": old},
    )  # fmt: skip
    judge = Judge(schema)
    for value, valid in ((1, False), (2, True)):
        assert (judge.valid_rs(value), judge.valid_py(value)) == (valid, valid)


def test_a_look_ahead_is_followed() -> None:
    assert verdicts({"pattern": "^(?!b)[a-c]$"}, "a") == (True,) * 4
    assert verdicts({"pattern": "^(?!b)[a-c]$"}, "b") == (False,) * 4


@pytest.mark.parametrize(
    ("pattern", "text", "valid"),
    [
        (r"\bab", "ab", True),
        (r"\bab", "xab", False),
        (r"\bab", "äab", True),
        (r"\Bab", "_ab", True),
        (r"\Bab", " ab", False),
        (r"a\b", "aä", True),
        (r"^(?!\ba.\b)\w+$", "ab", False),
        (r"^(?!\ba.\b)\w+$", "abc", True),
        (r"^(?=.{3}$)", "a\rb", False),
        (r"^(?=\d)", "٣", False),
        (r"^(?![\s\u2028]).$", "\ufeff", False),
        (r"(?<=\w)-$", "é-", False),
        (r"(?<!\w)-$", "é-", True),
        (r"^(?=[\D-])[\W\d]", "٣", True),
        (r"^(?=[^\D])", "٣", False),
        (r"^(?=[])", "a", False),
        (r"^(?=\p{L}[^])", "é\n", True),
        (r"(?=a&&b~#)", "a&&b~#", True),
    ],
)
def test_looks_and_edges_of_words_in_one_schema_are_judged(
    pattern: str, text: str, valid: bool
) -> None:
    beside: Node = {"properties": {"n": {"pattern": r"\bx"}, "m": {"pattern": "^(?!x)"}}}
    # Our own reader of patterns knows no look-behind; the first validator does.
    known = valid if "(?<" not in pattern else None
    assert verdicts({"pattern": pattern, **beside}, text) == (valid, known) * 2
    named: Node = {"patternProperties": {pattern: False}, **beside}
    wrong = None if known is None else not valid
    assert verdicts(named, {text: 1}) == (not valid, wrong) * 2


def test_a_pattern_nobody_can_read_is_no_opinion() -> None:
    assert verdicts({"pattern": "("}, "a") == (None,) * 4


def test_no_name_is_ever_looked_up() -> None:
    schema: Node = {"$ref": "http://127.0.0.1:1/schema.json"}
    assert verdicts(schema, 1) == (None,) * 4
