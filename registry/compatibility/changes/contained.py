"""Changes of what a list must contain: each `contains` is compared with the one it continues."""

from collections.abc import Iterator
from typing import NamedTuple

from registry.compatibility.changes.alignment import align, same
from registry.compatibility.changes.change import Change, Effect, PlacePair
from registry.compatibility.changes.choices import conjoined
from registry.compatibility.changes.excerpts import excerpt
from registry.compatibility.changes.places import Account, Edits, Node, Step
from registry.compatibility.texts import sorted_text
from registry.dialects.strict_json import Json, Steps

_WORDS = ("contains", "minContains", "maxContains")
_COUNTS = _WORDS[1:]
_MANY = 60


class Contained(NamedTuple):
    """One `contains` with how often it must and may be there."""

    steps: Steps
    node: Node

    @property
    def said(self) -> Node:
        return {word: self.node[word] for word in _WORDS if word in self.node}

    @property
    def times(self) -> tuple[int, int | None]:
        most = self.node.get("maxContains")
        return int(str(self.node.get("minContains", 1))), None if most is None else int(str(most))

    @property
    def counts(self) -> Node:
        return {word: self.node[word] for word in _COUNTS if word in self.node}

    def without(self, *words: str) -> Node:
        return {word: value for word, value in self.node.items() if word not in words}


def changes(pair: PlacePair) -> Iterator[Change]:
    """An entry that must be there or, where none must, how many may."""
    if "contains" not in pair.old.words | pair.new.words:
        return
    paired, lost, gained = _paired(pair)
    for old, new in paired:
        if old.times != new.times:
            yield _counted(pair, old, new)
    for old in filter(_counts, lost):
        edits = conjoined(pair.new, _carried(pair.old, old)), ((old.steps, old.without(*_WORDS)),)
        yield _one_sided(pair, edits, old, gained=False)
    for new in filter(_counts, gained):
        edits = ((new.steps, new.without(*_WORDS)),), conjoined(pair.old, _carried(pair.new, new))
        yield _one_sided(pair, edits, new, gained=True)


def children(pair: PlacePair) -> Iterator[PlacePair]:
    """The entries that both sides ask for; of several, which."""
    if "contains" not in pair.old.words & pair.new.words:
        return
    paired, lost, gained = _paired(pair)
    several = len(paired) + max(len(lost), len(gained)) > 1
    for old, new in paired:
        name = excerpt(new.node["contains"]) if several else ""
        starts = ((*old.steps, "contains"),), ((*new.steps, "contains"),)
        yield pair.child(Step("contained", name), *starts, plain=False)


def _paired(
    pair: PlacePair,
) -> tuple[list[tuple[Contained, Contained]], list[Contained], list[Contained]]:
    """Those that belong together; what is left over is taken in its order."""
    old, new = _contained(pair.old), _contained(pair.new)
    found: list[tuple[Contained, Contained]] = []
    for left in [*old] if max(len(old), len(new)) <= _MANY else ():
        right = next((right for right in new if _says_the_same(pair, left, right)), None)
        if right is not None:
            found.append((left, right))
            old.remove(left)
            new.remove(right)
    matched, lost, gained = align(_asked(pair.old, old), _asked(pair.new, new))
    rest = min(len(lost), len(gained))
    matched += zip(lost, gained, strict=False)
    found += [(old[left], new[right]) for left, right in matched]
    return found, [old[index] for index in lost[rest:]], [new[index] for index in gained[rest:]]


def _counts(one: Contained) -> bool:
    """Whether it asks for or limits anything, besides evaluating entries."""
    return one.times != (0, None)


def _contained(side: Account) -> list[Contained]:
    return [Contained(one.steps, one.node) for one in side.members if "contains" in one.node]


def _asked(side: Account, contained: list[Contained]) -> list[Account]:
    return [side.view.side([(*one.steps, "contains")]) for one in contained]


def _says_the_same(pair: PlacePair, old: Contained, new: Contained) -> bool:
    whole: tuple[Json, Json] = {"allOf": [old.said]}, {"allOf": [new.said]}
    return same((pair.old.view, whole[0]), (pair.new.view, whole[1]))


def _carried(side: Account, contained: Contained) -> Node:
    return {**contained.said, "contains": side.view.carried(contained.node["contains"])}


def _counted(pair: PlacePair, old: Contained, new: Contained) -> Change:
    """How often the entry must be and may be there."""
    effect: Effect = "either"
    if old.times[0] <= new.times[0] and _end(new) <= _end(old):
        effect = "narrows"
    elif new.times[0] <= old.times[0] and _end(old) <= _end(new):
        effect = "widens"
    return Change(
        "EFA-ARR-09",
        pair,
        ((new.steps, {**new.without(*_COUNTS), **old.counts}),),
        ((old.steps, {**old.without(*_COUNTS), **new.counts}),),
        effect,
        old=_count_spot(old),
        new=_count_spot(new),
        before=_count_node(old),
        after=_count_node(new),
        told=sorted_text([new.node["contains"], _count_node(old), _count_node(new)]),
    )


def _count_spot(one: Contained) -> Steps:
    return (*one.steps, next((word for word in _COUNTS if word in one.node), "contains"))


def _end(one: Contained) -> float:
    return float("inf") if one.times[1] is None else one.times[1]


def _count_node(one: Contained) -> Node:
    least, most = one.times
    return {"minContains": least} if most is None else {"minContains": least, "maxContains": most}


def _one_sided(
    pair: PlacePair, edits: tuple[Edits, Edits], one: Contained, *, gained: bool
) -> Change:
    """An entry that came to be asked for, or counted, or no longer is."""
    limited = one.times[0] == 0 and one.times[1] is not None
    rules = ("EFA-ARR-16", "EFA-ARR-17") if limited else ("EFA-ARR-07", "EFA-ARR-08")
    steps, schema = (*one.steps, "contains"), one.node["contains"]
    return Change(
        rules[0] if gained else rules[1],
        pair,
        *edits,
        "narrows" if gained else "widens",
        old=pair.old.spot("contains") if gained else steps,
        new=steps if gained else pair.new.spot("contains"),
        before=None if gained else schema,
        after=schema if gained else None,
        facts={"schema": excerpt(schema), "most": str(one.times[1])},
    )
