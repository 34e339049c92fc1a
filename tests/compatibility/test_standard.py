"""Each case of the JSON Schema Test Suite, asked as questions of inclusion."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from registry.compatibility import Schema, contains
from registry.compatibility.judges import Judge
from registry.compatibility.plain import plain
from registry.dialects.keywords import Dialect

FOLDER = Path(__file__).parent / "standard"
DIALECTS: dict[str, Dialect] = {
    "draft4": "draft-04",
    "draft6": "draft-06",
    "draft7": "draft-07",
    "draft2019-09": "2019-09",
    "draft2020-12": "2020-12",
}
CONTEXT = ('"#', "$id", "unevaluated")
"""A schema with one of these means something else inside another."""


def _groups(file: Path) -> Iterator[Any]:
    for group in json.loads(file.read_text(), parse_float=Decimal):
        if "localhost" not in json.dumps(group["schema"], default=str):
            yield group


def _questions(folder: str, file: Path) -> Iterator[tuple[str, Schema, Schema, bool]]:
    for group in _groups(file):
        schema = group["schema"]
        text = json.dumps(schema, default=str)
        whole = _schema(folder, schema)
        for case in group["tests"]:
            name = f"{group['description']}: {case['description']}"
            one: Any = {"enum": [case["data"]]}
            yield name, whole, _schema(folder, one), case["valid"]
            if folder.startswith("draft20") and not any(word in text for word in CONTEXT):
                more = _schema(folder, {"anyOf": [schema, one]})
                less = _schema(folder, {"allOf": [schema, {"not": one}]})
                yield f"{name} (added)", whole, more, case["valid"]
                yield f"{name} (taken out)", less, whole, not case["valid"]


def _schema(folder: str, root: Any) -> Schema:
    return Schema(root=root, dialect=DIALECTS[folder])


@pytest.mark.parametrize("folder", DIALECTS)
def test_what_the_dialects_say_of_documents_holds_of_sets_of_them(folder: str) -> None:
    wrong = [
        f"{file.stem}: {name}"
        for file in sorted((FOLDER / folder).glob("*.json"))
        for name, larger, smaller, expected in _questions(folder, file)
        if contains(larger, smaller, reading="open").answer != ("yes" if expected else "no")
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", DIALECTS)
def test_both_validators_judge_as_the_dialects_do_as_published_and_in_the_plain_form(
    folder: str,
) -> None:
    wrong = [
        f"{file.stem}: {group['description']}: {case['description']}"
        for file in sorted((FOLDER / folder).glob("*.json"))
        for group in _groups(file)
        for published in [_schema(folder, group["schema"])]
        for judge in (Judge(published), Judge(plain(published)))
        for case in group["tests"]
        if (judge.valid_rs(case["data"]), judge.valid_py(case["data"])) != (case["valid"],) * 2
    ]
    assert wrong == []
