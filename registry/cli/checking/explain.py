"""`efa explain`: a rule in plain words, with an example and what to do."""

import difflib

import click

from registry.cli.checking.words import say
from registry.compatibility.rules import Language, Rule, rules


def explained(name: str, language: Language) -> str:
    """The page of one rule; refuses a name that is none with the nearest one."""
    rule = rules().get(name.upper())
    if rule is None:
        near = difflib.get_close_matches(name.upper(), list(rules()), 1)
        hint = say("explain", "near", language, given=near[0]) if near else ""
        raise click.UsageError(say("explain", "unknown", language, given=name, near=hint))
    return "\n".join(_page(name.upper(), rule, language)) + "\n"


def listed(language: Language) -> str:
    """All rules, one a line."""
    width = max(map(len, rules()))
    lines = (f"{name:{width}}  {rule.text(language).title}" for name, rule in rules().items())
    return "\n".join(lines) + "\n"


def _page(name: str, rule: Rule, language: Language) -> list[str]:
    text = rule.text(language)
    severity = say("report", rule.severity, language)
    lines = [f"{name}: {text.title}", f"{say('explain', 'severity', language)}: {severity}", ""]
    directions = rule.directions(language)
    lines += [directions, ""] if directions else []
    if rule.old is not None and rule.new is not None:
        lines.append(say("explain", "example", language, direction=rule.direction))
        lines.append(f"  {say('explain', 'old', language)}: {rule.old}")
        lines.append(f"  {say('explain', 'new', language)}: {rule.new}")
        if rule.witness is not None:
            lines.append(f"  {say('explain', 'witness', language)}: {rule.witness}")
        lines.append("")
    if text.unproven:
        lines += [f"{say('explain', 'witness', language)}: {text.unproven}", ""]
    return [*lines, f"{say('explain', 'remedy', language)}: {text.remedy}"]
