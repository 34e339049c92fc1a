"""Names that an object forbids though its schema names them: closed beside what names them."""

from collections.abc import Iterable, Iterator
from typing import cast

from registry.compatibility.changes.change import Change, Effect, PlacePair
from registry.compatibility.changes.excerpts import enumerated
from registry.compatibility.changes.places import Account, Edits, Node
from registry.compatibility.languages import Unreadable, matches
from registry.dialects.strict_json import Json

_WORD = "additionalProperties"

Names = frozenset[str]


def changes(pair: PlacePair) -> Iterator[Change]:
    """Names that both versions declare and one of them shuts out."""
    if _WORD not in pair.old.words | pair.new.words:
        return
    lost, gained = shut_out(pair)
    if lost:
        edits = _declared(pair.new, lost), _forbidden(pair.old, lost)
        yield _change(pair, "EFA-PROP-11", "narrows", lost, edits)
    if gained:
        edits = _forbidden(pair.new, gained), _declared(pair.old, gained)
        yield _change(pair, "EFA-PROP-12", "widens", gained, edits)


def shut_out(pair: PlacePair) -> tuple[Names, Names]:
    """Names that are forbidden now by how the object is closed, and those that were.

    What one side alone says under `properties` is a change of its own.
    """
    sides = pair.old, pair.new
    names = pair.old.view.declared(pair.anchor[0]) & pair.new.view.declared(pair.anchor[1])
    old, new = (side.named("properties").keys() for side in sides)
    before, after = (forbidden(side, names) for side in sides)
    lost = (after - before) - (old - new) - _never(pair.new, names)
    gained = (before - after) - (new - old) - _never(pair.old, names)
    return frozenset(lost), frozenset(gained)


def forbidden(side: Account, names: Iterable[str]) -> Names:
    """Those of the names that objects of the place must not have."""
    given = frozenset(names)
    closing = [member.node for member in side.members if _closes(member.node)]
    shut = {name for node in closing for name in given if not _names(node, name)}
    return _never(side, given) | shut


def _never(side: Account, names: Names) -> Names:
    named = side.named("properties")
    return frozenset(name for name in names if name in named and side.view.side(named[name]).never)


def _closes(node: Node) -> bool:
    value = node.get(_WORD)
    return value is False or value == {"not": {}}


def _names(node: Node, name: str) -> bool:
    """Whether a schema that closes an object lets the name in; so it does where nobody can say."""
    patterns = cast("Node", node.get("patternProperties", {}))
    return name in cast("Node", node.get("properties", {})) or any(
        _fits(pattern, name) for pattern in patterns
    )


def _fits(pattern: str, name: str) -> bool:
    try:
        return matches(pattern, name)
    except Unreadable:
        return True


def declaring(node: Node, names: Iterable[str]) -> Node:
    """A node that closes an object, with these names let in."""
    missing = [name for name in sorted(names) if not _names(node, name)]
    if not missing or not _closes(node):
        return node
    more: Node = dict.fromkeys(missing, True)
    return {**node, "properties": {**cast("Node", node.get("properties", {})), **more}}


def forbidding(names: Iterable[str]) -> Json:
    """A schema of objects without these names."""
    none: Node = dict.fromkeys(sorted(names), False)
    return {"properties": none}


def _declared(side: Account, names: Names) -> Edits:
    nodes = ((member, declaring(member.node, names)) for member in side.members)
    return tuple((member.steps, node) for member, node in nodes if node is not member.node)


def _forbidden(side: Account, names: Names) -> Edits:
    return side.put((), {"allOf": [forbidding(names)]})


def _change(
    pair: PlacePair, rule: str, effect: Effect, names: Names, edits: tuple[Edits, Edits]
) -> Change:
    told = sorted(names)
    return Change(
        rule,
        pair,
        *edits,
        effect,
        subject=",".join(told),
        old=pair.old.spot(_WORD),
        new=pair.new.spot(_WORD),
        facts={"values": enumerated(f"`{name}`" for name in told)},
    )
