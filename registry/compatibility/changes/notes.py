"""Changes of what a schema says without asserting it: texts, defaults, formats, deprecation."""

from collections.abc import Iterator
from dataclasses import replace

from registry.compatibility.changes.change import Change, Effect, PlacePair
from registry.compatibility.changes.places import Account
from registry.compatibility.model import Schema
from registry.compatibility.solver.terms import key_of
from registry.dialects.strict_json import Json

_OTHER = "EFA-ANN-08"
_RULES = {
    "title": "EFA-ANN-01",
    "description": "EFA-ANN-01",
    "default": "EFA-ANN-02",
    "examples": "EFA-ANN-03",
    "example": "EFA-ANN-03",
    "readOnly": "EFA-ANN-06",
    "writeOnly": "EFA-ANN-06",
    "contentEncoding": "EFA-ANN-07",
    "contentMediaType": "EFA-ANN-07",
    "contentSchema": "EFA-ANN-07",
}
_IDENTITY = frozenset({"$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$recursiveAnchor"})


def changes(pair: PlacePair, *, again: bool) -> Iterator[Change]:
    """What is said of the place and asserts nothing, keyword by keyword.

    Of definitions met `again`, only what the references to them say.
    """
    old, new = pair.old.annotations(again=again), pair.new.annotations(again=again)
    if not (old or new):
        return
    for word in sorted((old.keys() | new.keys()) - _IDENTITY):
        if word in old and word in new and key_of(old[word]) == key_of(new[word]):
            continue
        before, after = old.get(word), new.get(word)
        nulls = {
            name: "null"
            for name, side in (("before", old), ("after", new))
            if word in side and side[word] is None
        }
        rule = _rule(word, before, after)
        if rule is not None and not (rule == _OTHER and _counts(pair, word)):
            yield _note(pair, rule, (before, after), {"keyword": word, **nulls})


def _rule(word: str, before: Json, after: Json) -> str | None:
    if word == "deprecated":
        if (before is True) == (after is True):
            return None
        return "EFA-ANN-04" if after is True else "EFA-ANN-05"
    if word == "format":
        return "EFA-FMT-03" if before and after else "EFA-FMT-01" if after else "EFA-FMT-02"
    return _RULES.get(word, _OTHER)


def _counts(pair: PlacePair, word: str) -> bool:
    """Whether one of the sides asserts the keyword and the other does not: that is no note."""
    return _asserts(pair.old, word) != _asserts(pair.new, word)


def _asserts(side: Account, word: str) -> bool:
    """Whether a schema of the place has the keyword, and not as an annotation."""
    sources = side.view.plain.sources
    found = (sources.get(id(side.view.at(steps))) for steps in side.visited)
    return any(
        word in source.schema and word not in source.annotations
        for source in found
        if source and isinstance(source.schema, dict)
    )


def _note(pair: PlacePair, rule: str, values: tuple[Json, Json], facts: dict[str, str]) -> Change:
    effect: Effect = "none"
    before, after = values
    word = facts["keyword"]
    return Change(
        rule,
        pair,
        effect=effect,
        subject=word,
        told=word,
        old=(*pair.old.spot(), word),
        new=(*pair.new.spot(), word),
        before=before,
        after=after,
        facts=facts,
    )


def identity(root: Change, schemas: tuple[Schema, Schema]) -> Iterator[Change]:
    """The schema's own address and dialect, where both name one and they differ."""
    for rule, words in (("EFA-REF-01", ("$id", "id")), ("EFA-REF-02", ("$schema",))):
        old, new = (_declared(schema.root, words) for schema in schemas)
        if old and new and _bare(old) != _bare(new):
            yield replace(root, rule=rule, before=old, after=new, effect="none")


def _declared(root: Json, words: tuple[str, ...]) -> str | None:
    values = [root.get(word) for word in words] if isinstance(root, dict) else []
    return next((value for value in values if isinstance(value, str)), None)


def _bare(address: str) -> str:
    return address.removeprefix("https:").removeprefix("http:").removesuffix("#")
