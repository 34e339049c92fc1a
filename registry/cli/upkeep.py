"""`efa outdated` and `efa can-i-retire`: what there is to do for who reuses, and for who builds."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlencode

import click
import msgspec

from registry.cli.checking.client import Registry, registry_at
from registry.cli.checking.formats import phrases
from registry.cli.checking.options import LANGUAGE, asking
from registry.cli.checking.remote import witness_of
from registry.cli.checking.words import counted, preferred, say, shown
from registry.compatibility.rules import Language
from registry.impact.retirement import Retirement
from registry.impact.todo.model import RANKS, Move, ParametersToSet, Todo, TodoItem, Urgency

Form = Literal["text", "json"]
T = TypeVar("T", Todo, Retirement)
_FAIL_ON = ("ended", "ending", "open", "outdated", "never")
_COLOURS: dict[Urgency, str] = {"ended": "red", "ending": "yellow", "open": "yellow"}

_form = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs.",
)


@click.command("outdated")
@click.option("--organisation", help="Of this body: a regional key or a slug; else one's own.")
@click.option("--within", help="Of all bodies within this regional key.")
@click.option(
    "--fail-on",
    type=click.Choice(_FAIL_ON),
    default="ending",
    show_default=True,
    help="The least urgent that ends with 1: a version that ended, ends, something else, a newer.",
)
@_form
@asking
@LANGUAGE
def outdated_command(
    fail_on: str,
    form: Form,
    registry: str | None,
    token_file: Path | None,
    lang: Language | None,
    **asked: Any,
) -> None:
    """Say which versions one uses that end or are outdated, and what breaks on the way.

    Exit codes: 0 nothing as urgent as --fail-on, 1 there is, 2 wrong usage, 3 unreachable.
    """
    source = registry_at(registry, token_file, lang or preferred(), needs_token=True)
    todo = _todo(source, {name: text for name, text in asked.items() if text})
    due = [one for one in todo.items if one.urgency != "none"]
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(todo), indent=2).decode())
    else:
        click.echo("\n".join(_outdated(todo, due, source.language)))
    bad = RANKS[: RANKS.index(fail_on) + 1] if fail_on != "never" else ()  # pyright: ignore[reportArgumentType]
    sys.exit(1 if any(one.urgency in bad for one in due) else 0)


def _todo(source: Registry, asked: dict[str, str]) -> Todo:
    return _whole(source, f"/v1/todo?{urlencode({'limit': '200', **asked})}", Todo)


def _whole(source: Registry, path: str, kind: type[T]) -> T:
    """All pages of a list as one."""
    items: list[Any] = []
    following: str | None = path
    while True:
        part = source.decoded(source.get(following), kind)
        items += part.items
        following = part.next
        if following is None:
            return msgspec.structs.replace(part, items=items)


def _outdated(todo: Todo, due: list[TodoItem], language: Language) -> Iterator[str]:
    for one in sorted(due, key=lambda each: RANKS.index(each.urgency)):
        yield from _entry(one, language)
    for failing in todo.deliveries:
        facts = {"dead": failing.dead, "waiting": failing.waiting, "href": failing.href}
        yield say("upkeep", "failing", language, **facts)
    counts = {name: sum(one.urgency == name for one in due) for name in RANKS}
    yield say("upkeep", "summary", language, total=todo.total, **counts)


def _entry(one: TodoItem, language: Language) -> Iterator[str]:
    state = click.style(say("upkeep", one.urgency, language), _COLOURS.get(one.urgency))
    version = one.version or say("upkeep", "no-version", language)
    yield f"{state} {one.service} {version} · {shown(one.organisation.name)}"
    if one.version is None and one.newest:
        yield "    " + say("upkeep", "unrecorded", language, newest=one.newest)
    if one.sunset:
        facts = {"sunset": one.sunset, "days": one.days_left}
        yield "    " + say("upkeep", "sunset", language, **facts)
    if one.move:
        if one.newest:
            yield "    " + say("upkeep", "newer", language, newest=one.newest)
        if one.newest_compatible:
            facts = {"compatible": one.newest_compatible}
            yield "    " + say("upkeep", "compatible-up-to", language, **facts)
        yield from move_lines(one.move, language)
    if one.contract:
        yield "    " + say("upkeep", one.contract, language)
    if one.parameters:
        yield "    " + _parameters(one.parameters, language)


def _parameters(asked: ParametersToSet, language: Language) -> str:
    if not asked.checked:
        return say("upkeep", "parameters-unchecked", language)
    places = ", ".join([*asked.missing, *asked.invalid])
    return say("upkeep", "parameters", language, places=shown(places))


def move_lines(move: Move, language: Language) -> Iterator[str]:
    """What is on the way to the newest version; that it could not be told is not that it fits."""
    if move.bump is None:
        yield "    " + say("upkeep", "untold", language)
        return
    changes = counted({"breaking": move.breaking, "unknown": move.undecided}, language)
    yield "    " + say("upkeep", "breaking" if changes else "fits", language, changes=changes)
    for found in move.findings:
        place = f"{found.interface} {found.place or '/'}"
        yield f"      {found.rule} {shown(place)}: {shown(found.message[language])}"
        if found.witness:
            yield f"        {phrases.shows(witness_of(found.witness), language)}"


@click.command("can-i-retire")
@click.argument("service")
@click.argument("version")
@_form
@asking
@LANGUAGE
def retire_command(
    service: str,
    version: str,
    form: Form,
    registry: str | None,
    token_file: Path | None,
    lang: Language | None,
) -> None:
    """Say whether VERSION of SERVICE may be taken out of use, who is left, and who was told.

    Exit codes: 0 it may, 1 it may not yet, 2 wrong usage, 3 unreachable or not allowed.
    """
    source = registry_at(registry, token_file, lang or preferred())
    found = _retirement(source, service, version)
    if form == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        click.echo("\n".join(_retired(found, source.language)))
    sys.exit(0 if found.may_retire else 1)


def _retirement(source: Registry, service: str, version: str) -> Retirement:
    names = [quote(name, safe="") for name in (service, version)]
    path = "/v1/services/{}/versions/{}/retirement?limit=200".format(*names)
    return _whole(source, path, Retirement)


def _retired(found: Retirement, language: Language) -> Iterator[str]:
    for one in found.items:
        told = say("upkeep", one.told or "not-shown", language)
        when = f" {one.told_at:%Y-%m-%d}" if one.told_at else ""
        read = (
            say("upkeep", "acknowledged", language, day=f"{one.acknowledged_at:%Y-%m-%d}")
            if (one.acknowledged_at)
            else ""
        )
        yield f"{one.organisation.key} {shown(one.organisation.name)}: {told}{when}{read}"
    facts = {"service": found.service, "version": found.version, "sunset": found.sunset}
    for missing in found.missing:
        yield say("upkeep", missing, language, **facts)
    verdict = {True: "may", False: "may-not", None: "unknown"}[found.may_retire]
    yield say("upkeep", verdict, language, left=found.counts.left, **facts)


COMMANDS = (outdated_command, retire_command)
