"""Where reports go: standard output, and files named with `--format NAME=FILE`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from registry.cli.checking.formats import FORMS, TEXT
from registry.cli.checking.model import Report
from registry.cli.checking.words import because, say
from registry.compatibility.rules import Language

NAMES = tuple(FORMS)


Outputs = Sequence[tuple[str, Path | None]]


def outputs_from(given: Sequence[str], language: Language) -> Outputs:
    """Each `NAME` or `NAME=FILE`; refuses two at one place, and a folder that is not there."""
    outputs = [_output(each, language) for each in given]
    if len([name for name, file in outputs if file is None]) > 1:
        raise click.UsageError(say("usage", "one-on-screen", language))
    files = [file.resolve() for _, file in outputs if file is not None]
    if len(set(files)) < len(files):
        raise click.UsageError(say("usage", "same-file", language))
    return outputs


def _output(given: str, language: Language) -> tuple[str, Path | None]:
    name, mark, file = given.partition("=")
    if name not in NAMES or (mark and not file):
        names = ", ".join(NAMES)
        raise click.UsageError(say("usage", "no-format", language, given=given, names=names))
    if file and not Path(file).parent.is_dir():
        folder = Path(file).parent
        raise click.UsageError(say("usage", "no-folder", language, given=given, folder=folder))
    return name, Path(file) if file else None


def write(report: Report, outputs: Outputs, language: Language, *, everything: bool) -> None:
    """Write every form; text goes to standard output where no other form does."""
    for name, file in outputs:
        if file is not None:
            _write(file, FORMS[name](report, language, everything=everything), language)
    on_screen = [name for name, file in outputs if file is None] or [TEXT]
    shown = FORMS[on_screen[0]](report, language, everything=everything)
    click.echo(shown if coloured() else click.unstyle(shown), nl=False, color=True)


def write_for_machines(report: Report, outputs: Outputs, language: Language) -> None:
    """Write the forms that others read; who typed the command reads on standard error."""
    for name, file in outputs:
        form = FORMS[name](report, language, everything=False)
        if file is not None:
            _write(file, form, language)
        elif name != TEXT:
            click.echo(click.unstyle(form), nl=False)


def _write(file: Path, content: str, language: Language) -> None:
    try:
        file.write_text(click.unstyle(content), encoding="utf-8")
    except OSError as error:
        facts = {"file": file, "reason": because(error, language)}
        raise click.UsageError(say("usage", "not-writable", language, **facts)) from None


def coloured() -> bool:
    """Whether standard output shows colours and its user wants them (no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain
