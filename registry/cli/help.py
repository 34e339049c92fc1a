"""What `--help` says in the language of whoever asks: click itself speaks English only."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import click

from registry.compatibility.rules import Language

_FILE = Path(__file__).with_name("help.toml")
_NAME = re.compile(r"(?<!-)\b[A-Z][A-Z_]+\b")
_MARK = re.compile(r"(?<=\[)default: |(?<=[\[ ])required(?=\])")

Texts = Mapping[str, str]


@cache
def german() -> Mapping[str, Texts]:
    """The German texts, by table and English name."""
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def commands(root: click.Command, path: str = "efa") -> Iterator[tuple[str, click.Command]]:
    """A command and all below it, each with how it is typed."""
    yield path, root
    for name, inner in root.commands.items() if isinstance(root, click.Group) else ():
        yield from commands(inner, f"{path} {name}")


def options(command: click.Command) -> list[click.Option]:
    """Its options, `--help` and `--version` left out: those are the parser's own."""
    found = [each for each in command.params if isinstance(each, click.Option)]
    return [each for each in found if each.opts[0] not in ("--version", "--help")]


def german_of(path: str, option: click.Option | None = None) -> str | None:
    """The text of a command or of one of its options."""
    if option is None:
        return german()["commands"].get(path)
    name, texts = option.opts[0], german()["options"]
    return texts.get(f"{path} {name}") or texts.get(name)


def speak(root: click.Command, language: Language) -> None:
    """Let the help of all commands be in a language."""
    english = _english(root)
    for path, command in commands(root):
        command.help = english[path] if language == "en" else german_of(path)
        for option in options(command):
            kept = english[f"{path} {option.opts[0]}"]
            option.help = kept if language == "en" else german_of(path, option)
    click.Context.formatter_class = click.HelpFormatter if language == "en" else _German


@cache
def _english(root: click.Command) -> Mapping[str, str | None]:
    """What stands where the commands are written, kept before anything else is said."""
    found: dict[str, str | None] = {}
    for path, command in commands(root):
        found[path] = command.help
        found |= {f"{path} {option.opts[0]}": option.help for option in options(command)}
    return found


def named(name: str, language: Language) -> str:
    """What is to be filled in, as the help of the language calls it."""
    if language == "en":
        return name
    return _NAME.sub(lambda word: german()["names"].get(word[0], word[0]), name)


class _German(click.HelpFormatter):
    """Writes what the parser says on its own in German."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        usage = german()["headings"]["Usage"]
        super().write_usage(prog, named(args, "de"), prefix or f"{usage}: ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(german()["headings"].get(heading, heading))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        marks = german()["marks"]
        told = [
            (named(name, "de"), _MARK.sub(lambda mark: marks[mark[0]], marks.get(text, text)))
            for name, text in rows
        ]
        super().write_dl(told, col_max, col_spacing)
