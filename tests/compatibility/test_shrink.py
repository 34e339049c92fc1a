"""Witnesses are made small and plain, without losing what they show."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from registry.compatibility.findings.purse import Purse
from registry.compatibility.findings.shrink import cost, shrink
from registry.compatibility.model import Budget
from registry.dialects.strict_json import Json

CASES: list[tuple[Any, Callable[[Any], Any], Any]] = [
    ({"a": 1, "b": [2, 3], "c": "text"}, lambda value: "b" in value, {"b": []}),
    ({"a": {"b": {"c": 50}}}, lambda value: "c" in value["a"]["b"], {"a": {"b": {"c": 0}}}),
    ([9, "x", 7], lambda value: 7 in value, [7]),
    (["\n\nß"], lambda value: len(value[0]) == 3, ["AAA"]),
    ("a\n\n\n\nb", lambda value: "\n" in value, "\n"),
    ("xaaaay", lambda value: value.startswith("x"), "x"),
    ("xaaaay", lambda value: value.endswith("y"), "y"),
    (1000, lambda value: value >= 100, 100),
    (150, lambda value: value >= 60, 75),
    (Decimal("2.5"), lambda value: value > 1, 2),
    ({"a": "long text"}, lambda value: isinstance(value["a"], str), {"a": ""}),
    ([True], lambda value: value and isinstance(value[0], bool), [True]),
]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, 1),
        (True, 1),
        (0, 2),
        (-12, 4),
        (Decimal("0.25"), 5),
        ("", 1),
        ("Ab ž", 5),
        ("\n", 6),
        ("ſ", 6),
        ([], 2),
        ([None, None], 6),
        ({}, 2),
        ({"name": None}, 9),
    ],
)
def test_what_there_is_to_read_is_counted(value: Json, expected: int) -> None:
    assert cost(value) == expected


@pytest.mark.parametrize(("document", "kept", "smallest"), CASES)
def test_a_document_keeps_only_what_it_takes(document: Any, kept: Any, smallest: Any) -> None:
    def keep(value: Any) -> bool:
        try:
            return bool(kept(value))
        except (KeyError, TypeError, IndexError):
            return False

    found = shrink(document, keep)
    assert found == smallest
    assert type(found) is type(smallest)


def test_a_document_that_shows_nothing_smaller_stays() -> None:
    assert shrink({"a": [1, "x"]}, lambda _: False) == {"a": [1, "x"]}


def test_shrinking_ends_after_so_many_tries() -> None:
    tried: list[Json] = []

    def refuse(value: Json) -> bool:
        tried.append(value)
        return False

    many: list[Json] = ["b" * 50] * 20
    assert shrink(many, refuse, steps=7) == many
    assert len(tried) == 7


def test_a_document_too_large_to_shrink_is_left_alone() -> None:
    largest, larger = "A" * 1_999, "A" * 2_000
    assert shrink(largest, lambda _: True) == ""
    assert shrink(larger, lambda _: True) == larger


@pytest.mark.parametrize("budget", [Budget(steps=0, seconds=60), Budget(steps=10, seconds=-1)])
def test_a_purse_without_steps_or_time_is_empty(budget: Budget) -> None:
    assert Purse(budget).empty
    assert not Purse(Budget(steps=1, seconds=60)).empty
