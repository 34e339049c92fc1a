"""`efa diff`, `check`, `publish`, `explain` as they are typed."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn, get_args

import click
import msgspec

from registry import semver
from registry.cli.checking import explain as rule_pages
from registry.cli.checking import judgement, offline, remote
from registry.cli.checking.against import Base, History, base_of
from registry.cli.checking.client import publisher_at, registry_at
from registry.cli.checking.compared import Apart
from registry.cli.checking.exceptions import Exceptions, UntendedExceptions, read_exceptions
from registry.cli.checking.history import told as told_by_files
from registry.cli.checking.inputs import Given, Reader, given
from registry.cli.checking.model import Command, Report
from registry.cli.checking.options import (
    LANGUAGE,
    Options,
    asking,
    comparing,
    judging,
    reporting,
)
from registry.cli.checking.outputs import write
from registry.cli.checking.unread import told_in_forms
from registry.cli.checking.words import say
from registry.compatibility.compare import ENGINE
from registry.compatibility.model import Direction
from registry.db.tx import LEGAL_TIME
from registry.web.texts import problem_text

_ALONE = "schema"
"""What an interface is called where two schemas are compared that belong to none."""

Excepted = tuple[Report, UntendedExceptions | None]
"""A report, and what is out of order in the list of exceptions."""


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--direction",
    type=click.Choice(get_args(Direction)),
    default="accepts",
    show_default=True,
    help="Who must accept the documents: the service reads them, writes them, or both.",
)
@comparing
@judging
@reporting
def diff_command(old: str, new: str, direction: Direction, **options: Any) -> None:
    """Compare two schemas, OLD and NEW.

    Each is a file (JSON, YAML) or git:REVISION:PATH.
    """
    asked = Options(**options)
    reader = Reader(asked.language)
    with told_in_forms("diff", old, asked):
        before, after = reader.each((old, new), reader.read)
        base = Base(old, None, [Given(_ALONE, None, before)])
        told = _here("diff", base, [Given(_ALONE, direction, after)], None, asked)
    _end(*told, asked)


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--service", help="Ask the registry, whose versions of this service it follows.")
@click.option(
    "--against",
    help="Ask nobody: a file, a folder of schemas or of versions, or git:REVISION:PATH.",
)
@click.option("--number", help="The number the version shall have; judged alone without --fail-on.")
@click.option("--base", help="The number of what --against names, where no folder says it.")
@comparing
@asking
@judging
@reporting
def check_command(files: Sequence[str], **options: Any) -> None:
    """Say which number a version may have, and what breaks.

    Where a registry is asked, also whom it hits.

    FILE is [NAME=]FILE[:DIRECTION]. NAME is the file's name up to its first dot unless given,
    DIRECTION (accepts, emits, exchanges) is accepts unless given. A folder stands for all schemas
    in it, with the directions of a version.yaml beside them.
    """
    service, against = options.pop("service"), options.pop("against")
    number, base = options.pop("number"), options.pop("base")
    asked = Options(**options)
    language = asked.language
    if (service is None) == (against is None):
        raise click.UsageError(say("usage", "either", language))
    if service is not None and (base or asked.compares):
        raise click.UsageError(say("usage", "against-only", language))
    for each in (number, base):
        if each is not None:
            _require_number(each, asked)
    reader = Reader(asked.language)
    with told_in_forms("check", service or against, asked):
        interfaces = given(files, reader)
        if service is not None:
            told = _there(service, number, interfaces, asked)
        else:
            told = _against(against, base, number, interfaces, asked)
    _end(*told, asked)


@click.command("publish")
@click.argument("service")
@click.argument("version")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@asking
@reporting
def publish_command(service: str, version: str, files: Sequence[str], **options: Any) -> None:
    """Publish VERSION of SERVICE with these interfaces.

    FILE is as in `efa check`. The same again changes nothing. A number that is refused ends with
    1 and what stands against it.
    """
    asked = Options(**options)
    _require_number(version, asked)
    reader = Reader(asked.language)
    with told_in_forms("publish", service, asked):
        interfaces = given(files, reader)
        registry = publisher_at(asked.registry, asked.token_file, asked.language, service)
        told = remote.publish(registry, service, version, interfaces, reader)
    report = _told("publish", told, (service, version), registry.address, asked)
    _end(judgement.judged(report), None, asked)


@click.command("explain")
@click.argument("rule", required=False)
@LANGUAGE
def explain_command(rule: str | None, **options: Any) -> None:
    """Explain a RULE with an example and a remedy. Without one, list all."""
    language = Options(**options).language
    page = rule_pages.explained(rule, language) if rule else rule_pages.listed(language)
    click.echo(page, nl=False)


def _require_number(given: str, asked: Options) -> None:
    try:
        semver.parse(given)
    except semver.OddNumber as odd:
        words = problem_text(odd.code, "detail", asked.language, odd.facts)
        raise click.UsageError(words) from None


def _against(
    place: str | None, base: str | None, number: str | None, new: Sequence[Given], asked: Options
) -> Excepted:
    """A version compared with what files hold: with one version, or with all of a service."""
    found = base_of(str(place), new, Reader(asked.language))
    if isinstance(found, History):
        if base:
            raise click.UsageError(say("usage", "base-known", asked.language, place=found.place))
        return _among(found, new, number, asked)
    named = Base(found.shown, base or found.number, found.interfaces)
    if number and not named.number:
        raise click.UsageError(say("usage", "base-missing", asked.language))
    return _here("check", named, new, number, asked)


def _here(
    command: Command, base: Base, new: Sequence[Given], number: str | None, asked: Options
) -> Excepted:
    """Two versions compared without a registry, the new one held to what a registry takes."""
    reader = Reader(asked.language)
    alone = _ALONE if command == "diff" else None
    with Apart() as apart:
        reader.require_valid(new, apart, alone=command == "diff")
        exceptions = read_exceptions(asked.exceptions, reader, alone)
        interfaces = offline.compared(base.interfaces, new, asked.how(), apart)
    bump = judgement.bump_of(interfaces)
    report = Report(
        command=command,
        engine=ENGINE,
        reading=asked.reading,
        fail_on=asked.failing(number),
        passed=False,
        bump=bump,
        against=base.shown,
        interfaces=interfaces,
        base=base.number,
        least=judgement.least_after(base.number, bump),
        number=number,
        objections=judgement.objections_to(number, base.number, bump),
        notes=[] if alone else offline.notes(interfaces, new, base.number, asked.language),
    )
    return _excepted(report, exceptions)


def _among(history: History, new: Sequence[Given], number: str | None, asked: Options) -> Excepted:
    """A version compared with those of a folder, as a registry would that has them."""
    today = datetime.now(LEGAL_TIME).date()
    with Apart() as apart:
        history.reader.require_valid(new, apart, alone=False)
        exceptions = read_exceptions(asked.exceptions, history.reader, None)
        how = asked.how(history.asks.formats)
        told, against = told_by_files(history, number, new, how, apart, today)
    report = Report(
        command="check",
        engine=told.engine,
        reading=asked.reading,
        fail_on=asked.failing(number),
        passed=False,
        bump=judgement.bump_of(told.interfaces),
        against=against,
        interfaces=list(told.interfaces),
        base=told.base,
        least=told.required,
        number=number,
        objections=list(told.objections),
        notes=offline.notes(told.interfaces, new, None, asked.language),
    )
    return _excepted(report, exceptions)


def _there(service: str, number: str | None, new: Sequence[Given], asked: Options) -> Excepted:
    """A version compared by a registry with those it has."""
    exceptions = read_exceptions(asked.exceptions, Reader(asked.language), None)
    registry = registry_at(asked.registry, asked.token_file, asked.language)
    told = remote.check(registry, service, number, new, Reader(asked.language))
    return _excepted(_told("check", told, (service, number), registry.address, asked), exceptions)


def _told(
    command: Command,
    told: remote.Told,
    place: tuple[str, str | None],
    registry: str,
    asked: Options,
) -> Report:
    service, number = place
    return Report(
        command=command,
        engine=told.engine,
        reading="reserved",
        fail_on=asked.failing(number),
        passed=False,
        bump=judgement.bump_of(told.interfaces),
        against=f"{service} {told.base}" if told.base else service,
        interfaces=list(told.interfaces),
        service=service,
        registry=registry,
        base=told.base,
        least=told.required,
        number=number,
        outcome=told.outcome,
        objections=list(told.objections),
        impact=told.impact,
        notes=list(told.remarks),
    )


def _excepted(report: Report, exceptions: Exceptions) -> Excepted:
    """The report with what somebody answers for, and what of that list nobody tends."""
    today = datetime.now(LEGAL_TIME).date()
    untended = exceptions.untended(judgement.marks(report.interfaces), today)
    told = judgement.judged(report, exceptions.exempted(today))
    return msgspec.structs.replace(told, passed=told.passed and not untended), untended


def _end(report: Report, untended: UntendedExceptions | None, asked: Options) -> NoReturn:
    """Write the report, and end with 1 where something fails; with 2 where exceptions do."""
    write(report, asked.outputs, asked.language, everything=asked.everything)
    if untended:
        raise untended
    sys.exit(0 if report.passed else 1)


COMMANDS = (diff_command, check_command, publish_command, explain_command)
