"""Where reports go: standard output, and files named with `--format NAME=FILE`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from registry.cli.checking.formats import FORMS, TEXT
from registry.cli.checking.formats.text import text
from registry.cli.checking.model import Report
from registry.compatibility.rules import Language

NAMES = (TEXT, *FORMS)


Outputs = Sequence[tuple[str, Path | None]]


def outputs_from(given: Sequence[str]) -> Outputs:
    """Each `NAME` or `NAME=FILE`; refuses two on standard output, which nobody could tell apart."""
    outputs = [_output(each) for each in given]
    if len([name for name, file in outputs if file is None]) > 1:
        raise click.UsageError("Only one --format may go to standard output; write NAME=FILE.")
    files = [file.resolve() for _, file in outputs if file is not None]
    if len(set(files)) < len(files):
        raise click.UsageError("Each --format needs a file of its own; two name the same.")
    return outputs


def _output(given: str) -> tuple[str, Path | None]:
    name, mark, file = given.partition("=")
    if name not in NAMES or (mark and not file):
        names = ", ".join(NAMES)
        raise click.UsageError(f"--format {given} is none of {names}, each also as NAME=FILE.")
    return name, Path(file) if file else None


def write(report: Report, outputs: Outputs, language: Language, *, everything: bool) -> None:
    """Write every form; text goes to standard output where no other form does."""
    for name, file in outputs:
        if file is not None:
            _write(file, _form(report, name, language, everything=everything))
    on_screen = [name for name, file in outputs if file is None] or [TEXT]
    shown = _form(report, on_screen[0], language, everything=everything)
    click.echo(shown if coloured() else click.unstyle(shown), nl=False, color=True)


def _form(report: Report, name: str, language: Language, *, everything: bool) -> str:
    if name == TEXT:
        return text(report, language, everything=everything)
    return FORMS[name](report, language)


def _write(file: Path, content: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(click.unstyle(content), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{file} cannot be written: {error.strerror}") from None


def coloured() -> bool:
    """Whether standard output shows colours and its user wants them (no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain
