"""Each form of each dialect, references of every kind, and what cannot be modelled."""

from decimal import Decimal

import pytest

from registry.compatibility.judges import Judge
from registry.compatibility.model import Schema
from registry.compatibility.plain import Plain, plain
from registry.compatibility.plain.cycles import circles
from registry.compatibility.plain.values import exact
from registry.dialects.keywords import Dialect
from registry.dialects.strict_json import Json

Node = dict[str, Json]


def form(root: Json, dialect: Dialect = "2020-12", **others: Json) -> Plain:
    known = {f"efa:/dienst/1.0.0/{name}": other for name, other in others.items()}
    address = "efa:/dienst/1.0.0/application"
    return plain(Schema(root=root, dialect=dialect, address=address, others=known))


SPELLINGS: list[tuple[Dialect, Node, Node]] = [
    ("draft-04", {"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
    ("draft-04", {"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
    ("draft-04", {"exclusiveMinimum": True}, {}),
    ("draft-07", {"minimum": 1, "exclusiveMinimum": 2}, {"minimum": 1, "exclusiveMinimum": 2}),
    (
        "draft-07",
        {"items": [{}], "additionalItems": False},
        {"prefixItems": [{}], "items": False},
    ),
    ("draft-07", {"items": {}, "additionalItems": False}, {"items": {}}),
    ("draft-07", {"additionalItems": False}, {}),
    ("draft-07", {"items": [], "additionalItems": False}, {"items": False}),
    ("draft-07", {"dependencies": {"a": ["b", "b"]}}, {"dependentRequired": {"a": ["b"]}}),
    ("draft-07", {"dependencies": {"a": False}}, {"dependentSchemas": {"a": False}}),
    ("draft-04", {"dependencies": {"a": "b"}}, {"dependentRequired": {"a": ["b"]}}),
    ("2020-12", {"dependencies": {"a": [], "b": True}}, {}),
    ("draft-04", {"const": 1, "contains": {}, "if": {}, "propertyNames": {}}, {}),
    ("draft-06", {"const": 1, "if": False, "then": False}, {"const": 1}),
    ("draft-07", {"then": False, "else": False}, {}),
    ("draft-07", {"minContains": 1, "unevaluatedItems": False, "dependentRequired": {}}, {}),
    ("2019-09", {"minContains": 2}, {}),
    ("2019-09", {"prefixItems": [False]}, {}),
    ("2020-12", {"uniqueItems": False, "required": []}, {}),
    ("2020-12", {"minLength": Decimal("2.0")}, {"minLength": 2}),
    ("2020-12", {"multipleOf": Decimal("0.01")}, {"multipleOf": Decimal("0.01")}),
    ("2020-12", {"const": {"a": [Decimal("1.0")]}}, {"const": {"a": [1]}}),
    ("2020-12", {"enum": []}, {"not": True}),
    ("2020-12", {"format": "date", "contentEncoding": "base64"}, {}),
]


@pytest.mark.parametrize(
    ("dialect", "written", "expected"),
    SPELLINGS,
)
def test_each_assertion_has_one_spelling(dialect: Dialect, written: Node, expected: Node) -> None:
    found = form(written, dialect)
    assert (found.root, found.opaque) == (expected, ())


CLEAR: list[tuple[Dialect, Node, Node]] = [
    ("2020-12", {"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
    (
        "2020-12",
        {"items": [{}], "additionalItems": False},
        {"prefixItems": [{}], "items": False},
    ),
    ("draft-04", {"exclusiveMinimum": 1}, {"exclusiveMinimum": 1}),
    ("draft-04", {"items": False}, {"items": False}),
    (
        "2020-12",
        {"properties": {"a": {"required": True}, "b": {"required": False}}},
        {"properties": {"a": {}, "b": {}}, "required": ["a"]},
    ),
    (
        "2020-12",
        {"required": ["b"], "properties": {"a": {"required": True}}},
        {"properties": {"a": {}}, "required": ["b", "a"]},
    ),
]


@pytest.mark.parametrize(
    ("dialect", "written", "expected"),
    CLEAR,
)
def test_forms_of_other_dialects_are_read_where_they_are_clear(
    dialect: Dialect, written: Node, expected: Node
) -> None:
    found = form(written, dialect)
    assert (found.root, found.opaque) == (expected, ())


def test_draft_3_is_read() -> None:
    schema: Node = {
        "$schema": "http://json-schema.org/draft-03/schema#",
        "type": "any",
        "divisibleBy": 2,
    }
    assert form(schema).root == {"multipleOf": 2}
    assert form({**schema, "disallow": "string"}).opaque[0].keyword == "disallow"


UNKNOWN: list[Node] = [
    {"type": "text"},
    {"minLength": -1},
    {"multipleOf": 0},
    {"required": "a"},
    {"enum": {}},
    {"properties": []},
    {"anyOf": []},
    {"pattern": 1},
    {"minimum": "1"},
    {"$ref": "#/nowhere"},
    {"$ref": "https://example.org/elsewhere"},
    {"$ref": 1},
    {"dependencies": {"a": ["b"]}},
    {"prefixItems": [{}], "items": [{}]},
]


@pytest.mark.parametrize(
    "schema",
    UNKNOWN,
)
def test_what_cannot_be_modelled_is_opaque_and_located(schema: Node) -> None:
    found = form({"allOf": [schema]})
    (opaque,) = found.opaque
    assert opaque.pointer.startswith("/allOf/0/" + opaque.keyword)
    assert "$opaque" in str(found.root)


def test_opaque_texts_are_equal_only_where_the_same_is_meant() -> None:
    def meaning(schema: Node, **more: Json) -> str:
        return str(form({**schema, **more}).root)

    there: Node = {"$ref": "https://example.org/elsewhere"}
    assert meaning(there, title="a") == meaning(there, title="b")
    asks: Node = {"dependencies": {"a": {"$ref": "#/$defs/x"}}}
    known: list[Node] = [{"$defs": {"x": True}}, {"$defs": {"x": False}}]
    assert meaning(asks, **known[0]) != meaning(asks, **known[1])
    assert meaning({"minLength": Decimal("0.5")}) != meaning({"minLength": {"$number": 1}})


def test_several_opaque_assertions_stand_beside_each_other() -> None:
    found = form({"type": "text", "minLength": -1})
    assert found.root == {"$opaque": 'type:"text"', "allOf": [{"$opaque": "minLength:-1"}]}


def test_up_to_draft_7_a_reference_hides_what_stands_beside_it() -> None:
    schema: Node = {
        "$ref": "#/definitions/a",
        "minLength": 2,
        "definitions": {"a": {"type": "string"}},
    }
    assert form(schema, "draft-07").root == {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"type": "string"}},
    }
    assert form(schema, "2019-09").root == {
        "$ref": "#/$defs/a",
        "minLength": 2,
        "$defs": {"a": {"type": "string"}},
    }


@pytest.mark.parametrize(
    ("dialect", "schema"),
    [
        ("2020-12", {"$ref": "#a", "$defs": {"x": {"$anchor": "a", "const": 1}}}),
        ("2020-12", {"$ref": "#/components/a%20b~1c", "components": {"a b/c": {"const": 1}}}),
        ("2020-12", {"$ref": "#/$defs/%C3%A4", "$defs": {"ä": {"const": 1}}}),
        ("2020-12", {"$ref": "#/allOf/0", "allOf": [{"const": 1}]}),
        (
            "2020-12",
            {"$id": "https://e.org/a/b", "$ref": "c", "$defs": {"c": {"$id": "/a/c", "const": 1}}},
        ),
        (
            "2020-12",
            {"$ref": "efa:/dienst/1.0.0/application#/$defs/a", "$defs": {"a": {"const": 1}}},
        ),
        ("draft-07", {"allOf": [{"$ref": "#a"}], "definitions": {"x": {"$id": "#a", "const": 1}}}),
        ("draft-04", {"allOf": [{"$ref": "#a"}], "definitions": {"x": {"id": "#a", "enum": [1]}}}),
        ("draft-04", {"allOf": [{"$ref": "x"}], "definitions": {"x": {"id": "x", "enum": [1]}}}),
        ("2020-12", {"$dynamicRef": "#a", "$defs": {"x": {"$dynamicAnchor": "a", "const": 1}}}),
        ("2020-12", {"$ref": "./status"}),
        ("2020-12", {"$ref": "status#/definitions/deep"}),
        ("2020-12", {"$ref": "efa:dienst/1.0.0/status"}),
        (
            "2020-12",
            {
                "$ref": "https://e.org/old",
                "$defs": {
                    "old": {
                        "$id": "https://e.org/old",
                        "$schema": "http://json-schema.org/draft-04/schema#",
                        "allOf": [{"minimum": 0, "exclusiveMinimum": True}, {"$ref": "#/odd/x"}],
                        "odd": {"x": {"enum": [1]}},
                    }
                },
            },
        ),
        (
            "2020-12",
            {
                "$ref": "https://e.org/old#/odd/x",
                "$defs": {
                    "old": {
                        "$schema": "http://json-schema.org/draft-04/schema#",
                        "id": "https://e.org/old",
                        "odd": {"x": {"enum": [1]}},
                    }
                },
            },
        ),
        (
            "2020-12",
            {
                "$ref": "#/$defs/old",
                "$defs": {
                    "one": {"const": 1},
                    "old": {
                        "$schema": "http://json-schema.org/draft-04/schema#",
                        "allOf": [
                            {
                                "$schema": "http://json-schema.org/draft-07/schema#",
                                "allOf": [{"$ref": "#/$defs/one"}],
                            }
                        ],
                    },
                },
            },
        ),
    ],
)
def test_references_lead_where_they_say(dialect: Dialect, schema: Node) -> None:
    status: Node = {
        "allOf": [{"$ref": "#/definitions/deep"}],
        "definitions": {"deep": {"const": 1}},
    }
    found = form(schema, dialect, status=status)
    assert found.opaque == ()
    judge = Judge(found)
    for value, valid in ((1, True), (0, False), ("x", False)):
        assert (judge.valid_rs(value), judge.valid_py(value)) == (valid, valid)


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("http://e.x/root", "http://e.x/dir/../root"),
        ("http://e.x/dir/../root", "http://e.x/root"),
        ("http://e.x/a/./b/../root#/$defs/in", "http://e.x/a/root"),
        ("../root?a=/../b", "http://e.x/dir/.././root?a=/../b"),
    ],
)
def test_an_address_has_no_steps_up_and_down(written: str, named: str) -> None:
    """RFC 3986, 5.2.4: those of an absolute address are taken out too."""
    text: Node = {"$id": named, "type": "string", "$defs": {"in": {"type": "string"}}}
    refers: Node = {"$id": "http://e.x/dir/s", "$ref": written, "$defs": {"text": text}}
    assert form(refers).opaque == ()
    judge = Judge(Schema(root=refers))
    assert [(judge.valid_rs(value), judge.valid_py(value)) for value in (1, "a")] == [
        (False, False),
        (True, True),
    ]


def test_what_looks_like_a_reference_may_be_data_or_a_name() -> None:
    schema: Node = {
        "properties": {"$ref": {"type": "string"}, "$schema": {"const": {"$ref": "#/nowhere"}}},
        "examples": [{"$ref": "#/nowhere"}],
        "enum": [{"$ref": "#/nowhere"}],
    }
    found = form(schema)
    assert found.opaque == ()
    assert isinstance(found.root, dict)
    assert found.root == {key: schema[key] for key in ("properties", "enum")}


def test_recursive_schemas_stay_finite() -> None:
    tree: Node = {"properties": {"child": {"$ref": "#"}}, "required": ["name"]}
    found = form(tree)
    assert isinstance(found.root, dict)
    assert found.root["properties"] == {"child": {"$ref": "#/$defs/root"}}
    judge = Judge(found)
    assert judge.valid_rs({"name": 1, "child": {"name": 2}}) is True
    assert judge.valid_py({"name": 1, "child": {"child": {"name": 2}}}) is False


def test_a_target_is_one_definition_however_it_is_named() -> None:
    schema: Node = {
        "$id": "https://e.org/a",
        "anyOf": [{"$ref": "#x"}, {"$ref": "#/$defs/x"}, {"$ref": "https://e.org/a#x"}],
        "$defs": {"x": {"$anchor": "x", "type": "string"}},
    }
    assert form(schema).root == {
        "anyOf": [{"$ref": "#/$defs/x"}] * 3,
        "$defs": {"x": {"type": "string"}},
    }


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_a_reference_to_the_place_it_stands_at_is_opaque(keyword: str) -> None:
    schema: Node = {"$ref": "#/$defs/a", "$defs": {"a": {keyword: [{"$ref": "#/$defs/b"}]}}}
    schema["$defs"] = {"a": {keyword: [{"$ref": "#/$defs/b"}]}, "b": {"not": {"$ref": "#/$defs/a"}}}
    (opaque,) = form(schema).opaque
    assert opaque.keyword == "$ref"
    assert form({"$ref": "#"}).opaque[0].pointer == "/$ref"


TREE: Node = {
    "$id": "https://e.org/tree",
    "$dynamicAnchor": "node",
    "properties": {"children": {"items": {"$dynamicRef": "#node"}}},
}
STRICT: Node = {
    "$id": "https://e.org/strict",
    "$dynamicAnchor": "node",
    "$ref": "tree",
    "required": ["name"],
    "$defs": {"tree": TREE},
}


def test_dynamic_references_lead_to_the_outermost_place_of_that_name() -> None:
    loose: Node = {"children": [{}]}
    for schema, valid in ((STRICT, False), ({**STRICT, "$dynamicAnchor": "other"}, True)):
        for judge in (Judge(Schema(root=schema)), Judge(form(schema))):
            document: Node = {"name": 1, **loose}
            assert (judge.valid_rs(document), judge.valid_py(document)) == (valid, valid)


def test_recursive_references_of_2019_lead_to_the_outermost_resource() -> None:
    tree: Node = {
        "$id": "https://e.org/tree",
        "$recursiveAnchor": True,
        "properties": {"children": {"items": {"$recursiveRef": "#"}}},
    }
    strict: Node = {
        "$schema": "https://json-schema.org/draft/2019-09/schema",
        "$id": "https://e.org/strict",
        "$recursiveAnchor": True,
        "$ref": "tree",
        "required": ["name"],
        "$defs": {"tree": tree},
    }
    for schema, valid in ((strict, False), ({**strict, "$recursiveAnchor": False}, True)):
        found = form(schema)
        assert found.opaque == ()
        assert Judge(found).valid_rs({"name": 1, "children": [{}]}) is valid


@pytest.mark.parametrize(
    "address",
    [
        "http://json-schema.org/draft-07/schema#",
        "http://json-schema.org/draft-04/schema",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ],
)
def test_the_schemas_of_the_dialects_are_known(address: str) -> None:
    found = form({"$ref": address})
    assert found.opaque == ()
    judge = Judge(found)
    assert judge.valid_rs({"properties": {"a": {"minLength": 1}}}) is True
    assert judge.valid_rs({"properties": {"a": {"minLength": -1}}}) is False


def test_origins_name_what_the_publisher_wrote() -> None:
    schema: Node = {
        "items": [{"$ref": "#/definitions/a"}],
        "additionalItems": False,
        "minimum": 1,
        "exclusiveMinimum": True,
        "dependencies": {"a/b": {"maxProperties": 1}},
        "definitions": {"a": {"maxLength": 3}},
    }
    origins = form(schema, "draft-04").origins
    assert origins["/prefixItems/0"] == "/items/0"
    assert origins["/items"] == "/additionalItems"
    assert origins["/exclusiveMinimum"] == "/minimum"
    assert origins["/dependentSchemas/a~1b/maxProperties"] == "/dependencies/a~1b/maxProperties"
    assert origins["/$defs/a/maxLength"] == "/definitions/a/maxLength"
    there = form({"$ref": "./status"}, status={"properties": {"x": {}}}).origins
    assert there["/$defs/status/properties/x"] == "efa:/dienst/1.0.0/status#/properties/x"
    with pytest.raises(KeyError):
        there["/nowhere"]


def test_annotations_are_kept_beside_the_form() -> None:
    schema: Node = {
        "title": "A",
        "properties": {"b": {"format": "date", "x-own": 1, "$comment": "c"}},
        "$defs": {"unused": {}},
    }
    found = form(schema)
    assert found.annotations[""] == {"title": "A"}
    assert found.annotations["/properties/b"] == {"format": "date", "x-own": 1, "$comment": "c"}
    assert form({"format": "date"}).root == {}
    asserting = plain(
        Schema(root={"format": "date", "allOf": [{"format": "own"}]}), formats="assert"
    )
    assert asserting.root == {"format": "date", "allOf": [{}]}


def test_large_and_deep_schemas_are_read() -> None:
    deep: Json = {"type": "string"}
    for _ in range(2_000):
        deep = {"properties": {"a": deep}}
    assert form(deep).opaque == ()
    chain: Node = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}]} for n in range(2_000)}
    assert form({"$ref": "#/$defs/d0", "$defs": {**chain, "d2000": {}}}).opaque == ()


def test_remarks_do_not_change_what_a_circle_means() -> None:
    circle: Node = {"a": {"allOf": [{"$ref": "#/$defs/a"}, {"type": "string"}]}}
    one: Node = {"properties": {"v": {"$ref": "#/$defs/a"}}, "$defs": circle}
    assert form({**one, "title": "A"}).root == form({**one, "title": "B"}).root
    other: Node = {"a": {"allOf": [{"$ref": "#/$defs/a"}, {"type": "integer"}]}}
    assert form({**one, "$defs": other}).root != form(one).root


CLOSING: list[Node] = [
    {"$ref": "#/$defs/a"},
    *({keyword: {"$ref": "#/$defs/a"}} for keyword in ("not", "if", "then", "else")),
    *({keyword: [True, {"$ref": "#/$defs/a"}]} for keyword in ("allOf", "anyOf", "oneOf")),
    {"dependentSchemas": {"b": {"$ref": "#/$defs/a"}}},
]


@pytest.mark.parametrize("schema", CLOSING)
def test_a_reference_that_comes_back_at_the_same_place_closes_a_circle(schema: Node) -> None:
    found = circles({"a": {"not": schema}})
    assert [(node["$ref"], target) for node, target in found] == [("#/$defs/a", "a")]


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"$ref": "#/$defs/a"}}},
        {"items": {"$ref": "#/$defs/a"}},
        {"contains": {"$ref": "#/$defs/a"}},
        {"additionalProperties": {"$ref": "#/$defs/a"}},
        {"const": {"$ref": "#/$defs/a"}},
    ],
)
def test_a_reference_that_speaks_of_a_part_closes_none(schema: Node) -> None:
    assert circles({"a": schema}) == []


def test_each_circle_is_cut_once_and_other_ways_to_it_are_left() -> None:
    def to(*names: str) -> Node:
        return {"allOf": [{"$ref": f"#/$defs/{name}"} for name in names]}

    def cut(definitions: Node) -> list[str]:
        return sorted(target for _, target in circles(definitions))

    assert cut({"a": to("b"), "b": to("c"), "c": to("a")}) == ["a"]
    assert cut({"x": to("a"), "a": to("b"), "b": to("a")}) == ["a"]
    assert cut({"a": to("b", "c"), "b": to("d"), "c": to("d"), "d": True}) == []
    assert cut({"a": to("b"), "b": to("b", "a"), "c": to("c")}) == ["a", "b", "c"]
    assert cut({"a": to("b", "b"), "b": to("a")}) == ["a"]


def test_a_circle_is_said_to_be_where_it_was_written() -> None:
    schema: Node = {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}
    found = form(schema)
    assert [(one.keyword, one.pointer) for one in found.opaque] == [
        ("$ref", "/$defs/a/anyOf/0/$ref")
    ]
    assert found.origins["/$defs/a/anyOf/0/$opaque"] == "/$defs/a/anyOf/0/$ref"


def test_the_form_tells_its_places_and_no_others() -> None:
    found = form(
        {"properties": {"a": {"type": "string", "items": {"minItems": 1}}}, "allOf": [{"not": {}}]}
    )
    assert set(found.origins) == {
        "",
        "/properties/a",
        "/properties/a/items",
        "/allOf/0",
        "/allOf/0/not",
    }
    assert len(found.origins) == 5
    assert found.origins["/properties/a/type"].endswith("/properties/a/type")
    for nowhere in ("/properties/b", "/allOf/1", "/allOf/x", "/properties/a/type/x"):
        with pytest.raises(KeyError):
            found.origins[nowhere]
        with pytest.raises(KeyError):
            found.annotations[nowhere]
    with pytest.raises(KeyError):
        found.annotations["/properties"]


def test_definitions_of_one_name_get_keys_of_their_own() -> None:
    schema: Node = {
        "properties": {
            "a": {"$ref": "#/$defs/x%20y"},
            "b": {"$ref": "#/definitions/x%20y"},
            "c": {"$ref": "#/x/x%20y"},
            "d": {"$ref": "#"},
        },
        "$defs": {"x y": {"type": "string"}},
        "definitions": {"x y": {"type": "number"}},
        "x": {"x y": {"type": "null"}},
    }
    root = form(schema).root
    assert isinstance(root, dict)
    definitions, places = root["$defs"], root["properties"]
    assert isinstance(definitions, dict)
    assert isinstance(places, dict)
    assert sorted(definitions) == ["root", "x_y", "x_y-2", "x_y-3"]
    meant = {
        name: definitions[place["$ref"].removeprefix("#/$defs/")]
        for name, place in places.items()
        if isinstance(place, dict) and isinstance(place["$ref"], str)
    }
    assert [meant[name] for name in "abc"] == [
        {"type": "string"},
        {"type": "number"},
        {"type": "null"},
    ]


def test_a_number_is_read_without_loss_and_whole_where_it_is() -> None:
    assert (exact(0.1), exact(2.0), exact(float("inf"))) == (Decimal("0.1"), 2, None)
    assert type(exact(2.0)) is int
