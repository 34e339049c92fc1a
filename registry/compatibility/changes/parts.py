"""Keywords that hold together, like `if` and `contains` with theirs: which continues which."""

from collections.abc import Sequence
from typing import NamedTuple

from registry.compatibility.changes.alignment import align, same
from registry.compatibility.changes.change import PlacePair
from registry.compatibility.changes.places import Account, Node
from registry.dialects.strict_json import Json, Steps

_MANY = 60

Words = tuple[str, ...]


class Part(NamedTuple):
    """What one schema at a place says by such keywords, the first of which asks for something."""

    steps: Steps
    node: Node
    words: Words

    @property
    def asked(self) -> Steps:
        """Where it stands what it asks for."""
        return (*self.steps, self.words[0])

    @property
    def said(self) -> Node:
        return {word: self.node[word] for word in self.words if word in self.node}

    def carried(self, side: Account) -> Node:
        """The same as it may stand on the other side."""
        return {word: side.view.carried(value) for word, value in self.said.items()}

    def without(self, words: Words) -> Node:
        return {word: value for word, value in self.node.items() if word not in words}


Paired = tuple[list[tuple[Part, Part]], list[Part], list[Part]]
"""Those that belong together, and those left over on each side."""


def parts(side: Account, words: Words) -> list[Part]:
    """All that a side says by these keywords."""
    return [Part(one.steps, one.node, words) for one in side.members if words[0] in one.node]


def paired(pair: PlacePair, words: Words) -> Paired:
    """Equal ones belong together first, then those that ask for the like."""
    old, new = parts(pair.old, words), parts(pair.new, words)
    found: list[tuple[Part, Part]] = []
    for left in [*old] if max(len(old), len(new)) <= _MANY else ():
        right = next((right for right in new if _says_the_same(pair, left, right)), None)
        if right is not None:
            found.append((left, right))
            old.remove(left)
            new.remove(right)
    matched, lost, gained = align(_sides(pair.old, old), _sides(pair.new, new))
    found += [(old[left], new[right]) for left, right in matched]
    return found, [old[index] for index in lost], [new[index] for index in gained]


def _sides(side: Account, given: Sequence[Part]) -> list[Account]:
    return [side.view.side([one.asked]) for one in given]


def _says_the_same(pair: PlacePair, old: Part, new: Part) -> bool:
    whole: tuple[Json, Json] = {"allOf": [old.said]}, {"allOf": [new.said]}
    return same((pair.old.view, whole[0]), (pair.new.view, whole[1]))
