"""The limits of style: functions median 8 lines, p90 25, at most 50; modules p90 250, max 400."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "registry"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_data" not in path.parts)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _functions() -> dict[str, int]:
    found: dict[str, int] = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found[f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}"] = _length(node)
    return found


def _percentile(values: list[int], share: float) -> int:
    return sorted(values)[int(share * (len(values) - 1))]


def test_functions_are_short() -> None:
    sizes = list(_functions().values())
    assert _percentile(sizes, 0.5) <= 8
    assert _percentile(sizes, 0.9) <= 25


def test_no_function_is_over_50_lines() -> None:
    assert {name: size for name, size in _functions().items() if size > 50} == {}


def test_modules_are_small() -> None:
    sizes = {str(path.relative_to(PACKAGE)): len(path.read_text().splitlines()) for path in MODULES}
    assert {name: size for name, size in sizes.items() if size > 400} == {}
    assert _percentile(list(sizes.values()), 0.9) <= 250


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_says_what_it_is_for(path: Path) -> None:
    assert path.name == "__main__.py" or ast.get_docstring(ast.parse(path.read_text()))
