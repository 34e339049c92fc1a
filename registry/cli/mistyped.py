"""What was typed wrong, in the language of whoever typed it: click itself speaks English only."""

import re
from collections.abc import Sequence

import click

from registry.cli.checking.words import preferred, say, shown
from registry.cli.help import named
from registry.cli.intake import UnsoundRows
from registry.compatibility.rules import Language

_LANGUAGE = re.compile(r"--lang(?:=(.*))?")
_COMMAND = re.compile(r"No such command '(.*?)'")
_UNFIT = {
    click.Path: "no-path",
    click.IntRange: "no-number",
    type(click.INT): "no-number",
    type(click.UUID): "no-id",
}
_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)")
_VALUELESS = re.compile("does not take a value")
_RULES = (
    (_COMMAND, "no-such-command"),
    (_EXTRA, "extra"),
    (re.compile("Missing command"), "no-command"),
)


def language_of(arguments: Sequence[str]) -> Language:
    """The language of a command line that may be wrong in any other way."""
    for place, argument in enumerate(arguments):
        if found := _LANGUAGE.fullmatch(argument):
            value = found[1] or "".join(arguments[place + 1 : place + 2])
            if value in ("de", "en"):
                return value
    return preferred()


def told(error: click.ClickException, language: Language) -> str:
    """What is wrong, and for what is wrong usage where to read more."""
    if isinstance(error, UnsoundRows):
        return error.message
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()  # what there is, as the help says it
    if not isinstance(error, click.UsageError):
        return f"efa: {error.format_message()}"
    words = shown(_said(error, language))
    if error.ctx is None:
        return f"efa: {words}"
    return f"efa: {words}\n{say('typed', 'help', language, command=error.ctx.command_path)}"


def _said(error: click.UsageError, language: Language) -> str:
    english = error.format_message()
    if isinstance(error, click.NoSuchOption):
        near = ", ".join(error.possibilities or ())
        rule = "no-such-option-near" if near else "no-such-option"
        return say("typed", rule, language, name=error.option_name, near=near)
    if isinstance(error, click.BadOptionUsage):
        rule = "takes-none" if _VALUELESS.search(english) else "needs-value"
        return say("typed", rule, language, name=error.option_name)
    if isinstance(error, click.BadParameter):
        return _of_parameter(error, language)
    for pattern, rule in _RULES:
        if found := pattern.match(english):
            return say("typed", rule, language, name=found[1] if found.groups() else "")
    return english


def _of_parameter(error: click.BadParameter, language: Language) -> str:
    """What is missing, or does not fit, and what would."""
    parameter, context = error.param, error.ctx
    hint = parameter.get_error_hint(context) if parameter and context else str(error.param_hint)
    name = named(hint.strip("'"), language)
    if isinstance(error, click.MissingParameter):
        return say("typed", "missing", language, name=name)
    kind = parameter.type if parameter else None
    if isinstance(kind, click.Choice):
        allowed = ", ".join(map(str, kind.choices))
        return say("typed", "no-choice", language, name=name, allowed=allowed)
    rule = next((rule for of, rule in _UNFIT.items() if isinstance(kind, of)), "unfit")
    return say("typed", rule, language, name=name)
