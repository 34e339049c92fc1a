"""Every command with `--lang` speaks one language at a time, also of what was typed wrong."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.compatibility.rules import Language
from tests.cli.typed import ROOT, Efa

CLI = ROOT / "registry/cli"
WORDS = tomllib.loads((CLI / "checking/words.toml").read_text())
GAP = re.compile(r"\{([a-z_]+)\}")

# Words that stand in sentences of one of the two languages only.
OF: dict[Language, re.Pattern[str]] = {
    "de": re.compile(
        r"\b(der|das|ist|nicht|kein|keine|und|oder|mit|eine|einen|gibt|wurde|sind|zu|Sie|für|auf)\b"
    ),
    "en": re.compile(
        r"\b(the|is|not|no|and|or|with|this|there|must|cannot|of|does|be|are|to|one|by|for)\b"
    ),
}
OTHER: dict[Language, Language] = {"de": "en", "en": "de"}


def sentences() -> Iterator[tuple[str, str, str, str]]:
    for kind, by_language in WORDS.items():
        for name, german in by_language["de"].items():
            yield kind, name, german, by_language["en"][name]


def test_the_words_are_the_same_sentences_in_both_languages() -> None:
    for kind, by_language in WORDS.items():
        assert by_language["de"].keys() == by_language["en"].keys(), kind
    for kind, name, german, english in sentences():
        assert sorted(set(GAP.findall(german))) == sorted(set(GAP.findall(english))), (kind, name)
        said = re.sub(r"`[^`]*`|\{[a-z_]+\}", "", german), re.sub(r"`[^`]*`", "", english)
        assert not OF["en"].search(said[0]), (kind, name, german)
        assert not OF["de"].search(said[1]), (kind, name, english)


def speaking_files() -> list[Path]:
    """The modules whose commands are told a language."""
    texts = {file: file.read_text() for file in CLI.rglob("*.py")}
    return [
        file
        for file, text in texts.items()
        if "checking" in file.parts or "import LANGUAGE" in text or "language: Language" in text
        if file.name != "main.py"
    ]


def literal(node: ast.expr) -> str:
    """The words of a literal text, its gaps left out."""
    if isinstance(node, ast.JoinedStr):
        return " ".join(literal(part) for part in node.values if isinstance(part, ast.Constant))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_no_command_with_a_language_has_its_words_in_the_code() -> None:
    saying = {"UsageError", "ClickException", "SetupProblem", "BadParameter", "echo"}
    files = speaking_files()
    assert {"commands.py", "upkeep.py", "tokens.py", "intake.py"} <= {file.name for file in files}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and node.args:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
                called = node.func.id if isinstance(node.func, ast.Name) else called
                words = re.findall(r"[A-Za-zäöüß]{2,}", literal(node.args[0]))
                assert called not in saying or len(words) < 2, (file.name, node.lineno, words)


TYPED = (
    "check", "chek", "diff a.json", "diff a.json b.json c", "check a.json --foo",
    "check a.json --lang xx", "check a.json --against /nonexistent", "check a.json",
    "check a.json --against a.json --service s", "check a.json --service s --base 1.0.0",
    "check a.json --against a.json --number 1.0.0", "check a.json --against a.json --number 1.0",
    "check nowhere.json --against a.json", "check empty --against a.json",
    "check a.json --against a.json --format x", "check a.json --against a.json --fail-on x",
    "check a.json --against a.json --format json --format text",
    "check a.json --against a.json --format json=a --format junit=a",
    "check a.json --against a.json --exceptions e.toml", "check broken.json --against a.json",
    "check broken.yaml --against a.json", "check odd.json --against a.json",
    "check A.json --against a.json", "check a.json a.json --against a.json",
    "diff a.json b.json --all", "diff b.json a.json", "diff a.json a.json", "explain EFA-REQ-01",
    "explain", "explain EFA-REQ-99", "check a.json --service s", "publish s 1.0.0",
    "publish s 1.0.0 a.json", "outdated", "can-i-retire s", "can-i-retire s 1.0.0",
    "outdated --fail-on x", "reuse import", "reuse import nowhere.csv", "reuse import a.json",
    "usage import", "token create", "token create --scope read --days x", "token revoke x",
    "token list --all", "token", "log verify a.json --key x", "log verify --key x",
    "reconcile nowhere",
)  # fmt: skip
FILES = {
    "a.json": json.dumps({"properties": {"alter": {"maxLength": 2}}}),
    "b.json": json.dumps({"properties": {"alter": {"maxLength": 1}, "x": {}}, "title": "x"}),
    "A.json": "{}",
    "broken.json": '{"a": ',
    "broken.yaml": "a: 0x1F\n",
    "odd.json": '{"type": "text"}',
    "e.toml": '[[exception]]\nfingerprint = "x"\n',
}
# Names and quotations: what the user typed, what others wrote, and words both languages have.
QUOTED = re.compile(
    r"`[^`]*`|“[^”]*”|„[^“]*“|\{.*\}|--[a-z-]+|EFA_[A-Z_]+|EFA-[A-Z]+-\d+|https?://\S+"
)


@pytest.mark.parametrize("language", ["de", "en"])
def test_commands_speak_the_language_asked_for(typed: Efa, language: Language) -> None:
    for name, text in FILES.items():
        Path(name).write_text(text)
    Path("empty").mkdir()
    env: dict[str, Any] = {"EFA_REGISTRY_URL": "http://127.0.0.1:9", "EFA_TOKEN": ""}
    mixed: list[Any] = []
    for command in TYPED:
        ran = typed(*command.split(), "--lang", language, env=env)
        assert ran.code in (0, 1, 2, 3), command
        if "--help" in ran.out:  # a group alone shows its help
            continue
        said = QUOTED.sub("", ran.out + ran.err)
        assert said.strip(), command
        found = OF[OTHER[language]].findall(said)
        mixed += [(command, found, said)] if found else []
    assert not mixed


@pytest.mark.parametrize(
    ("further", "german", "english"),
    [
        ((), "dort nimmt niemand Verbindungen an", "nobody takes connections there"),
        (("--token-file", "t"), "t: diese Datei gibt es nicht", "t: there is no such file"),
        (("--token-file", "."), "das ist ein Ordner, keine Datei", "this is a folder, not a file"),
        (
            ("--format", "json=a.json/x/y"),
            "den Ordner a.json/x gibt es nicht", "there is no folder a.json/x",
        ),
        (("--format", "json=."), "das ist ein Ordner, keine Datei", "this is a folder"),
        (
            ("--exceptions", "e.toml"),
            "e.toml:1: /exception/0/expires: hier steht ein Datum ohne Anführungszeichen, "
            "zum Beispiel 2026-12-31",
            "a date without quotes belongs here, for example 2026-12-31",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("expires", ['"31.12.2026"', "20261231", "2026-12-31T00:00:00"])
def test_what_the_system_says_is_told_in_the_language_asked_for(
    typed: Efa, further: tuple[str, ...], german: str, english: str, expires: str
) -> None:
    Path("a.json").write_text("{}")
    entry = 'fingerprint = "0123456789abcdef"\nreason = "x"\nowner = "x"\nexpires = '
    Path("e.toml").write_text(f"[[exception]]\n{entry}{expires}\n")
    where = ("--against", "a.json") if "json=." in further else ("--service", "s")
    env = {"EFA_REGISTRY_URL": "http://127.0.0.1:9", "EFA_TOKEN": ""}
    for language, said in (("de", german), ("en", english)):
        ran = typed("check", "a.json", *where, *further, "--lang", language, env=env)
        assert (ran.code > 1, said in ran.err, "Errno" in ran.err) == (True, True, False), ran.err
