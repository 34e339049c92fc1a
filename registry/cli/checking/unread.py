"""What cannot be read, as a report: a pipeline that asked for a file of a form finds one."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager

from registry.cli.checking.exceptions import UntendedExceptions
from registry.cli.checking.inputs import UnreadableInput
from registry.cli.checking.model import Command, Found, InterfaceReport, Location, Report
from registry.cli.checking.options import Options
from registry.cli.checking.outputs import write_for_machines
from registry.cli.reading import Mistake

RULE = UnreadableInput.code


@contextmanager
def told_in_forms(command: Command, against: str, asked: Options) -> Generator[None]:
    """Write what cannot be read in the forms asked for, too; it stays a refusal.

    Exceptions that nobody tends are told beside a report that is there already.
    """
    try:
        yield
    except UnreadableInput as refusal:
        if not isinstance(refusal, UntendedExceptions):
            report = _report(command, against, asked, refusal)
            write_for_machines(report, asked.outputs, asked.language)
        raise


def _report(command: Command, against: str, asked: Options, refusal: UnreadableInput) -> Report:
    """Nothing was compared: undecided, so it counts as breaking, and fails the command."""
    files: dict[str, list[Mistake]] = {}
    for mistake in refusal.mistakes:
        files.setdefault(str(mistake.file), []).append(mistake)
    interfaces = [
        InterfaceReport(
            name=file,
            change="compared",
            direction="accepts",
            bump="major",
            new=file,
            findings=[_found(each) for each in mistakes],
        )
        for file, mistakes in files.items()
    ]
    return Report(
        command=command,
        engine=None,
        reading=asked.reading,
        fail_on=asked.failing(None),
        passed=False,
        bump="major",
        against=against,
        interfaces=interfaces,
        registry=asked.registry,
        notes=[refusal.consequence],
    )


def _found(mistake: Mistake) -> Found:
    """What is wrong with a file, in the language it was read in."""
    file = str(mistake.file)
    name = f"{file}\n{mistake.text}".encode(errors="surrogatepass")
    return Found(
        rule=RULE,
        severity="unknown",
        place="",
        fingerprint=hashlib.sha256(name).hexdigest()[:16],
        message_de=mistake.text,
        message_en=mistake.text,
        new=Location(file=file, pointer="", line=mistake.line, column=1 if mistake.line else None),
        fails=True,
    )
