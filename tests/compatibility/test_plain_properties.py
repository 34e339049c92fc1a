"""The plain form accepts exactly the documents its schema accepts, in every dialect."""

import json
import re

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from registry.compatibility.judges import Judge
from registry.compatibility.model import Schema
from registry.compatibility.plain import plain
from registry.dialects.keywords import KEYWORDS, Dialect
from registry.dialects.strict_json import Json, Limits, read_json, walk
from tests.versions.drawn import cases

LIMITS = Limits(bytes=1 << 20, depth=64, nodes=20_000)
ASSERTED = frozenset(
    (
        *("type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        *("multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems"),
        *("uniqueItems", "minContains", "maxContains", "required", "minProperties"),
        *("maxProperties", "dependentRequired", "$ref", "$opaque"),
        *(name for name, keyword in KEYWORDS.items() if keyword.known_to("2020-12")),
    )
) - {"definitions", "contentSchema"}


def read(text: str) -> Json:
    return read_json(text.encode(), LIMITS)


def is_modelled(text: str, dialect: Dialect) -> bool:
    """Draft 4 tells `1.0` from `1`; the plain form does not."""
    return dialect != "draft-04" or re.search(r"\d\.0|\de", text) is None


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_both_forms_accept_the_same_documents(case: tuple[Dialect, str, list[str]]) -> None:
    dialect, text, documents = case
    note(text)
    schema = Schema(root=read(text), dialect=dialect)
    form = plain(schema)
    note(json.dumps(form.root, default=str))
    assert form.opaque == ()
    published, ours = Judge(schema), Judge(form)
    for document in filter(lambda each: is_modelled(each, dialect), documents):
        note(document)
        value = read(document)
        assert ours.valid_rs(value) == published.valid_rs(value)
        assert ours.valid_py(value) == published.valid_py(value)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_a_plain_form_is_its_own_plain_form(case: tuple[Dialect, str, list[str]]) -> None:
    dialect, text, _ = case
    form = plain(Schema(root=read(text), dialect=dialect))
    again = plain(Schema(root=form.root, dialect="2020-12"))
    for document in case[2]:
        assert Judge(again).valid_rs(read(document)) == Judge(form).valid_rs(read(document))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_every_node_of_the_form_comes_from_somewhere(
    case: tuple[Dialect, str, list[str]],
) -> None:
    dialect, text, _ = case
    root = read(text)
    form = plain(Schema(root=root, dialect=dialect))
    written = {"".join(f"/{step}".replace("~", "~0") for step in steps) for steps, _ in walk(root)}
    for pointer in form.origins:
        assert form.origins[pointer] in written
        assert pointer in form.annotations


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["a", "#", "#/a"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from([*sorted(ASSERTED), "id", "$id", "$anchor"]), inner),
    ),
    max_leaves=12,
)


@settings(max_examples=500, deadline=None)
@given(VALUES, st.sampled_from(["draft-04", "draft-06", "draft-07", "2019-09", "2020-12"]))
def test_whatever_json_is_given_as_a_schema_has_a_plain_form(root: Json, dialect: Dialect) -> None:
    form = plain(Schema(root=root, dialect=dialect))
    assert all(form.origins[pointer] is not None for pointer in form.origins)
    assert isinstance(form.root, dict | bool)
