"""Documents in which a given value stands at a given place."""

from collections.abc import Callable, Sequence

from registry.compatibility.changes.places import Account, Node, Place
from registry.compatibility.changes.walk import Walk
from registry.compatibility.findings.forms import Form
from registry.compatibility.findings.lifelike import Lifelike
from registry.compatibility.findings.paths import Path, get, put
from registry.compatibility.languages import Words, find_words
from registry.compatibility.solver import Found, Outcome, Questions
from registry.compatibility.solver.terms import Node as Term
from registry.dialects.strict_json import Json

Ask = Callable[[Sequence[Term], Sequence[Term]], Outcome]
"""A document that fits all of the first and none of the second."""

OTHER_NAME = "andere"


class Around:
    """What stands around the places of a comparison: small documents valid on one side.

    Where it can be, the document is valid on both sides, so that a value put in shows its own
    effect alone.
    """

    def __init__(
        self,
        walk: Walk,
        lifelike: Lifelike,
        forms: tuple[Form, Form],
        ask: Ask,
        questions: Questions,
    ) -> None:
        self.walk = walk
        self.lifelike = lifelike
        self.view = lifelike.view
        self.index = 0 if self.view.name == "old" else 1
        self.valid, self.other = forms
        self.ask = ask
        self.questions = questions
        self._known: dict[Place, tuple[Json, Path] | None] = {}

    def document(self, place: Place, value: Json) -> tuple[Json] | None:
        """A document with the value at the place; None where none was found."""
        if not place:
            return (value,)
        found = self.at(place)
        if found is None:
            return None
        document, path = found
        if place[-1].kind == "names":
            return (put(document, path, {value: None}),) if isinstance(value, str) else None
        return (put(document, path, value),)

    def value(self, place: Place) -> Json:
        """What stands at the place in the small document around it."""
        found = self.at(place)
        return None if found is None else get(*found)

    def at(self, place: Place) -> tuple[Json, Path] | None:
        """A document that reaches the place, and the way there."""
        if place not in self._known:
            self._known[place] = None
            self._known[place] = self._found(place)
        return self._known[place]

    def _found(self, place: Place) -> tuple[Json, Path] | None:
        if not place:
            small = self._small(place, ())
            return None if small is None else (small[0], ())
        outer = self.at(place[:-1])
        if outer is None or any(step.kind == "names" for step in place[:-1]):
            return None
        document, path = outer
        if place[-1].kind == "names":
            return document, path
        step = self._concrete(place)
        if step is None:
            return None
        holder = self._small(place[:-1], (_reaching(step),))
        if holder is None:
            return None
        return put(document, path, holder[0]), (*path, step)

    def _small(self, place: Place, more: Sequence[Json]) -> tuple[Json] | None:
        """A small value for the place, valid on both sides or else on the side asked for."""
        anchor = self.walk.anchors.get(place)
        if anchor is None:
            return None
        valid = self.valid.at(anchor[self.index])
        other = self.other.at(anchor[1 - self.index])
        added = [*map(self.questions.graph.add, more)]
        for schemas in ([valid, other, *added], [valid, *added]):
            found = self.ask(schemas, [])
            if isinstance(found, Found):
                return (self._dressed(found.value, schemas),)
        return None

    def _dressed(self, value: Json, schemas: Sequence[Term]) -> Json:
        fits = self.questions.fits
        return self.lifelike.dressed(value, lambda other: all(fits(one, other) for one in schemas))

    def _concrete(self, place: Place) -> str | int | None:
        """The name or position that a step of a place stands for."""
        step = place[-1]
        match step.kind:
            case "property":
                return step.name
            case "index":
                return int(step.name)
            case "item" | "contained":
                return 0
            case "pattern":
                return _word([step.name], [])
            case _:
                return self._unnamed(place[:-1])

    def _unnamed(self, place: Place) -> str | None:
        """A name that no keyword of either side names."""
        anchor = self.walk.anchors.get(place)
        if anchor is None:
            return None
        side: Account = self.view.side(anchor[self.index])
        taken = [*side.named("properties")]
        name = OTHER_NAME if OTHER_NAME not in taken else None
        patterns = [*side.named("patternProperties")]
        return name if name and not patterns else _word([], patterns, taken)


def _word(required: list[str], barred: list[str], excluded: Sequence[str] = ()) -> str | None:
    found = find_words(required, barred, min_length=1, excluded=excluded)
    return found.found[0] if isinstance(found, Words) and found.found else None


def _reaching(step: str | int) -> Node:
    """A schema for what has something at a step."""
    if isinstance(step, int):
        return {"type": "array", "minItems": step + 1}
    return {"type": "object", "required": [step]}
