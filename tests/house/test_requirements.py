"""The map from requirements of BSI TR-03172-3 to tests names tests that are there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAP = ROOT / "docs" / "tr-03172-3.md"
ROW = re.compile(r"^\| (A3\.\d+(?:\.\d\d)?|4\.2) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z_0-9]+)`")
ROWS = ROW.findall(MAP.read_text())


def test_every_row_is_read_and_each_number_stands_once() -> None:
    numbers = [number for number, _, _ in ROWS]
    lines = [line for line in MAP.read_text().splitlines() if line.startswith("| ")]
    assert len(numbers) == len(lines) - 1
    assert len(set(numbers)) == len(numbers) > 20


@pytest.mark.parametrize(("number", "tests"), [(number, tests) for number, _, tests in ROWS])
def test_each_requirement_names_tests_that_exist(number: str, tests: str) -> None:
    named = NAMED.findall(tests)
    assert ", ".join(f"`{file}::{test}`" for file, test in named) == tests
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text())
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
        assert test in {node.name for node in tree.body if isinstance(node, kinds)}, number
