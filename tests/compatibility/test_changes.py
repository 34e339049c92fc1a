"""What the walk finds between two schemas: whole, its edits do what they say, and it stays so."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from registry.compatibility.changes import alignment
from registry.compatibility.changes.alignment import same
from registry.compatibility.changes.change import Change, Effect
from registry.compatibility.changes.places import View, edited, place_text
from registry.compatibility.changes.walk import Walk, walk
from registry.compatibility.compare import ENGINE
from registry.compatibility.model import Schema, schema_of
from registry.compatibility.plain import plain
from registry.compatibility.solver import Found, find
from registry.dialects.strict_json import Json
from tests.compatibility.drawn import BUDGET, Drawn, drawn

KEPT = Path(__file__).parent / "kept" / "changes.json"
PARTS = 4
MOST = 12
"""Changes of a pair that are undone; few have more."""
CIRCULAR = frozenset({448, 2177, 2555, 4133, 5862})
"""Pairs that refer in circles: a part that is undone leads back to one that is not."""


def views(one: Drawn) -> tuple[View, View]:
    return (
        View(plain(one.old, formats=one.formats), "old"),
        View(plain(one.new, formats=one.formats), "new"),
    )


def name(change: Change) -> tuple[str, str, str]:
    return change.rule, place_text(change.place), change.identity


def said(change: Change) -> tuple[Any, ...]:
    """All that is known of a change but the two sides it was found between."""
    facts = sorted(change.facts.items())
    edits = change.undo, change.apply, change.hints
    values = change.old, change.new, change.before, change.after
    return (*name(change), change.effect, change.pair.plain, facts, edits, values)


def digest(found: Walk) -> str:
    listed = [said(one) for one in (*found.changes, *found.notes)], sorted(found.anchors.items())
    return hashlib.sha256(repr(listed).encode()).hexdigest()[:16]


@cache
def kept() -> dict[str, str]:
    return json.loads(KEPT.read_text())["changes"]


@pytest.mark.parametrize("part", range(PARTS))
def test_changes_are_those_this_engine_found_before(part: int) -> None:
    found = {str(one.number): digest(walk(*views(one))) for one in drawn()[part::PARTS]}
    assert found == {number: kept()[number] for number in found}


def test_the_changes_were_kept_under_the_number_of_this_engine() -> None:
    assert json.loads(KEPT.read_text())["engine"] == ENGINE


@pytest.mark.parametrize("part", range(PARTS))
def test_a_change_that_is_undone_or_applied_alone_is_found_no_more(part: int) -> None:
    left: list[Any] = []
    for one in drawn()[part::PARTS]:
        old, new = views(one)
        for change in walk(old, new).changes[:MOST]:
            undone = walk(old, View(edited(new, old, change.undo), "new"))
            applied = walk(View(edited(old, new, change.apply), "old"), new)
            again = [*undone.changes, *applied.changes]
            if name(change) in map(name, again) and one.number not in CIRCULAR:
                left.append((one.number, name(change)))
    assert left == []


@pytest.mark.parametrize("part", range(PARTS))
def test_what_a_change_does_to_the_values_of_the_whole_is_what_it_says(part: int) -> None:
    """At the place of the whole document, where its values are the documents."""
    wrong: list[Any] = []
    for one in drawn()[part::PARTS]:
        old, new = views(one)
        for change in walk(old, new).changes[:MOST]:
            assert change.effect in get_args(Effect)
            if change.pair.place or change.pair.part_of or not change.pair.plain:
                continue
            before, after = old.plain.root, edited(old, new, change.apply).root
            if not _does(change.effect, before, after):
                wrong.append((one.number, name(change), change.effect))
    assert wrong == []


def test_the_pairs_show_every_effect_at_the_whole_document() -> None:
    effects = {
        change.effect
        for one in drawn()
        for change in walk(*views(one)).changes
        if change.pair.plain and not change.pair.place and not change.pair.part_of
    }
    assert effects >= {"widens", "narrows", "either"}


def _does(effect: Effect, before: Json, after: Json) -> bool:
    lost = isinstance(find([before], [after], BUDGET), Found)
    won = isinstance(find([after], [before], BUDGET), Found)
    return (effect not in ("widens", "none") or not lost) and (
        effect not in ("narrows", "none") or not won
    )


def arms(*given: Json) -> Schema:
    return Schema(root={"oneOf": list(given)})


def arm(kind: str, value: Json) -> Json:
    return {"type": "object", "properties": {"kind": {"const": kind}, "value": value}}


def test_alternatives_that_moved_are_told_by_the_value_that_marks_them() -> None:
    """Number beside number would be the nearer match, and another alternative."""
    old = arms(arm("a", {"type": "string"}), arm("b", {"type": "number"}))
    new = arms(arm("b", {"type": "string"}), arm("a", {"type": "number"}))
    found = walk(View(plain(old), "old"), View(plain(new), "new"))
    assert {name(one)[:2] for one in found.changes} == {("EFA-TYPE-03", "/value")}
    assert len(found.changes) == 2


def test_a_name_declared_twice_is_carried_over_with_all_that_is_said_of_it() -> None:
    parts: list[Json] = [
        {"properties": {"a": {"minLength": 2}}},
        {"properties": {"a": {"maxLength": 3}}},
    ]
    schemas = Schema(root={"allOf": parts}), Schema(root={"properties": {"b": True}})
    old, new = View(plain(schemas[0]), "old"), View(plain(schemas[1]), "new")
    dropped = next(one for one in walk(old, new).changes if one.subject == "a")
    undone = edited(new, old, dropped.undo).root
    for value in ("x", "xxxx"):
        assert isinstance(find([{"const": {"a": value}}], [undone], BUDGET), Found)
    assert not isinstance(find([{"const": {"a": "xx"}}], [undone], BUDGET), Found)


@pytest.mark.parametrize(("count", "complete"), [(2_000, True), (2_001, False)])
def test_a_list_of_changes_that_was_cut_says_so(count: int, complete: bool) -> None:
    required: Json = {"required": [f"n{number}" for number in range(count)]}
    found = walk(View(plain(Schema(root={})), "old"), View(plain(Schema(root=required)), "new"))
    assert (len(found.changes), found.complete) == (2_000, complete)


if __name__ == "__main__":
    found = {str(one.number): digest(walk(*views(one))) for one in drawn()}
    KEPT.write_text(json.dumps({"engine": ENGINE, "changes": found}, indent=0) + "\n")


def walked(old: dict[str, Any], new: dict[str, Any]) -> Walk:
    return walk(View(plain(schema_of(old)), "old"), View(plain(schema_of(new)), "new"))


def alternatives(mark: str) -> list[Any]:
    return [{"properties": {"kind": {"const": f"{mark}{one}"}}} for one in range(300)]


def test_many_alternatives_are_not_each_compared_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(old: alignment.Looked, new: alignment.Looked) -> bool:
        asked.append(1)
        return same(old, new)

    monkeypatch.setattr(alignment, "same", counted)
    old, new = alternatives("a"), alternatives("b")
    found = walked({"anyOf": old}, {"anyOf": [*new[1:], old[7]]})
    assert len(found.changes) == 2 * 299
    assert len(asked) < 10


def test_equal_alternatives_are_found_however_they_are_written() -> None:
    old: dict[str, Any] = {
        "$defs": {"name": {"type": ["string"], "title": "Name"}},
        "anyOf": [
            {"required": ["b", "a"], "properties": {"a": {"$ref": "#/$defs/name"}}},
            {"enum": [1, 2.0]},
            {"items": {"minLength": 2}, "type": "array"},
        ],
    }
    new: dict[str, Any] = {
        "anyOf": [
            {"type": ["array"], "items": {"minLength": 2}},
            {"enum": [2, 1]},
            {"properties": {"a": {"title": "Name", "type": "string"}}, "required": ["a", "b"]},
        ]
    }
    assert walked(old, new).changes == []
