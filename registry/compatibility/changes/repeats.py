"""Where definitions that are used at several places are met again: a change there is one of all."""

from registry.compatibility.changes.places import Place

_MOST = 40


class Repeats:
    """Places whose schemas are those of a place before."""

    def __init__(self) -> None:
        self._others: dict[Place, list[Place]] = {}

    def add(self, first: Place, again: Place) -> None:
        """Of what refers to itself, what is within is no other place."""
        if again[: len(first)] != first:
            self._others.setdefault(first, []).append(again)

    def of(self, place: Place) -> tuple[Place, ...]:
        """The other places a place stands for, the first of very many; in order."""
        found = {place: None}
        waiting = [place]
        while waiting and len(found) <= _MOST:
            looked = waiting.pop()
            for end in range(len(looked) + 1):
                for again in self._others.get(looked[:end], ()):
                    other = (*again, *looked[end:])
                    if other not in found:
                        found[other] = None
                        waiting.append(other)
        return tuple(sorted(one for one in found if one != place))[:_MOST]
