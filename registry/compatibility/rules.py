"""The rules a finding can name: their texts, an example each, what to do about it."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from registry.compatibility.model import Direction, Formats, Severity

Language = Literal["de", "en"]

_FILE = Path(__file__).with_name("rules.toml")
_GAP = re.compile(r"\{([a-z]+)\}")
_INSTEAD = re.compile(r" (?:statt(?: von| in)?|instead of) \{before\}")
_LIMIT = re.compile(r"\b(?:mindestens|höchstens|at least|at most) \{after\}")


class RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule says in one language; `message` has gaps that a finding fills.

    `unproven` says why no document can show it, where none can.
    """

    title: str
    message: str
    remedy: str
    unproven: str | None = None


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule with its example: two schemas as JSON text, between which it alone is found.

    What several changes do together has no example of one rule, nor what becomes of an interface.
    """

    severity: Severity
    de: RuleText
    en: RuleText
    old: str | None = None
    new: str | None = None
    witness: str | None = None
    direction: Direction = "accepts"
    formats: Formats = "annotate"

    def text(self, language: Language) -> RuleText:
        """What the rule says in a language."""
        return self.de if language == "de" else self.en


class _File(msgspec.Struct, frozen=True):
    notes: dict[Language, dict[str, str]]
    reasons: dict[Language, dict[str, str]]
    unsaid: dict[Language, tuple[str, str]]
    rules: dict[str, Rule]


@cache
def _file() -> _File:
    tables = tomllib.loads(_FILE.read_text())
    apart = {name: tables.pop(name) for name in ("notes", "reasons", "unsaid")}
    return msgspec.convert({**apart, "rules": tables}, _File)


def rules() -> Mapping[str, Rule]:
    """All rules by id, in the order of the file."""
    return _file().rules


def explain(rule: str) -> Rule:
    """One rule, for pages and the command line; raises KeyError."""
    return rules()[rule]


def message(rule: str, language: Language, facts: Mapping[str, str]) -> str:
    """One sentence about a place; it speaks of `before` and `after` only where there was one."""
    template = rules()[rule].text(language).message
    if "before" not in facts:
        template = _INSTEAD.sub("", template)
    if "after" not in facts:
        unlimited, none = _file().unsaid[language]
        return _filled(_LIMIT.sub(unlimited, template), {**facts, "after": none})
    return _filled(template, facts)


def note(name: str, language: Language, facts: Mapping[str, str]) -> str:
    """One sentence about how a finding came about."""
    return _filled(_file().notes[language][name], facts)


def reason(given: str, language: Language) -> str:
    """Why something was not decided, in words; what stands behind a colon is for experts."""
    words = _file().reasons[language]
    return words.get(given.partition(":")[0], given)


def _filled(template: str, facts: Mapping[str, str]) -> str:
    return _GAP.sub(lambda gap: facts.get(gap[1], "…"), template)
