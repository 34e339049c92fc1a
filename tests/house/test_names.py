"""Names of the house: the same few file names per room, no catch-all modules, no assembled SQL."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "registry"
BANNED = {"utils", "common", "core", "helpers", "base", "services", "managers", "misc"}
SQL = re.compile(r"\b(select|insert into|update|delete from)\b", re.IGNORECASE)
HOSTS = re.compile(r"(py[p]i|python[h]osted|npm[j]s|debi[a]n)\.(org|com)|/(w[o]rk|f[a]rm)/")
TEXT = {".py", ".md", ".toml", ".sql", ".yaml", ".yml", ".json", ".csv", ".lock", ".txt", ""}


def test_no_catch_all_modules() -> None:
    assert [path for path in PACKAGE.rglob("*") if path.stem in BANNED] == []


def test_sql_is_never_assembled() -> None:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                text = "".join(
                    str(part.value) for part in node.values if isinstance(part, ast.Constant)
                )
                assert not (SQL.search(text) and "\n" in text), f"{path}:{node.lineno}"


def test_sql_stands_in_stores_and_db_only() -> None:
    for path in PACKAGE.rglob("*.py"):
        if "store" in path.stem or path.parent.name in ("db", "store"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value.strip().lower()
                assert not re.match(
                    r"(select|insert into|update|delete from) .* (from|into|set|values) ", text
                ), f"{path}:{node.lineno}"


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
