"""What every checking command is told: how to compare, how to judge, what to write where."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, get_args

import click

from registry.cli.checking.model import FailOn
from registry.cli.checking.offline import How
from registry.cli.checking.outputs import NAMES, Outputs, outputs_from
from registry.cli.checking.words import preferred
from registry.compatibility.model import Formats, Reading
from registry.compatibility.rules import Language

Decorator = Callable[[Any], Any]


def _asked_of_all() -> Language | None:
    """What stands before the command counts for it."""
    return click.get_current_context().find_root().params.get("lang")


def asked_for() -> Language:
    """The language of a command that has no option for it."""
    return _asked_of_all() or preferred()


LANGUAGE: Decorator = click.option(
    "--lang",
    type=click.Choice(get_args(Language)),
    default=_asked_of_all,
    help="Language, unless the locale's.",
)
_REPORTING: tuple[Decorator, ...] = (
    click.option(
        "--format",
        "forms",
        multiple=True,
        metavar="NAME[=FILE]",
        help=f"{', '.join(NAMES)}; several as NAME=FILE.",
    ),
    click.option(
        "--all", "everything", is_flag=True, help="Show compatible changes and remarks too."
    ),
    LANGUAGE,
)
_JUDGING: tuple[Decorator, ...] = (
    click.option(
        "--fail-on",
        type=click.Choice(get_args(FailOn)),
        help="The least change that ends with 1; major, as is what is undecided, unless given.",
    ),
    click.option(
        "--exceptions",
        type=click.Path(path_type=Path),
        help="Findings somebody answers for; .efa/exceptions.toml where it exists.",
    ),
)
_COMPARING: tuple[Decorator, ...] = (
    click.option(
        "--reading",
        type=click.Choice(get_args(Reading)),
        default="reserved",
        show_default=True,
        help="Whether a name that one side declares is free for anything on the other.",
    ),
    click.option(
        "--formats",
        type=click.Choice(get_args(Formats)),
        help="Whether the keyword `format` counts; annotate, unless a service.yaml says otherwise.",
    ),
)
_REGISTRY: tuple[Decorator, ...] = (
    click.option("--registry", envvar="EFA_REGISTRY_URL", help="Its address (EFA_REGISTRY_URL)."),
    click.option(
        "--token-file",
        type=click.Path(path_type=Path),
        help="File with the token; else it is in EFA_TOKEN.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of a command, whichever of them it has."""

    forms: Sequence[str] = ()
    fail_on: FailOn | None = None
    exceptions: Path | None = None
    everything: bool = False
    lang: Language | None = None
    reading: Reading = "reserved"
    formats: Formats | None = None
    registry: str | None = None
    token_file: Path | None = None

    def __post_init__(self) -> None:
        """Refuse forms that cannot be written before anything is compared or published."""
        outputs_from(self.forms, self.language)

    @property
    def outputs(self) -> Outputs:
        return outputs_from(self.forms, self.language)

    def failing(self, number: str | None) -> FailOn:
        """What fails: with a number to judge, that number alone unless more is asked for."""
        return self.fail_on or ("none" if number else "major")

    @property
    def language(self) -> Language:
        return self.lang or preferred()

    @property
    def compares(self) -> bool:
        """Whether something is said of how to compare."""
        return self.reading != Options().reading or self.formats is not None

    def how(self, formats: Formats = "annotate") -> How:
        """How to compare; `formats` is what holds unless the command says otherwise."""
        return How(self.reading, self.formats or formats)


def _all(decorators: Sequence[Decorator], function: Any) -> Any:
    return reduce(lambda decorated, each: each(decorated), reversed(decorators), function)


def reporting(function: Any) -> Any:
    """The options of everything that reports."""
    return _all(_REPORTING, function)


def judging(function: Any) -> Any:
    """The options of everything that can fail for a finding."""
    return _all(_JUDGING, function)


def comparing(function: Any) -> Any:
    """The options of comparisons made here."""
    return _all(_COMPARING, function)


def asking(function: Any) -> Any:
    """The options of everything that asks a registry."""
    return _all(_REGISTRY, function)
