"""What breaks beyond the changes that are known to: whoever vouches for those must hear of it."""

from collections.abc import Iterator, Sequence

from registry.compatibility.changes.change import Change
from registry.compatibility.changes.places import Place, View
from registry.compatibility.changes.walk import walk
from registry.compatibility.containment import HIDDEN
from registry.compatibility.findings.forms import Form
from registry.compatibility.findings.proof import FITS, ROOT, Case, Proof
from registry.compatibility.findings.undone import together
from registry.compatibility.plain import Plain
from registry.compatibility.reserved import hides
from registry.compatibility.solver import Empty, Found, Undecided
from registry.dialects.strict_json import Steps

_ROUNDS = 12


class Remainder(Case):
    """One direction, with changes undone."""

    def left(self, changes: Sequence[Change]) -> Proof:
        """Whether documents stop being valid for other reasons than these changes.

        They are refused, and would be so with all of these undone.
        """
        at_once = self._besides(self.without(changes))
        return at_once if at_once.answer == "fits" else self._in_turn(changes) or at_once

    def _in_turn(self, changes: Sequence[Change]) -> Proof | None:
        """The same where several alter the same: one is undone, then what is left of the others.

        A change may then stand in another alternative than before.
        """
        named = {_name(change) for change in changes}
        named -= {_name(change) for change in self.walk.changes if change not in changes}
        case: Remainder = self
        for _ in range(_ROUNDS):
            if self.purse.empty:
                break
            undone = case.without([*case._separate(changes)])
            case = self._again(undone)
            changes = [change for change in case.walk.changes if _name(change) in named]
            if not changes:
                return self._besides(undone)
        return None

    def _separate(self, changes: Sequence[Change]) -> Iterator[Change]:
        """Those of the changes that alter nothing which one before them alters."""
        altered: set[Steps] = set()
        for change in sorted(changes, key=lambda one: -len(one.place)):
            steps = {steps for steps, _ in self._edits(change)[0]}
            if not any(_within(one, other) for one in steps for other in altered):
                altered |= steps
                yield change

    def without(self, changes: Sequence[Change]) -> Plain:
        """The refusing side with all of these undone."""
        versions = (self.lenient(change).root for change in changes)
        return self.other.plain.rewritten(together(self.other.plain.root, versions))

    def _again(self, undone: Plain) -> "Remainder":
        other = View(undone, self.other.name)
        views = (self.valid, other) if self.index == 0 else (other, self.valid)
        return Remainder(self.pair, walk(*views), views, self.side, self.purse)

    def _besides(self, undone: Plain) -> Proof:
        """Documents that the other side refuses, and would also without what is undone."""
        without = Form(self.questions.graph, undone.root)
        valid = self.forms[0].at(ROOT[self.index])
        read, refusing = self._read(valid, self.forms[1].at(ROOT[1 - self.index]))
        spared, lenient = self._read(valid, without.at(ROOT[1 - self.index]))
        found = self._find([read, spared], [refusing, lenient])
        if isinstance(found, Empty):
            return Proof("open", reason=HIDDEN) if self._hides(undone) else FITS
        value = found.guess if isinstance(found, Undecided) else found
        witness = self.confirmed(value.value) if isinstance(value, Found) else None
        if witness is not None:
            return Proof("breaks", witness)
        reason = found.reason if isinstance(found, Undecided) else "validators disagree"
        return Proof("open", reason=reason)

    def _hides(self, undone: Plain) -> bool:
        """Whether the reading left out what the documents must have, and so may hide a break."""
        if not self.pair.rewritten:
            return False
        sides = (self.valid.plain, undone) if self.index == 0 else (undone, self.valid.plain)
        return hides(*sides, self.pair.states, self.index, self._find)


def _within(one: Steps, other: Steps) -> bool:
    """Whether one of the places is in the other, or is the same."""
    return all(left == right for left, right in zip(one, other, strict=False))


def _name(change: Change) -> tuple[str, Place, str]:
    return change.rule, change.place, change.subject
