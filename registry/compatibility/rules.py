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
_GAP = re.compile(r"\{([a-z]+)(?::([^|{}]+)\|([^|{}]+))?\}")


class RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a rule says in one language; `message` has gaps that a finding fills.

    `wordings` are the message for certain changes, `unproven` says why no document can show it,
    where none can.
    """

    title: str
    message: str
    remedy: str
    unproven: str | None = None
    wordings: dict[str, str] = {}


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule with its example: two schemas as JSON text, between which it alone is found.

    What several changes do together has no example of one rule, nor what becomes of an interface.
    `either_way`: its severity is the same whether documents of the example are accepted or emitted.
    """

    severity: Severity
    either_way: bool = False
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

    @property
    def emitted(self) -> Severity:
        """The severity of the example where its documents are emitted."""
        return self.severity if self.either_way else _REVERSED.get(self.severity, self.severity)

    def directions(self, language: Language) -> str | None:
        """For which directions severity and example hold; None where it makes no difference."""
        if self.old is None or self.severity not in _REVERSED:
            return None
        name = "either-way" if self.either_way else f"{self.emitted}-emitted"
        return _file().directions[language][name]


_REVERSED: Mapping[Severity, Severity] = {"breaking": "compatible", "compatible": "breaking"}


class _File(msgspec.Struct, frozen=True):
    notes: dict[Language, dict[str, str]]
    directions: dict[Language, dict[str, str]]
    reasons: dict[Language, dict[str, str]]
    rules: dict[str, Rule]


@cache
def _file() -> _File:
    tables = tomllib.loads(_FILE.read_text())
    apart = {name: tables.pop(name) for name in ("notes", "directions", "reasons")}
    return msgspec.convert({**apart, "rules": tables}, _File)


def rules() -> Mapping[str, Rule]:
    """All rules by id, in the order of the file."""
    return _file().rules


def explain(rule: str) -> Rule:
    """One rule, for pages and the command line; raises KeyError."""
    return rules()[rule]


def message(
    rule: str, language: Language, facts: Mapping[str, str], wording: str | None = None
) -> str:
    """One sentence about a place; a rule may have another wording of it."""
    text = rules()[rule].text(language)
    return _filled(text.wordings.get(wording or "", text.message), facts)


def note(name: str, language: Language, facts: Mapping[str, str]) -> str:
    """One sentence about how a finding came about."""
    return _filled(_file().notes[language][name], facts)


def what_breaks(direction: Direction, language: Language) -> str:
    """What is breaking for an interface, and why, by who must accept its documents."""
    return _file().directions[language][direction]


def reason(given: str, language: Language) -> str:
    """Why something was not decided, in words; what stands behind a colon is for experts."""
    words = _file().reasons[language]
    kind, _, identity = given.partition(": ")
    rule = unread(identity, language) if kind == _OPAQUE else None
    if rule is not None:
        return _filled(words[f"{_OPAQUE}-named"], {"rule": rule})
    return words.get(given.partition(":")[0], given)


def unread(identity: str, language: Language) -> str | None:
    """An opaque assertion of a plain schema in words; None where the schema does not say it."""
    keyword, _, meaning = identity.partition(":")
    value = _DIGEST.sub("", meaning)
    if keyword in ("", "reserved"):
        return None
    if keyword == "circle":
        return note("opaque-circle", language, {"keyword": "$ref"})
    if keyword.endswith("Ref") or keyword == "$ref":
        kind, value = "opaque-reference", shortened(value.partition(" ")[2] or value)
    else:
        kind = "opaque-schema" if keyword == "schema" else "opaque-value"
        value = set_off(shortened(value))
    return note(kind, language, {"keyword": keyword, "value": value})


def shortened(text: str) -> str:
    """JSON text as a sentence can hold it: lists and objects are cut sooner than a word is."""
    longest = _LONGEST if text[:1] in ("{", "[") else _LONGEST_WORD
    return text if len(text) <= longest else text[: longest - 1] + "…"


def set_off(text: str) -> str:
    """JSON text within a sentence: lists and objects are marked as code, values are not."""
    return f"`{text}`" if text[:1] in ("{", "[") else text


_OPAQUE = "opaque"
_DIGEST = re.compile(r" [0-9a-f]{64}$")
_LONGEST = 80
_LONGEST_WORD = 200


def _filled(template: str, facts: Mapping[str, str]) -> str:
    return _GAP.sub(lambda gap: _gap(gap, facts), template)


def _gap(gap: re.Match[str], facts: Mapping[str, str]) -> str:
    """A fact; where it counts something, with what it counts."""
    name, one, many = gap.groups()
    fact = facts.get(name, "…")
    return f"{fact} {one if fact == '1' else many}" if one else fact
