"""`efa reuse import` and `efa usage import`: files of rows into a running registry."""

import io
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
import msgspec
from rich.console import Console
from rich.progress import wrap_file

from registry.cli.checking.client import Answer, Registry, registry_at
from registry.cli.checking.options import LANGUAGE, asking
from registry.cli.checking.words import preferred, say, shown
from registry.cli.progress import step
from registry.compatibility.rules import Language
from registry.web.tables import CSV, LINES

_KINDS = {".csv": CSV, ".ndjson": LINES[0], ".jsonl": LINES[0]}
_SHOWN = 50


class UnsoundRows(click.ClickException):
    """Rows the registry refused, one a line."""


@click.group("reuse")
def reuse_group() -> None:
    """Who reuses which service."""


@click.group("usage")
def usage_group() -> None:
    """How often services are used."""


@reuse_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@asking
@LANGUAGE
def import_reuses(
    file: Path, registry: str | None, token_file: Path | None, lang: Language | None
) -> None:
    """Record the reuses and steps of FILE (CSV, or JSON by lines): all of them, or none."""
    to = registry_at(registry, token_file, lang or preferred(), needs_token=True)
    told = _sent(to, "/v1/reuses/batches", file)
    click.echo(say("intake", "reuses", to.language, **told))


@usage_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@asking
@LANGUAGE
def import_usage(
    file: Path, registry: str | None, token_file: Path | None, lang: Language | None
) -> None:
    """Record the monthly counts of FILE (CSV, or JSON by lines): all of them, or none."""
    to = registry_at(registry, token_file, lang or preferred(), needs_token=True)
    told = _sent(to, "/v1/usage/batches", file)
    click.echo(say("intake", "usage", to.language, services=len(told["events"]), **told))


def _sent(registry: Registry, path: str, file: Path) -> Mapping[str, Any]:
    """What the registry says it did with a file; raises UnsoundRows where it names bad rows."""
    kind = _KINDS.get(file.suffix.lower())
    if kind is None:
        raise click.UsageError(say("intake", "kind", registry.language, given=shown(file)))
    content = file.read_bytes()
    headers = {"Content-Type": kind, "Content-Length": str(len(content))}
    title = say("intake", "sending", registry.language, file=shown(file.name))
    with step(title), _progress(content, title) as stream:
        answer = registry.send("POST", path, stream, headers)
    if answer.status in (200, 201):
        return cast("Mapping[str, Any]", msgspec.json.decode(answer.body))
    if answer.problem.get("errors"):
        raise UnsoundRows("\n".join(_complaints(answer, file, registry.language)))
    raise registry.refusal(answer)


@contextmanager
def _progress(content: bytes, title: str) -> Generator[BinaryIO]:
    """The content as a stream, with a bar on a terminal while it is read."""
    console = Console(stderr=True, no_color="NO_COLOR" in os.environ)
    stream = io.BytesIO(content)
    if not console.is_terminal:
        yield stream
        return
    bar = wrap_file(stream, total=len(content), description=title, console=console, transient=True)
    with bar as counted:
        yield counted


def _complaints(answer: Answer, file: Path, language: Language) -> Generator[str]:
    errors: list[dict[str, Any]] = answer.problem["errors"]
    for error in errors[:_SHOWN]:
        form = "line" if "column" in error else "row" if "line" in error else "file"
        facts = {name: shown(error.get(name, "")) for name in ("line", "column", "detail")}
        yield say("intake", form, language, file=shown(file), **facts)
    found = answer.problem.get("found", len(errors))
    if found > _SHOWN:
        yield say("intake", "more", language, count=found - _SHOWN)


COMMANDS = (reuse_group, usage_group)
