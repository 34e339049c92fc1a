"""Changes of objects: what must be there, what may be there, and under which names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal, cast

from registry.compatibility.changes.alignment import same
from registry.compatibility.changes.change import Case, Change, Effect, PlacePair, Starts
from registry.compatibility.changes.closed import forbidden
from registry.compatibility.changes.effective import is_said, names_required
from registry.compatibility.changes.excerpts import excerpt
from registry.compatibility.changes.places import Account, Edits, Kind, Node, Step
from registry.dialects.strict_json import Json, Steps

Rest = Literal["open", "closed", "ruled"]
"""What happens to members or entries that no keyword names."""

_KINDS: dict[str, Kind] = {"properties": "property", "patternProperties": "pattern"}
_REST = ("additionalProperties", "unevaluatedProperties")
_FORBIDDEN: tuple[tuple[str, Effect], ...] = (
    ("EFA-PROP-03", "narrows"),
    ("EFA-PROP-08", "widens"),
)


def changes(pair: PlacePair) -> Iterator[Change]:
    """What an object must, may and must not contain."""
    words = pair.old.words | pair.new.words
    if "required" in words:
        yield from _required(pair)
    if "properties" in words:
        yield from _properties(pair)
    if not words.isdisjoint(_REST):
        rules = "EFA-PROP-04", "EFA-PROP-05", "EFA-PROP-06", "EFA-PROP-07"
        yield from rest_changes(pair, _REST, rules)
    if "patternProperties" in words:
        yield from _named(pair, "patternProperties", ("EFA-OBJ-04", "EFA-OBJ-03"))
    if "dependentSchemas" in words:
        yield from _named(pair, "dependentSchemas", ("EFA-OBJ-10", "EFA-OBJ-09"))
    if "dependentRequired" in words:
        yield from _dependent(pair)
    if "propertyNames" in words:
        yield from schema_changes(pair, "propertyNames", ("EFA-OBJ-01", "EFA-OBJ-02"))


def children(pair: PlacePair) -> Iterator[PlacePair]:
    """The places one step below that both sides describe."""
    words = pair.old.words & pair.new.words
    plain = (pair.old.words | pair.new.words).isdisjoint({"unevaluatedProperties"})
    for word, kind in _KINDS.items():
        for name, old, new in _both(pair, word) if word in words else ():
            yield pair.child(Step(kind, name), old, new, plain=plain)
    for _, old, new in rest_ruled(pair, _REST):
        yield pair.child(Step("other"), old, new, plain=plain)
    if "propertyNames" in words:
        yield pair.child(Step("names"), *starts(pair, "propertyNames"))
    if "dependentSchemas" in words:
        for name, old, new in _both(pair, "dependentSchemas"):
            yield pair.part(f"dependent {name}", old, new, Case("dependent", name))


def starts(pair: PlacePair, word: str) -> tuple[Starts, Starts]:
    """Where the schemas under a keyword stand on both sides."""
    old = tuple(steps for steps, _ in pair.old.having(word))
    return old, tuple(steps for steps, _ in pair.new.having(word))


def _both(pair: PlacePair, word: str) -> Iterator[tuple[str, Starts, Starts]]:
    old, new = pair.old.named(word), pair.new.named(word)
    for name in old:
        if name in new:
            yield name, old[name], new[name]


# --- required


def _required(pair: PlacePair) -> Iterator[Change]:
    old, new = _names(pair.old), _names(pair.new)
    before, after = names_required(pair, 0), names_required(pair, 1)
    for name in [name for name in new if name not in before]:
        less = [other for other in new if other != name]
        yield _requirement(pair, "EFA-REQ-01", "narrows", name, (less, [*old, name]))
    for name in [name for name in old if name not in after]:
        less = [other for other in old if other != name]
        yield _requirement(pair, "EFA-REQ-02", "widens", name, ([*new, name], less))


def _names(side: Account) -> dict[str, None]:
    names = [name for value in side.values("required") for name in cast("list[str]", value)]
    return dict.fromkeys(sorted(names))


def _first(values: list[Json]) -> Json:
    return values[0] if values else None


def _requirement(
    pair: PlacePair,
    rule: str,
    effect: Effect,
    name: str,
    lists: tuple[Iterable[str], Iterable[str]],
) -> Change:
    undone, applied = lists
    return Change(
        rule,
        pair,
        pair.new.put(("required",), {"required": [*undone]}),
        pair.old.put(("required",), {"required": [*applied]}),
        effect,
        (Step("property", name),),
        old=pair.old.spot("required"),
        new=pair.new.spot("required"),
        before=_first(pair.old.values("required")),
        after=_first(pair.new.values("required")),
        facts={"name": name},
    )


def _dependent(pair: PlacePair) -> Iterator[Change]:
    old, new = _dependencies(pair.old), _dependencies(pair.new)
    for name, needed in sorted(new - old):
        lists = new - {(name, needed)}, old | {(name, needed)}
        yield _dependency(pair, "EFA-REQ-03", "narrows", (name, needed), lists)
    for name, needed in sorted(old - new):
        lists = new | {(name, needed)}, old - {(name, needed)}
        yield _dependency(pair, "EFA-REQ-04", "widens", (name, needed), lists)


def _dependencies(side: Account) -> frozenset[tuple[str, str]]:
    return frozenset(
        (name, str(inner))
        for value in side.values("dependentRequired")
        for name, needed in cast("Node", value).items()
        for inner in cast("list[Json]", needed)
    )


def _dependency(
    pair: PlacePair,
    rule: str,
    effect: Effect,
    subject: tuple[str, str],
    lists: tuple[Iterable[tuple[str, str]], Iterable[tuple[str, str]]],
) -> Change:
    word = "dependentRequired"
    undone, applied = map(_by_name, lists)
    return Change(
        rule,
        pair,
        pair.new.put((word,), {word: undone}),
        pair.old.put((word,), {word: applied}),
        effect,
        subject="/".join(subject),
        old=pair.old.spot(word),
        new=pair.new.spot(word),
        before=_by_name(_dependencies(pair.old)),
        after=_by_name(_dependencies(pair.new)),
        facts={"name": subject[1], "other": subject[0]},
    )


def _by_name(dependencies: Iterable[tuple[str, str]]) -> Json:
    found: dict[str, Json] = {}
    for name, needed in sorted(dependencies):
        cast("list[Json]", found.setdefault(name, [])).append(needed)
    return found


# --- named schemas


def _properties(pair: PlacePair) -> Iterator[Change]:
    """Names that come and go, are forbidden, or lose or get rules where they stay declared."""
    for change in _named(pair, "properties", ("EFA-PROP-01", "EFA-PROP-02")):
        index = 1 if change.rule == "EFA-PROP-01" else 0
        own, other = (pair.old, pair.new) if index else (pair.new, pair.old)
        if own.view.side(own.named("properties")[change.subject]).never:
            rule, effect = _FORBIDDEN[index]
            yield replace(change, rule=rule, effect=effect)
        elif change.subject not in other.view.declared(pair.anchor[index]):
            yield change
        elif forbidden(other, [change.subject]):
            yield replace(change, rule=_FORBIDDEN[1 - index][0])
        elif not _said_too(pair, index, change.subject):
            yield replace(change, rule="EFA-PROP-10" if index else "EFA-PROP-09")


def _said_too(pair: PlacePair, index: int, name: str) -> bool:
    """Whether what one side says of a name, the other says around or in all alternatives."""
    own = pair.old if index else pair.new
    said = own.view.side(own.named("properties")[name])

    def implies(other: Account) -> bool:
        return all(
            any(same((own.view, {word: value}), (other.view, {word: one})) for one in values)
            for member in said.members
            for word, value in member.node.items()
            for values in [other.values(word)]
        )

    return is_said(pair, index, name, implies)


def _named(pair: PlacePair, word: str, rules: tuple[str, str]) -> Iterator[Change]:
    old, new = pair.old.named(word), pair.new.named(word)
    for name in old:
        if name not in new:
            schema = _joined(pair.old, old[name])
            edits = (
                _add(pair.new, word, name, pair.old.view.carried(schema)),
                _drop(pair.old, word, name),
            )
            yield _name_change(pair, rules[0], (name, word), edits, (old[name][0], None), schema)
    for name in new:
        if name not in old:
            schema = _joined(pair.new, new[name])
            edits = (
                _drop(pair.new, word, name),
                _add(pair.old, word, name, pair.new.view.carried(schema)),
            )
            yield _name_change(pair, rules[1], (name, word), edits, (None, new[name][0]), schema)


def _name_change(
    pair: PlacePair,
    rule: str,
    named: tuple[str, str],
    edits: tuple[Edits, Edits],
    spots: tuple[Steps | None, Steps | None],
    schema: Json,
) -> Change:
    name, word = named
    old, new = spots
    kind = _KINDS.get(word)
    return Change(
        rule,
        pair,
        *edits,
        about=() if kind is None else (Step(kind, name),),
        subject=name,
        old=old or pair.old.spot(word, *_REST),
        new=new or pair.new.spot(word, *_REST),
        before=schema if old else None,
        after=schema if new else None,
        facts={"name": name, "pattern": name, "schema": excerpt(schema)},
    )


def _joined(side: Account, steps: Starts) -> Json:
    schemas = [side.view.at(each) for each in steps]
    return schemas[0] if len(schemas) == 1 else {"allOf": schemas}


def _drop(side: Account, word: str, name: str) -> Edits:
    return tuple(
        (member.steps, {**member.node, word: _without(member.node[word], name)})
        for member in side.members
        if word in member.node and name in cast("Node", member.node[word])
    )


def _without(named: Json, name: str) -> Json:
    return {key: value for key, value in cast("Node", named).items() if key != name}


def _add(side: Account, word: str, name: str, schema: Json) -> Edits:
    """Where undeclared names are ruled, the name is declared there; otherwise with its like."""
    ruling = [member for member in side.members if not member.node.keys().isdisjoint(_REST)]
    like = [member for member in side.members if word in member.node]
    chosen = ruling or like[:1] or [*side.members[:1]]
    return tuple(
        (member.steps, {**member.node, word: {**_given(member.node, word), name: schema}})
        for member in chosen
    )


def _given(node: Mapping[str, Json], word: str) -> Node:
    return cast("Node", node.get(word, {}))


# --- the rest: what no keyword names


def rest(side: Account, *words: str) -> Rest:
    """Whether what is not named is free, forbidden or has rules."""
    values = [value for word in words for value in side.values(word) if value is not True]
    if any(value is False or value == {"not": {}} for value in values):
        return "closed"
    return "ruled" if values else "open"


def rest_ruled(pair: PlacePair, words: tuple[str, str]) -> Iterator[tuple[str, Starts, Starts]]:
    """Where both sides have rules for what is not named, by the keyword of the old one.

    Of `words` the first leaves the second nothing to say.
    """
    for word in words:
        if rest(pair.old, word) == rest(pair.new, word) == "ruled":
            yield word, *starts(pair, word)
    sides = pair.old, pair.new
    old, new = (next((word for word in words if rest(side, word) == "ruled"), "") for side in sides)
    if old and new and old != new:
        yield old, starts(pair, old)[0], starts(pair, new)[1]


def rest_changes(
    pair: PlacePair, words: tuple[str, str], rules: tuple[str, str, str, str]
) -> Iterator[Change]:
    """What is not named: closed, opened, put under rules, freed of them."""
    old, new = rest(pair.old, *words), rest(pair.new, *words)
    if old == new:
        return
    closed, opened, introduced, dropped = rules
    rule = closed if new == "closed" else opened if old == "closed" else introduced
    if new == "open" and old == "ruled":
        rule = dropped
    before, after = _rest_node(pair.old, words), _rest_node(pair.new, words)
    yield Change(
        rule,
        pair,
        pair.new.put(words, {word: pair.old.view.carried(v) for word, v in before.items()}),
        pair.old.put(words, {word: pair.new.view.carried(v) for word, v in after.items()}),
        old=pair.old.spot(*words),
        new=pair.new.spot(*words),
        before=next(iter(before.values()), None),
        after=next(iter(after.values()), None),
    )


def _rest_node(side: Account, words: tuple[str, str]) -> Node:
    """The strictest of the values, under its own keyword."""
    found: Node = {}
    for word in words:
        for value in side.values(word):
            if word not in found or value is False:
                found[word] = value
    return found


def schema_changes(pair: PlacePair, word: str, rules: tuple[str, str]) -> Iterator[Change]:
    """A keyword that holds one schema, introduced or dropped."""
    old, new = pair.old.values(word), pair.new.values(word)
    if bool(old) == bool(new):
        return
    before: Node = {word: old[0]} if old else {}
    after: Node = {word: new[0]} if new else {}
    yield Change(
        rules[0] if new else rules[1],
        pair,
        pair.new.put((word,), {key: pair.old.view.carried(v) for key, v in before.items()}),
        pair.old.put((word,), {key: pair.new.view.carried(v) for key, v in after.items()}),
        "narrows" if new else "widens",
        old=pair.old.spot(word),
        new=pair.new.spot(word),
        before=old[0] if old else None,
        after=new[0] if new else None,
        facts={"schema": excerpt((old or new)[0])},
    )
