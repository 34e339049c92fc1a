"""`efa diff`, `check`, `publish`, `explain` as they are typed."""

import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, get_args

import click

from registry import semver
from registry.cli.checking import explain as rule_pages
from registry.cli.checking import judgement, offline
from registry.cli.checking.exceptions import read_exceptions
from registry.cli.checking.inputs import Given, Reader, given
from registry.cli.checking.model import Command, Report
from registry.cli.checking.offline import Base
from registry.cli.checking.options import LANGUAGE, Options, asking, comparing, reporting
from registry.cli.checking.outputs import outputs_from, write
from registry.compatibility.compare import ENGINE
from registry.compatibility.model import Direction
from registry.db.tx import LEGAL_TIME


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
@reporting
def diff_command(old: str, new: str, direction: Direction, **options: Any) -> None:
    """Compare two schemas, OLD and NEW: files (JSON, YAML) or git:REVISION:PATH."""
    asked = Options(**options)
    reader = Reader(asked.language)
    base = Base(old, None, [Given("schema", None, reader.read(old))])
    _compare("diff", base, [Given("schema", direction, reader.read(new))], None, asked)


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--service", help="Compare with the versions the registry has of this service.")
@click.option(
    "--against",
    help="Compare with a file, a folder of schemas or of versions, or git:REVISION:PATH.",
)
@click.option("--number", help="The number the version shall have; it is judged.")
@click.option("--base", help="The number of what --against names, where no folder says it.")
@comparing
@asking
@reporting
def check_command(files: Sequence[str], **options: Any) -> None:
    """Say which number a version of these interfaces may have, and what breaks.

    FILE is [NAME=]FILE[:DIRECTION]. NAME is the file's name up to its first dot unless given,
    DIRECTION (accepts, emits, exchanges) is accepts unless given. A folder stands for all schemas
    in it, with the directions of a version.yaml beside them.
    """
    service, against = options.pop("service"), options.pop("against")
    number, base = options.pop("number"), options.pop("base")
    if (service is None) == (against is None):
        raise click.UsageError("Give either --service or --against.")
    for each in filter(None, (number, base)):
        semver.parse(each)
    asked = Options(**options)
    reader = Reader(asked.language)
    interfaces = given(files, reader)
    found = offline.base_of(against, interfaces, number, reader)
    named = Base(found.shown, base or found.number, found.interfaces)
    if number and not named.number:
        raise click.UsageError("To judge --number, say with --base which number --against has.")
    _compare("check", named, interfaces, number, asked)


def _compare(
    command: Command, base: Base, new: Sequence[Given], number: str | None, asked: Options
) -> None:
    """Compare here, judge, write, and end with 1 where something fails."""
    outputs = outputs_from(asked.forms)
    exceptions = read_exceptions(asked.exceptions, Reader(asked.language))
    interfaces = offline.compared(base.interfaces, new, asked.how)
    exceptions.require_tended(judgement.fingerprints(interfaces), datetime.now(LEGAL_TIME).date())
    fail_on = asked.fail_on or ("none" if number else "major")
    bump = judgement.bump_of(interfaces)
    least = offline.least_after(base.number, bump)
    report = judgement.judged(
        Report(
            command=command,
            engine=ENGINE,
            reading=asked.reading,
            fail_on=fail_on,
            passed=False,
            bump=bump,
            against=base.shown,
            interfaces=judgement.marked(interfaces, fail_on, exceptions.exempted),
            base=base.number,
            least=least,
            number=number,
            objections=judgement.objections_to(number, base.number, least),
        )
    )
    write(report, outputs, asked.language, everything=asked.everything)
    sys.exit(0 if report.passed else 1)


@click.command("explain")
@click.argument("rule", required=False)
@LANGUAGE
def explain_command(rule: str | None, **options: Any) -> None:
    """Explain a RULE with an example and a remedy; without one, list all."""
    language = Options(**options).language
    click.echo(
        rule_pages.explained(rule, language) if rule else rule_pages.listed(language), nl=False
    )


COMMANDS = (diff_command, check_command, explain_command)
