"""How much one change alone matters, proven: a document that shows it, or that there is none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Literal

from registry.compatibility.changes.change import Change, Starts
from registry.compatibility.changes.places import Edits, Node, View, edited, within
from registry.compatibility.changes.walk import Walk
from registry.compatibility.containment import SchemaPair
from registry.compatibility.findings.forms import Form
from registry.compatibility.findings.lifelike import Lifelike
from registry.compatibility.findings.located import OTHER_NAME, Around
from registry.compatibility.findings.purse import Purse
from registry.compatibility.findings.shrink import shrink
from registry.compatibility.model import Side, Witness
from registry.compatibility.plain import Plain
from registry.compatibility.reserved import reserved_terms
from registry.compatibility.solver import Empty, Found, Outcome, Undecided
from registry.compatibility.solver.terms import Node as Term
from registry.dialects.strict_json import Json

ROOT: tuple[Starts, Starts] = (((),), ((),))
_SAMPLES: tuple[Json, ...] = (1, "A", True, [], {}, None)
_DEMANDED = frozenset({"EFA-REQ-01", "EFA-REQ-02"})
_DECLARED = frozenset({"EFA-PROP-01", "EFA-PROP-02"})
_CLOSED = frozenset({"EFA-PROP-04", "EFA-PROP-05"})
_DECLARES: dict[Side, str] = {"old": "EFA-PROP-02", "new": "EFA-PROP-01"}
_HARMLESS: dict[Side, str] = {"old": "widens", "new": "narrows"}


@dataclass(frozen=True)
class Proof:
    """What is known of a change in one direction.

    `hidden`: it excludes documents, but only such as other changes exclude too.
    """

    answer: Literal["breaks", "fits", "open"]
    witness: Witness | None = None
    hidden: bool = False
    reason: str = ""


FITS = Proof("fits")


@dataclass(frozen=True)
class _Forms:
    """The schemas of one question: documents valid under `valid` that `other` refuses.

    `lenient` is `other` with the change undone, `strict` is `valid` with the change applied.
    """

    valid: tuple[Term, ...]
    other: Term
    lenient: Term
    strict: tuple[Term, Term]


def _with_other_member(change: Change, value: Node) -> Iterator[Node]:
    """The object without the member that a change is about, or with other values of it."""
    if change.rule in _CLOSED:
        yield {**value, _undeclared(change): 1}
    elif len(change.about) == 1 and change.about[0].kind == "property":
        name = change.about[0].name
        if change.rule in _DEMANDED and name in value:
            yield {word: inner for word, inner in value.items() if word != name}
        elif change.rule in _DECLARED:
            yield from ({**value, name: sample} for sample in _SAMPLES)


def _undeclared(change: Change) -> str:
    """A name that neither side declares at the place."""
    sides = zip((change.pair.old, change.pair.new), change.pair.anchor, strict=True)
    declared = frozenset[str]().union(*(side.view.declared(starts) for side, starts in sides))
    names = chain([OTHER_NAME], (f"{OTHER_NAME}{number}" for number in count(2)))
    return next(name for name in names if name not in declared)


class Case:
    """One direction: documents of one side that the other refuses."""

    def __init__(
        self,
        pair: SchemaPair,
        walk: Walk,
        views: tuple[View, View],
        side: Side,
        purse: Purse,
    ) -> None:
        self.pair = pair
        self.side: Side = side
        self.walk = walk
        self.purse = purse
        self.index = 0 if side == "old" else 1
        self.valid, self.other = views[self.index], views[1 - self.index]
        self.questions = pair.questions
        graph = self.questions.graph
        forms = Form(graph, self.valid.plain.root), Form(graph, self.other.plain.root)
        self.forms: tuple[Form, Form] = forms
        self.lifelike = Lifelike(self.valid)
        self.around = Around(walk, self.lifelike, forms, self._find, self.questions)
        self._last: tuple[Change, Form, Form] | None = None

    def prove(self, change: Change) -> Proof:
        """Whether documents stop being valid because of this change."""
        if change.pair.plain and self._harmless(change):
            return FITS
        if self.purse.empty:
            return Proof("open", reason="budget")
        if self._around_itself(change) or self._among_declared(change):
            return self._whole(change)
        hinted = self.glimpsed(change, neutral=True) or self._hinted(change)
        if hinted is not None:
            return Proof("breaks", hinted)
        return self._searched(change)

    def _harmless(self, change: Change) -> bool:
        """Whether the change only lets more in; more values of a plain place are no harm.

        In the reserved reading, a name newly declared does not occur on the side without it.
        """
        if change.effect == _HARMLESS[self.side]:
            return True
        declares = change.rule == _DECLARES[self.side] and self.pair.reading == "reserved"
        if self._among_declared(change):
            return False
        return declares and change.subject not in self.valid.declared(
            change.pair.anchor[self.index]
        )

    def _among_declared(self, change: Change) -> bool:
        """Whether more may be declared for some names there than for what fits the pattern."""
        patterns = any(step.kind == "pattern" for step in change.pair.place)
        return patterns and self.pair.rewritten

    # --- the edits of a change, seen from this side

    def _edits(self, change: Change) -> tuple[Edits, Edits]:
        """For the side that is to be refused less, and for the side that is to refuse more."""
        undo = self._apart(1, change, change.undo)
        apply = self._apart(0, change, change.apply)
        return (undo, apply) if self.side == "old" else (apply, undo)

    def _apart(self, index: int, change: Change, edits: Edits) -> Edits:
        """At the place alone, where the definition stands beside other ones elsewhere."""
        if not any(self.walk.shared(index, steps) for steps, _ in edits):
            return edits
        side = change.pair.new if index else change.pair.old
        changed = dict(edits)
        nodes: list[Json] = [
            changed.get(steps, node)
            for steps, node in side.members
            if steps in changed or not any(within(steps, outer) for outer in changed)
        ]
        start, *others = change.pair.anchor[index] if not change.pair.part_of else side.visited[:1]
        return ((start, {"allOf": nodes}), *((other, True) for other in others))

    def lenient(self, change: Change) -> Plain:
        """The refusing side without the change."""
        return edited(self.other, self.valid, self._edits(change)[0])

    def strict(self, change: Change) -> Plain:
        """The other side with this change only."""
        return edited(self.valid, self.other, self._edits(change)[1])

    def _around_itself(self, change: Change) -> bool:
        """Whether a definition refers to itself so that the change lies around its own place."""
        starts = {*change.pair.anchor[0], *change.pair.anchor[1]}
        return any(
            steps != start and start[: len(steps)] == steps
            for steps, _ in (*change.undo, *change.apply)
            for start in starts
        )

    def _changed(self, change: Change) -> tuple[Form, Form]:
        """The refusing side without the change, and the other side with it."""
        if self._last is None or self._last[0] is not change:
            graph = self.questions.graph
            edited = self.lenient(change).root, self.strict(change).root
            self._last = (change, Form(graph, edited[0]), Form(graph, edited[1]))
        return self._last[1:]

    def _read(self, valid: Term, other: Term) -> tuple[Term, Term]:
        """Both as the reading has them."""
        if not self.pair.rewritten:
            return valid, other
        if self.index == 0:
            return reserved_terms(valid, other, self.pair.states)
        read = reserved_terms(other, valid, self.pair.states)
        return read[1], read[0]

    def _forms(self, change: Change, starts: tuple[Starts, Starts] | None = None) -> _Forms:
        """The question for the schemas that start there: of the place itself, if not said."""
        starts = starts or change.pair.anchor
        here, there = starts[self.index], starts[1 - self.index]
        lenient, strict = self._changed(change)
        valid = self.forms[0].at(here)
        read, refusing = self._read(valid, self.forms[1].at(there))
        spared, undone = self._read(valid, lenient.at(there))
        return _Forms((read, spared), refusing, undone, self._read(valid, strict.at(here)))

    def _find(self, valid: Sequence[Term], invalid: Sequence[Term]) -> Outcome:
        return self.purse.ask(self.questions, valid, invalid)

    # --- documents that were guessed

    def _hinted(self, change: Change) -> Witness | None:
        if not change.hints:
            return None
        lenient = self._forms(change).lenient
        for value in change.hints:
            if self.questions.fits(lenient, value):
                found = self._shown(change, value)
                if found is not None:
                    return found
        return None

    def _shown(self, change: Change, value: Json, *, alone: bool = True) -> Witness | None:
        """The value in a document that reaches the place, when that is a proof.

        Where the change `alone` is to be blamed, the document fits once it is undone.
        """
        document = self.around.document(change.pair.place, value)
        if document is None or (alone and self._blames_others(change, document[0])):
            return None
        return self.confirmed(document[0])

    def _blames_others(self, change: Change, document: Json) -> bool:
        """Whether the document stays refused without the change: in another alternative, say."""
        if not change.pair.place:
            return False
        return self.questions.fits(self._forms(change, ROOT).lenient, document) is False

    def confirmed(self, document: Json) -> Witness | None:
        """The document as a witness, if it is one."""
        return self.pair.witness(document, self.side)

    def glimpsed(self, change: Change, *, neutral: bool = False) -> Witness | None:
        """A document that differs only in the member spoken of from the one around its place.

        Where a single change is to be blamed, that one must be `neutral`: fit both sides.
        """
        document = self.around.at(change.pair.place)
        value = self.around.value(change.pair.place)
        if document is None or not isinstance(value, dict):
            return None
        if neutral and not self._neutral(document[0]):
            return None
        for tried in _with_other_member(change, value):
            found = self._shown(change, tried, alone=neutral)
            if found is not None:
                return found
        return None

    def _neutral(self, document: Json) -> bool:
        return all(self.pair.readers[side].valid_rs(document) for side in self.pair.readers)

    # --- documents that were searched for

    def _in_part(self, change: Change) -> Witness | None:
        """The question for one alternative alone, whose answer may hold for the place too."""
        pair = change.pair
        if not pair.part_of:
            return None
        found = self._ask(self._forms(change, (pair.old.visited[:1], pair.new.visited[:1])))[0]
        if not isinstance(found, Found):
            return None
        fits = self.questions.fits(self._forms(change).lenient, found.value)
        return self._shown(change, found.value) if fits else None

    def _searched(self, change: Change) -> Proof:
        in_part = self._in_part(change)
        if in_part is not None:
            return Proof("breaks", in_part)
        forms = self._forms(change)
        alone, hidden = self._ask(forms)
        if isinstance(alone, Found):
            witness = self._shown(change, self._small(alone.value, forms))
            if witness is not None:
                return Proof("breaks", witness)
        elif isinstance(alone, Empty) and isinstance(hidden, Found):
            witness = self._shown(change, hidden.value, alone=False)
            if witness is not None:
                return Proof("breaks", witness, hidden=True)
        elif isinstance(alone, Empty) and isinstance(hidden, Empty) and change.pair.plain:
            return FITS
        return self._whole(change)

    def _small(self, value: Json, forms: _Forms) -> Json:
        """The value smaller and with real-looking texts while it shows the same at its place."""
        fits, wanted = self.questions.fits, (*forms.valid, forms.lenient)

        def keep(other: Json) -> bool:
            return all(fits(node, other) for node in wanted) and fits(forms.other, other) is False

        return self.lifelike.dressed(shrink(value, keep), keep)

    def _whole(self, change: Change) -> Proof:
        forms = self._forms(change, ROOT)
        alone, hidden = self._ask(forms)
        for found, is_hidden in ((alone, False), (hidden, True)):
            value = found.guess if isinstance(found, Undecided) else found
            if isinstance(value, Found):
                small = value.value if is_hidden else self._small(value.value, forms)
                witness = self.confirmed(small) or self.confirmed(value.value)
                if witness is not None:
                    return Proof("breaks", witness, hidden=is_hidden)
        if isinstance(alone, Empty) and isinstance(hidden, Empty):
            return self._without_effect(forms)
        reasons = [found.reason for found in (alone, hidden) if isinstance(found, Undecided)]
        return Proof("open", reason=reasons[0] if reasons else "validators disagree")

    def _without_effect(self, forms: _Forms) -> Proof:
        """Whether the change excluded anything, were it the only one."""
        before, after = forms.strict
        found = self._find([before], [after])
        return Proof("fits", hidden=isinstance(found, Found))

    def _ask(self, forms: _Forms) -> tuple[Outcome, Outcome]:
        """Documents that this change alone excludes; if none, those it excludes with others."""
        alone = self._find([*forms.valid, forms.lenient], [forms.other])
        if isinstance(alone, Found):
            return alone, alone
        before, after = forms.strict
        return alone, self._find([forms.valid[0], before], [after, forms.other])
