"""A pair of places looked at, and one change between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from registry.compatibility.changes.altered import altered
from registry.compatibility.changes.excerpts import enumerated
from registry.compatibility.changes.places import Account, Edits, Place, Step, View, place_key
from registry.compatibility.texts import sorted_text
from registry.dialects.strict_json import Json, Steps

Starts = tuple[Steps, ...]


class Case(NamedTuple):
    """Which documents a part is about: the name of the sentence that says so, and its gap."""

    sentence: Literal["arm", "arms", "then", "else", "then-of", "else-of", "dependent", "some"]
    name: str = ""

    @classmethod
    def of_all(cls, cases: "Iterable[Case | None]") -> "Case | None":
        """What is said of a place that is the same in several cases; None is every document."""
        found = [*cases]
        known = [case for case in found if case is not None]
        if len(known) < len(found):
            return None
        if len(known) < 2:
            return known[0] if known else None
        if all(case.sentence == "arm" for case in known):
            return cls("arms", enumerated(case.name for case in known))
        return cls("some")


Effect = Literal["widens", "narrows", "either", "none"]
"""What a change does to the values of its place; "none" is for annotations."""


@dataclass(frozen=True)
class PlacePair:
    """One place of documents, as the old and the new schema describe it.

    In a `plain` position, more values of the place never mean fewer documents. The anchors are the
    schemas from which the place starts, outside all alternatives and conditions on it; `outer` is
    what is said of the place around an alternative, `case` the one that it is, `path` all that led
    to it. What asserts nothing is `noted` where it was compared with all that the place says of the
    kind.
    """

    place: Place
    old: Account
    new: Account
    plain: bool
    anchor: tuple[Starts, Starts]
    part_of: str = ""
    outer: "PlacePair | None" = None
    case: "Case | None" = None
    noted: bool = False
    path: str = ""

    @classmethod
    def of(
        cls,
        place: Place,
        old: tuple[View, Starts],
        new: tuple[View, Starts],
        *,
        plain: bool = True,
    ) -> "PlacePair":
        """A place of its own."""
        sides = old[0].side(old[1]), new[0].side(new[1])
        return cls(place, *sides, plain, (old[1], new[1]))

    def child(self, step: Step, old: Starts, new: Starts, *, plain: bool = True) -> "PlacePair":
        """A place within this one."""
        views = (self.old.view, old), (self.new.view, new)
        inner = PlacePair.of((*self.place, step), *views, plain=self.plain and plain)
        return replace(inner, case=self.case, path=self.path) if self.path else inner

    def part(
        self, name: str, old: Starts, new: Starts, case: "Case", *, plain: bool = True
    ) -> "PlacePair":
        """Schemas on the same place: an alternative, the outcome of a condition."""
        sides = self.old.view.side(old), self.new.view.side(new)
        part_of, path = f"{self.part_of}/{name}", f"{self.path}/{name}"
        plain = self.plain and plain
        return PlacePair(self.place, *sides, plain, self.anchor, part_of, self, case, path=path)


@dataclass(frozen=True)
class Change:
    """One difference of one keyword family at one place.

    `undo` makes the new schema say what the old one said, `apply` the old one what the new one
    says. `hints` are values of the place that are likely to tell the two apart, `about` leads from
    the place to the member a change speaks of. `told` tells it from others, where `before` and
    `after` say more than what it is about; `also` are other places of the same definitions.
    """

    rule: str
    pair: PlacePair
    undo: Edits = ()
    apply: Edits = ()
    effect: Effect = "either"
    about: Place = ()
    subject: str = ""
    old: Steps | None = None
    new: Steps | None = None
    before: Json = None
    after: Json = None
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    hints: tuple[Json, ...] = ()
    told: str = ""
    also: tuple[Place, ...] = ()

    @property
    def place(self) -> Place:
        return (*self.pair.place, *self.about)

    @property
    def identity(self) -> str:
        """What tells the change from others of its rule at its place.

        Whoever vouches for one does so for no other: not for other values, documents or places.
        """
        pair, told = self.pair, self.told or sorted_text([self.before, self.after])
        case, undone = " ".join(pair.case or ()), altered(pair.new.view, pair.old.view, self.undo)
        return "\n".join((self.subject + pair.path, told, undone, case, *map(place_key, self.also)))
