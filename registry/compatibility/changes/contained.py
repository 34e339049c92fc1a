"""Changes of what a list must contain: each `contains` is compared with the one it continues."""

from collections.abc import Iterator

from registry.compatibility.changes.change import Change, Effect, PlacePair
from registry.compatibility.changes.choices import conjoined
from registry.compatibility.changes.excerpts import excerpt
from registry.compatibility.changes.parts import Paired, Part, paired
from registry.compatibility.changes.places import Edits, Node, Step
from registry.compatibility.texts import sorted_text
from registry.dialects.strict_json import Steps

_WORDS = ("contains", "minContains", "maxContains")
_COUNTS = _WORDS[1:]


def changes(pair: PlacePair) -> Iterator[Change]:
    """An entry that must be there or, where none must, how many may."""
    if "contains" not in pair.old.words | pair.new.words:
        return
    found, lost, gained = _paired(pair)
    for old, new in found:
        if _times(old) != _times(new):
            yield _counted(pair, old, new)
    for old in filter(_counts, lost):
        edits = conjoined(pair.new, old.carried(pair.old)), ((old.steps, old.without(_WORDS)),)
        yield _one_sided(pair, edits, old, gained=False)
    for new in filter(_counts, gained):
        edits = ((new.steps, new.without(_WORDS)),), conjoined(pair.old, new.carried(pair.new))
        yield _one_sided(pair, edits, new, gained=True)


def children(pair: PlacePair) -> Iterator[PlacePair]:
    """The entries that both sides ask for; of several, which."""
    if "contains" not in pair.old.words & pair.new.words:
        return
    found, lost, gained = _paired(pair)
    several = len(found) + max(len(lost), len(gained)) > 1
    for old, new in found:
        name = excerpt(new.node["contains"]) if several else ""
        yield pair.child(Step("contained", name), (old.asked,), (new.asked,), plain=False)


def _paired(pair: PlacePair) -> Paired:
    """Those that belong together; what is left over is taken in its order."""
    found, lost, gained = paired(pair, _WORDS)
    rest = min(len(lost), len(gained))
    return [*found, *zip(lost, gained, strict=False)], lost[rest:], gained[rest:]


def _times(one: Part) -> tuple[int, int | None]:
    """How often it must and may be there."""
    most = one.node.get("maxContains")
    return int(str(one.node.get("minContains", 1))), None if most is None else int(str(most))


def _counts(one: Part) -> bool:
    """Whether it asks for or limits anything, besides evaluating entries."""
    return _times(one) != (0, None)


def _counted(pair: PlacePair, old: Part, new: Part) -> Change:
    """How often the entry must be and may be there."""
    effect: Effect = "either"
    least, end = (_times(old)[0], _times(new)[0]), (_end(old), _end(new))
    if least[0] <= least[1] and end[1] <= end[0]:
        effect = "narrows"
    elif least[1] <= least[0] and end[0] <= end[1]:
        effect = "widens"
    return Change(
        "EFA-ARR-09",
        pair,
        ((new.steps, {**new.without(_COUNTS), **_counting(old)}),),
        ((old.steps, {**old.without(_COUNTS), **_counting(new)}),),
        effect,
        old=_count_spot(old),
        new=_count_spot(new),
        before=_count_node(old),
        after=_count_node(new),
        told=sorted_text([new.node["contains"], _count_node(old), _count_node(new)]),
    )


def _counting(one: Part) -> Node:
    return {word: value for word, value in one.said.items() if word in _COUNTS}


def _count_spot(one: Part) -> Steps:
    return (*one.steps, next((word for word in _COUNTS if word in one.node), "contains"))


def _end(one: Part) -> float:
    most = _times(one)[1]
    return float("inf") if most is None else most


def _count_node(one: Part) -> Node:
    least, most = _times(one)
    return {"minContains": least} if most is None else {"minContains": least, "maxContains": most}


def _one_sided(pair: PlacePair, edits: tuple[Edits, Edits], one: Part, *, gained: bool) -> Change:
    """An entry that came to be asked for, or counted, or no longer is."""
    least, most = _times(one)
    limited = least == 0 and most is not None
    rules = ("EFA-ARR-16", "EFA-ARR-17") if limited else ("EFA-ARR-07", "EFA-ARR-08")
    steps, schema = one.asked, one.node["contains"]
    return Change(
        rules[0] if gained else rules[1],
        pair,
        *edits,
        "narrows" if gained else "widens",
        old=pair.old.spot("contains") if gained else steps,
        new=steps if gained else pair.new.spot("contains"),
        before=None if gained else schema,
        after=schema if gained else None,
        facts={"schema": excerpt(schema), "most": str(most)},
    )
