"""The words of problems and rules, German and English, from the two files beside this one.

`problems.toml` has a table per code: title and remedy, and a detail whose {gaps} the facts fill;
[[a part with a {gap}]] is left out without its fact.
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
    return _fill(problem_texts()[code][language][part], facts, language)


def rule_text(rule: str, language: Language, facts: Mapping[str, Any]) -> str:
    """What a broken rule says about one place of the input."""
    return _fill(rule_texts()[rule][language], facts, language)


# What a code is called in a sentence, by the name of the fact.
_CALLED: dict[str, dict[str, dict[Language, str]]] = {
    "bump": {
        "major": {"de": "Hauptversion", "en": "major version"},
        "minor": {"de": "Nebenversion", "en": "minor version"},
        "patch": {"de": "Patch-Version", "en": "patch version"},
    },
}
_GAP = re.compile(r"\{([a-z_]+)\}")
_OPTIONAL = re.compile(r"\[\[(.*?\{([a-z_]+)\}.*?)\]\]")


def _fill(template: str, facts: Mapping[str, Any], language: Language) -> str:
    """The text; what stands in [[…]] is left out where its fact is not there."""
    said = _OPTIONAL.sub(lambda part: "" if facts.get(part[2]) is None else part[1], template)
    return _GAP.sub(lambda gap: _words(gap[1], facts.get(gap[1]), language), said)


def _words(name: str, value: Any, language: Language) -> str:
    if (called := _CALLED.get(name, {}).get(str(value))) is not None:
        return called[language]
    if value is None:
        return "–"
    return ", ".join(map(str, cast("list[Any]", value))) if isinstance(value, list) else str(value)
