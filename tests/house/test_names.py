"""Names of the house: the same few file names per room, no catch-all modules, no assembled SQL."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "registry"
BANNED = {"utils", "common", "core", "helpers", "base", "services", "managers", "misc"}
SQL = re.compile(
    r"^\s*(select\s.+\sfrom|insert\s+into|update\s.+\sset|delete\s+from|with\s.+\sas)\s",
    re.DOTALL | re.IGNORECASE,
)
HOSTS = re.compile(r"(py[p]i|python[h]osted|npm[j]s|debi[a]n)\.(org|com)|/(w[o]rk|f[a]rm)/")
TEXT = {".py", ".md", ".toml", ".sql", ".yaml", ".yml", ".json", ".csv", ".lock", ".txt", ""}


def test_no_catch_all_modules() -> None:
    assert [path for path in PACKAGE.rglob("*") if path.stem in BANNED] == []


def _texts(path: Path, kind: type[ast.AST]) -> Iterator[tuple[int, str]]:
    """The string constants directly inside nodes of one kind, with their line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, kind):
            for part in ast.iter_child_nodes(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.lineno, part.value


def test_sql_is_never_assembled() -> None:
    """No f-strings, no `+` or `%`, no `.format` on statements."""
    for path in PACKAGE.rglob("*.py"):
        for kind in (ast.JoinedStr, ast.BinOp, ast.Attribute):
            for line, text in _texts(path, kind):
                assert not SQL.match(text), f"{path}:{line}"


def test_statements_are_recognised() -> None:
    stores = [path for path in PACKAGE.rglob("*.py") if "store" in (path.stem, path.parent.name)]
    found = [text for path in stores for _, text in _texts(path, ast.Call) if SQL.match(text)]
    assert len(found) > 50


def test_sql_stands_in_stores_and_db_only() -> None:
    for path in PACKAGE.rglob("*.py"):
        if "store" in path.stem or path.parent.name in ("db", "store", "embedded"):
            continue
        for kind in (ast.Call, ast.Assign, ast.AnnAssign):
            for line, text in _texts(path, kind):
                assert not SQL.match(text), f"{path}:{line}"


def test_no_file_names_a_package_host_or_a_workplace() -> None:
    found: list[str] = []
    for path in ROOT.rglob("*"):
        relative = path.relative_to(ROOT)
        hidden = any(part.startswith(".") and part != ".ci" for part in relative.parts)
        if hidden or not path.is_file() or path.suffix not in TEXT or path.stat().st_size > 1 << 20:
            continue
        if HOSTS.search(path.read_text(errors="ignore")):
            found.append(str(relative))
    assert found == []
