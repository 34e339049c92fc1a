"""Changes of the types that values may have."""

from collections.abc import Iterator, Sequence

from registry.compatibility.changes.change import Change, Effect, PlacePair
from registry.compatibility.changes.effective import (
    FAMILIES,
    KINDS,
    kinds,
    on_one_side,
    types_exchanged,
)
from registry.compatibility.changes.excerpts import enumerated
from registry.compatibility.changes.places import Account, Node
from registry.compatibility.changes.values import SAMPLES, altered, swap
from registry.compatibility.texts import text_of
from registry.dialects.strict_json import Json


def changes(pair: PlacePair) -> Iterator[Change]:
    """Types that come and go; with one that only one side has, so do all rules for its values."""
    if "type" not in pair.old.words | pair.new.words:
        return
    went, came = types_exchanged(pair)
    lost = [kind for kind in KINDS if kind in went]
    gained = [kind for kind in KINDS if kind in came]
    if not lost and not gained:
        return
    rule = "EFA-TYPE-03" if lost and gained else "EFA-TYPE-01" if lost else "EFA-TYPE-02"
    effect: Effect = "either" if lost and gained else "narrows" if lost else "widens"
    old = kinds(pair, 0)[0]
    sides = _type_node(old), _type_node(old.union(gained).difference(lost))
    words = [word for name in FAMILIES if on_one_side(pair, name) for word in FAMILIES[name][1]]
    change = swap(pair, rule, ("type",), sides)
    rules = _rules(pair.old, words), _rules(pair.new, words)
    told = [change.subject, text_of(rules[1])] if gained and rules[1] else [change.subject]
    yield altered(
        change,
        subject=" ".join(told),
        undo=pair.new.put(("type", *words), {**sides[0], **rules[0]}),
        apply=pair.old.put(("type", *words), {**sides[1], **rules[1]}),
        effect=effect,
        facts={"lost": enumerated(_spoken(lost)), "gained": enumerated(_spoken(gained))},
        hints=tuple(value for kind in lost + gained for value in SAMPLES[kind]),
    )


def _rules(side: Account, words: Sequence[str]) -> Node:
    """What a side says by these keywords, as it may stand on the other."""
    found: list[Json] = []
    for member in side.members:
        said: Node = {word: member.node[word] for word in words if word in member.node}
        if said:
            found.append(side.view.carried(said))
    return {"allOf": found} if found else {}


def _type_node(found: frozenset[str]) -> Node:
    if found == frozenset(KINDS):
        return {}
    names = _spoken([kind for kind in KINDS if kind in found])
    return {"type": names[0] if len(names) == 1 else [*names]}


def _spoken(found: list[str]) -> list[str]:
    """Type names as a schema writes them."""
    names = [kind for kind in found if kind not in ("integer", "fraction")]
    if "fraction" in found:
        return [*names, "number"]
    return [*names, "integer"] if "integer" in found else names
