"""The words of problems and rules, German and English, from the two files beside this one.

`problems.toml` has a table per code: title and remedy, and a detail whose {gaps} the facts fill;
[[a part with a {gap}]] is left out where its fact is missing or empty.
`rules.toml` has a line per rule that a fault in the input can break.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from registry.web.language import Language

_FOLDER = Path(__file__).parent


@cache
def problem_texts() -> dict[str, dict[Language, dict[str, str]]]:
    """By code and language: `title`, `detail`, `remedy`."""
    return tomllib.loads((_FOLDER / "problems.toml").read_text())


@cache
def rule_texts() -> dict[str, dict[Language, str]]:
    """By rule and language: one sentence with gaps."""
    return tomllib.loads((_FOLDER / "rules.toml").read_text())


def problem_text(code: str, part: str, language: Language, facts: Mapping[str, Any]) -> str:
    """One text of a problem; a code without texts is a defect the house tests find."""
    return _fill(problem_texts()[code][language][part], _seen_from(facts), language)


def rule_text(rule: str, language: Language, facts: Mapping[str, Any]) -> str:
    """What a broken rule says about one place of the input."""
    return _fill(rule_texts()[rule][language], facts, language)


def _seen_from(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Below 1.0.0 other places of a number say what changed."""
    early = "bump" in facts and str(facts.get("base")).startswith("0.")
    return {**facts, "bump": f"{facts['bump']}-early"} if early else facts


# What a code is called in a sentence, by the name of the fact.
_BUMPS: dict[str, dict[Language, str]] = {
    "major": {"de": "Hauptversion", "en": "major version"},
    "minor": {"de": "Nebenversion", "en": "minor version"},
    "patch": {"de": "Korrekturversion", "en": "patch version"},
    "major-early": {"de": "höhere zweite Zahl", "en": "higher second number"},
    "minor-early": {"de": "höhere dritte Zahl", "en": "higher third number"},
    "patch-early": {"de": "höhere dritte Zahl", "en": "higher third number"},
}
_JSON: dict[str, dict[Language, str]] = {
    "object": {"de": "ein Objekt", "en": "an object"},
    "array": {"de": "eine Liste", "en": "a list"},
    "str": {"de": "ein Text", "en": "a text"},
    "int": {"de": "eine ganze Zahl", "en": "an integer"},
    "float": {"de": "eine Zahl", "en": "a number"},
    "decimal": {"de": "eine Zahl", "en": "a number"},
    "bool": {"de": "true oder false", "en": "true or false"},
    "null": {"de": "null", "en": "null"},
    "date": {"de": "ein Tag (JJJJ-MM-TT)", "en": "a day (YYYY-MM-DD)"},
}
_CALLED = {"bump": _BUMPS, "json_wanted": _JSON, "json_given": _JSON}
_GAP = re.compile(r"\{([a-z_]+)\}")
_OPTIONAL = re.compile(r"\[\[(.*?\{([a-z_]+)\}.*?)\]\]")


def _fill(template: str, facts: Mapping[str, Any], language: Language) -> str:
    """The text; what stands in [[…]] is left out where its fact is not there."""
    said = _OPTIONAL.sub(lambda part: part[1] if _is_said(facts.get(part[2])) else "", template)
    return _GAP.sub(lambda gap: _words(gap[1], facts.get(gap[1]), language), said)


def _is_said(value: Any) -> bool:
    return value is not None and value not in ("", [])


def _words(name: str, value: Any, language: Language) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        values = cast("list[Any]", value)
        return ", ".join(_words(name, one, language) for one in values)
    called = _CALLED.get(name, {}).get(str(value))
    return called[language] if called else str(value)
