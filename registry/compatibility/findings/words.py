"""Findings in words: what a place is called, where it stands, what it said before and after."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from registry.compatibility.changes.change import Change, Starts
from registry.compatibility.changes.excerpts import enumerated
from registry.compatibility.changes.places import Place, Step, View, place_key, place_text
from registry.compatibility.changes.walk import Walk
from registry.compatibility.findings.descriptions import case_named, quoted
from registry.compatibility.findings.phrasing import spoken, wording_of, written
from registry.compatibility.model import Finding, Schema, Severity, Spot, Witness
from registry.compatibility.plain import Plain
from registry.compatibility.rules import Language, message, note, reason
from registry.dialects.strict_json import Json, Steps, pointer_to, positions_of

_ROOT: dict[Language, str] = {"de": "Das Dokument", "en": "The document"}
_NAMES: dict[Language, dict[str, str]] = {
    "de": {
        "property": "Die Angabe {name}",
        "pattern": "Jede Angabe mit einem Namen nach `{name}` in {outer}",
        "other": "Jede weitere Angabe in {outer}",
        "names": "Jeder Name in {outer}",
        "index": "Eintrag {name} in {outer}",
        "item": "Jeder Eintrag in {outer}",
        "further-item": "Jeder weitere Eintrag in {outer}",
        "contained": "Der gesuchte Eintrag in {outer}",
        "contained-of-several": "Der gesuchte Eintrag `{name}` in {outer}",
        "root": "diesem Dokument",
    },
    "en": {
        "property": "The property {name}",
        "pattern": "Each property with a name like `{name}` in {outer}",
        "other": "Each further property in {outer}",
        "names": "Each name in {outer}",
        "index": "Entry {name} in {outer}",
        "item": "Each entry in {outer}",
        "further-item": "Each further entry in {outer}",
        "contained": "The entry looked for in {outer}",
        "contained-of-several": "The entry `{name}` looked for in {outer}",
        "root": "this document",
    },
}


class Words:
    """Puts changes of one comparison into words."""

    def __init__(
        self, walk: Walk, views: tuple[View, View], schemas: tuple[Schema, Schema]
    ) -> None:
        self.walk = walk
        self.views = views
        self.schemas = schemas
        self._titles: dict[Place, str | None] = {}
        self._excerpts: dict[int, tuple[Json, str]] = {}

    def finding(
        self,
        change: Change,
        severity: Severity,
        witness: Witness | None = None,
        notes: Sequence[str] = (),
        why: str = "",
    ) -> Finding:
        """The finding that a change is; notes are names of further sentences."""
        before, after = self._excerpt(change.before), self._excerpt(change.after)
        shown = {"before": before, "after": after}
        facts = {name: text for name, text in shown.items() if text is not None}
        facts |= {"reason": why, **dict(change.facts)}
        return Finding(
            rule=change.rule,
            severity=severity,
            place=place_text(change.place),
            fingerprint=fingerprint(change.rule, change.place, change.identity),
            message_de=self._message(change, "de", facts, notes),
            message_en=self._message(change, "en", facts, notes),
            old=self._spot(0, change.old),
            new=self._spot(1, change.new),
            before=before,
            after=after,
            witness=witness,
        )

    def _excerpt(self, value: Json) -> str | None:
        """Many findings may show the same long list: it is written once."""
        if value is None:
            return None
        if id(value) not in self._excerpts:
            self._excerpts[id(value)] = (value, written(value))
        return self._excerpts[id(value)][1]

    def _message(
        self, change: Change, language: Language, facts: Mapping[str, str], notes: Sequence[str]
    ) -> str:
        why = reason(facts["reason"], language)
        said = spoken(change, facts, language)
        known = {**said, "what": self.what(change, language), "reason": why}
        if "documents" in facts:
            known["documents"] = note(facts["documents"], language, {})
        sentences = [message(change.rule, language, known, wording_of(change, facts))]
        case = change.pair.case
        if case is not None:
            several = case.sentence == "arms"
            arm = case.name if several else case_named(case.name, language)
            sentences.append(note(case.sentence, language, {"arm": arm}))
        if change.also:
            others = enumerated(self._path(place, language) for place in change.also)
            sentences.append(note("also", language, {"places": others}))
        sentences += [note(name, language, known) for name in notes]
        return " ".join(sentences)

    def what(self, change: Change, language: Language) -> str:
        """The place as the subject of a sentence."""
        place = change.place
        if not place:
            return _ROOT[language]
        step = place[-1]
        title = self._title(place) if step.kind == "property" else None
        return _NAMES[language][self._named(place)].format(
            name=_name(step, title, language), outer=self._outer(place[:-1], language)
        )

    def _named(self, place: Place) -> str:
        """How the last step of a place is spoken of."""
        step = place[-1]
        if step.kind == "contained" and step.name:
            return "contained-of-several"
        if step.kind == "item" and self._by_position(place[:-1]):
            return "further-item"
        return step.kind

    def _by_position(self, place: Place) -> bool:
        """Whether a list has entries with rules of their own, in one version at least."""
        sides = zip(self.views, self.walk.anchors.get(place, ()), strict=False)
        return any("prefixItems" in view.side(starts).words for view, starts in sides)

    def _path(self, place: Place, language: Language) -> str:
        """The place by what people call the properties on the way."""
        named = (end for end, step in enumerate(place, 1) if step.kind == "property")
        steps = [self._title(place[:end]) or place[end - 1].name for end in named]
        return quoted(" › ".join(steps), language) if steps else place_text(place)

    def _outer(self, place: Place, language: Language) -> str:
        named = [step for step in place if step.kind == "property"]
        if not named:
            return _NAMES[language]["root"]
        index = len(place) - [*place][::-1].index(named[-1])
        return quoted(self._title(place[:index]) or named[-1].name, language)

    def _title(self, place: Place) -> str | None:
        """What the new schema, or else the old one, calls the place."""
        if place not in self._titles:
            self._titles[place] = self._found_title(place)
        return self._titles[place]

    def _found_title(self, place: Place) -> str | None:
        for index in (1, 0):
            starts = self._starts(place, index)
            if starts:
                title = self.views[index].side(starts).annotations().get("title")
                if isinstance(title, str) and title.strip():
                    return title.strip()
        return None

    def _starts(self, place: Place, index: int) -> Starts:
        anchor = self.walk.anchors.get(place)
        if anchor is not None:
            return anchor[index]
        outer = self.walk.anchors.get(place[:-1])
        if outer is None or place[-1].kind != "property":
            return ()
        return self.views[index].side(outer[index]).named("properties").get(place[-1].name, ())

    def _spot(self, index: int, steps: Steps | None) -> Spot | None:
        if steps is None:
            return None
        return Spot(pointer=_origin(self.views[index].plain, steps))

    def located(self, findings: Sequence[Finding]) -> list[Finding]:
        """The same with line and column, where the schema's text is known."""
        old = _positions(self.schemas[0], (finding.old for finding in findings))
        new = _positions(self.schemas[1], (finding.new for finding in findings))
        if not old and not new:
            return [*findings]
        return [_located(finding, old, new) for finding in findings]


def fingerprint(rule: str, place: Place, subject: str) -> str:
    """Names a finding across versions of this program: 16 hex digits."""
    return _digest("\n".join((rule, place_key(place), subject)))


def distinct(findings: Sequence[Finding]) -> list[Finding]:
    """The same, where no two are called alike: of those that are, all but the first are counted.

    Alternatives may change in the same way at the same place of the document; which is the first
    is for the places in the schemas to say.
    """
    alike: dict[str, list[int]] = {}
    for index, finding in enumerate(findings):
        alike.setdefault(finding.fingerprint, []).append(index)
    named = [*findings]
    for key, indexes in alike.items():
        for number, index in enumerate(sorted(indexes, key=lambda one: _spots(findings[one]))):
            if number:
                name = _digest(f"{key}\n{number}")
                named[index] = msgspec.structs.replace(findings[index], fingerprint=name)
    return named


def _spots(finding: Finding) -> tuple[str, str]:
    old, new = (spot.pointer if spot else "" for spot in (finding.old, finding.new))
    return old, new


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def _name(step: Step, title: str | None, language: Language) -> str:
    if step.kind == "index":
        return str(int(step.name) + 1)
    if step.kind != "property":
        return step.name
    if title is None or title == step.name:
        return quoted(step.name, language)
    return f"{quoted(title, language)} (`{step.name}`)"


def _origin(plain: Plain, steps: Steps) -> str:
    """Where the publisher wrote it: the keyword, or the schema around it."""
    for end in range(len(steps), -1, -1):
        try:
            return plain.origins[pointer_to(steps[:end])]
        except KeyError:
            continue
    return ""


Positions = dict[str, tuple[int, int]]


def _positions(schema: Schema, spots: Iterable[Spot | None]) -> Positions:
    if schema.text is None:
        return {}
    wanted = {spot.pointer for spot in spots if spot is not None}
    return positions_of(schema.text, wanted) if wanted else {}


def _located(finding: Finding, old: Positions, new: Positions) -> Finding:
    return msgspec.structs.replace(finding, old=_at(finding.old, old), new=_at(finding.new, new))


def _at(spot: Spot | None, positions: Positions) -> Spot | None:
    if spot is None or spot.pointer not in positions:
        return spot
    line, column = positions[spot.pointer]
    return Spot(pointer=spot.pointer, line=line, column=column)
