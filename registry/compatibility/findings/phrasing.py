"""How a change is put into a sentence: the wording that fits, and its facts as people say them."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from registry.compatibility.changes.change import Change
from registry.compatibility.changes.excerpts import excerpt
from registry.compatibility.changes.objects import rest
from registry.compatibility.changes.places import Account
from registry.compatibility.findings.descriptions import alternative, alternatives, described
from registry.compatibility.rules import Language, note, set_off, shortened, unread
from registry.dialects.strict_json import Json

_LIMITS = {
    "EFA-NUM-01": ("minimum", "exclusiveMinimum"),
    "EFA-NUM-02": ("minimum", "exclusiveMinimum"),
    "EFA-NUM-03": ("maximum", "exclusiveMaximum"),
    "EFA-NUM-04": ("maximum", "exclusiveMaximum"),
}
_ONLY_VALUE = "EFA-ENUM-05"
_UNREAD = "EFA-UNK-02"
_MOST_UNREAD = 3
_NUMBER = re.compile(r"\bnumber\b")
# Rules that speak of one alternative, of all that stand together, of a schema as a whole.
_ALTERNATIVE = frozenset(f"EFA-COMB-0{number}" for number in (1, 2, 3, 4))
_ALTERNATIVES = frozenset({"EFA-COMB-05", "EFA-COMB-06"})
_SCHEMAS = frozenset(
    {f"EFA-COMB-{number}" for number in ("08", "09", "10", "11", "12", "13")}
    | {f"EFA-ARR-{number}" for number in ("07", "08", "09", "14", "16", "17")}
    | {"EFA-PROP-06", "EFA-PROP-09", "EFA-PROP-10", "EFA-OBJ-01", "EFA-OBJ-09", "EFA-OBJ-10"}
)
_PATTERNS = frozenset({"EFA-STR-05", "EFA-STR-06", "EFA-STR-07"})
_JSON = ("before", "after", "schema")
_ROUND = 10**21
_ZEROS = 15


def written(value: Json) -> str:
    """A value as findings show it; a huge round number as one writes it."""
    if isinstance(value, int) and abs(value) >= _ROUND:
        digits = str(value)
        short = digits.rstrip("0")
        if len(digits) - len(short) >= _ZEROS:
            return f"{short}e{len(digits) - len(short)}"
    return excerpt(value)


def wording_of(change: Change, facts: Mapping[str, str]) -> str | None:
    """Which wording of its rule a change has, where there are several."""
    special = _SPECIAL.get(change.rule)
    if special is not None:
        return special(change)
    if "before" not in facts:
        return "introduced"
    return None if "after" in facts else "dropped"


def _types_lost(change: Change) -> str | None:
    return "integers" if change.facts.get("lost") == "number" and _integers(change.after) else None


def _types_gained(change: Change) -> str | None:
    only = change.facts.get("gained") == "number"
    return "fractions" if only and _integers(change.before) else None


def _integers(types: Json) -> bool:
    return "integer" in (types if isinstance(types, list) else [types])


def _names_closed(change: Change) -> str | None:
    new = change.pair.new
    closed = rest(new, "additionalProperties", "unevaluatedProperties") == "closed"
    return "closed" if closed and "patternProperties" not in new.words else None


def _entries_closed(change: Change) -> str | None:
    return "closed" if rest(change.pair.new, "items", "unevaluatedItems") == "closed" else None


def _name_removed(change: Change) -> str | None:
    new = change.pair.new
    declared = new.view.declared(change.pair.anchor[1])
    return None if change.facts["name"] in declared else "removed"


_SPECIAL: dict[str, Callable[[Change], str | None]] = {
    "EFA-REQ-02": _name_removed,
    "EFA-TYPE-01": _types_lost,
    "EFA-TYPE-02": _types_gained,
    "EFA-OBJ-04": _names_closed,
    "EFA-ARR-12": _entries_closed,
}


def spoken(change: Change, facts: Mapping[str, str], language: Language) -> dict[str, str]:
    """The facts as a sentence says them."""
    said = dict(facts)
    if change.rule == _ONLY_VALUE:
        said |= {"before": _only(change.before), "after": _only(change.after)}
    said |= {name: set_off(shortened(said[name])) for name in _JSON if name in said}
    said |= _schemas(change, said, language)
    if change.rule in _PATTERNS:
        said |= {name: f"`{shortened(text)}`" for name, text in _patterns(change)}
    if change.rule in _LIMITS:
        said |= dict(_bounds(change, said, language))
    if change.rule == _UNREAD:
        said["rule"] = _unread(change, language)
    if _integers(change.after) and "lost" in said:
        said["lost"] = _NUMBER.sub(note("kept-integers", language, {}), said["lost"])
    if _integers(change.before) and "gained" in said:
        said["gained"] = _NUMBER.sub(note("had-integers", language, {}), said["gained"])
    return said


def _patterns(change: Change) -> Iterator[tuple[str, str]]:
    """As they are written, without the escapes of JSON."""
    sides = (("before", change.before), ("after", change.after))
    return ((name, pattern) for name, pattern in sides if isinstance(pattern, str))


def _schemas(change: Change, said: Mapping[str, str], language: Language) -> dict[str, str]:
    """What there are words for where a sentence speaks of schemas."""
    gone = change.before is not None
    view, steps = (change.pair.old.view, change.old) if gone else (change.pair.new.view, change.new)
    if change.rule in _ALTERNATIVE and steps:
        return {"schema": alternative(view, steps, language)}
    if change.rule in _ALTERNATIVES and steps:
        return {"schema": alternatives(view, steps, language)}
    if change.rule not in _SCHEMAS:
        return {}
    schemas = {"before": change.before, "after": change.after}
    schemas["schema"] = change.before if gone else change.after
    return {name: described(schema, language) for name, schema in schemas.items() if name in said}


def _only(values: Json) -> str:
    found = cast("list[Json]", values)
    return excerpt(found[0]) if len(found) == 1 else excerpt(values)


def _bounds(
    change: Change, facts: Mapping[str, str], language: Language
) -> Iterator[tuple[str, str]]:
    """Both bounds with what they mean: that the number itself is allowed, or not."""
    sides = (
        ("before", change.before, change.pair.old),
        ("after", change.after, change.pair.new),
    )
    for name, value, side in sides:
        if name in facts:
            word = _limit_word(side, _LIMITS[change.rule], value)
            yield name, note(word, language, {"value": facts[name]})


def _limit_word(side: Account, words: tuple[str, str], value: Json) -> str:
    """Of two equal bounds the one that excludes its number is stricter."""
    return words[1] if value in side.values(words[1]) else words[0]


def _unread(change: Change, language: Language) -> str:
    """What of the rules that nobody can evaluate is on one side only."""
    old, new = _listed(change.before), _listed(change.after)
    differing = [each for each in new if each not in old] + [
        each for each in old if each not in new
    ]
    named = [text for each in differing if (text := unread(str(each), language))]
    return ", ".join(dict.fromkeys(named[:_MOST_UNREAD])) or "…"


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]
