"""Kept verdicts are answered by the engine of their number: whoever changes it decides about it."""

import ast
import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import cast

from registry.compatibility.compare import ENGINE

ROOT = Path(__file__).parents[2]
PINNED = Path(__file__).with_name("engine.json")
ROOMS = ("registry/compatibility", "registry/dialects")
COMMAND = ".venv/bin/python -m tests.house.test_engine"
CHANGED = (
    "The engine that compares schemas changed. Could any verdict be another now? Then raise ENGINE "
    f"in registry/compatibility/compare.py. In either case pin it as it is now: {COMMAND}"
)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def spoken(node: ast.AST) -> Iterator[str]:
    """What a program says, without remarks and layout, in the same words for every Python."""
    yield type(node).__name__
    for name, value in ast.iter_fields(node):
        if isinstance(node, ast.Constant) and name == "kind":
            continue
        held = cast("list[object]", value) if isinstance(value, list) else [value]
        if isinstance(node, DOCUMENTED) and name == "body" and ast.get_docstring(node) is not None:
            held = held[1:]
        for each in held:
            if each is not None:
                yield f"({name}"
                yield from spoken(each) if isinstance(each, ast.AST) else [repr(each)]
                yield ")"


def said(text: str) -> str:
    return " ".join(spoken(ast.parse(text)))


def pin() -> dict[str, str]:
    sources = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            sources.update(
                f"{path.relative_to(ROOT).as_posix()} {said(path.read_text())}\n".encode()
            )
    return {
        "engine": ENGINE,
        "jsonschema-rs": version("jsonschema-rs"),
        "sources": sources.hexdigest(),
    }


def test_who_changes_the_engine_decides_about_its_number() -> None:
    assert pin() == json.loads(PINNED.read_text()), CHANGED


def test_remarks_and_layout_are_no_change_and_all_else_is() -> None:
    one = said('def f(x):\n    """Says."""\n    return x + 1\n')
    assert one == said("# why\ndef f(x):\n\n    return (x\n        + 1)\n")
    assert one != said("def f(x):\n    return x + 2\n")
    assert one != said("def f(x):\n    return x - 1\n")


if __name__ == "__main__":
    PINNED.write_text(json.dumps(pin(), indent=2) + "\n")
