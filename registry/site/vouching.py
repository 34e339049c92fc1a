"""What a named person answers for: asked beside undecided findings, told at versions; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from registry import semver
from registry.impact.checks import Check
from registry.semver import Bump
from registry.site.forms import Field, Given, InvalidForm, first
from registry.site.rendering import Place, foreign
from registry.versions.comparisons.shown import Comparison, ShownFinding, comparison
from registry.versions.comparisons.verdicts import VersionVerdict, Vouched
from registry.versions.model import Override, RecordedOverride, Version
from registry.web.places import fault_from

VOUCHING = "vouching "
VOUCHING_ALL = "vouching-all "
_FIELDS = (VOUCHING, VOUCHING_ALL)
_MOST_VOUCHED = 100
_LONGEST = 1_000


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """One reason for `count` findings of an interface against a neighbour, with those kept."""

    interface: str | None
    version: str | None
    reason: str
    count: int
    findings: list[ShownFinding]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What was answered for between two versions; `bump`: what is called for when that counts."""

    reasons: Mapping[Vouched, str]
    bump: Bump

    def reason(self, finding: ShownFinding, against: str) -> str | None:
        """Why a finding that is undecided breaks nothing, where a person said so."""
        if finding.severity != "unknown":
            return None
        return self.reasons.get(Vouched(finding.interface, against, finding.fingerprint))


def answered(verdict: VersionVerdict, old: Version, new: Version) -> Answered | None:
    """What was answered for when either of two versions was published beside the other."""
    if semver.parse(verdict.new) < semver.parse(verdict.old):
        return None
    given = [one for one in new.overrides if one.version in (None, old.version)]
    given += [one for one in old.overrides if one.version in (None, new.version)]
    reasons = {
        Vouched(found.interface, verdict.old, found.fingerprint): one.reason
        for found in undecided(comparison(new.service, verdict))
        for one in given
        if _is_of(one, found)
    }
    return Answered(reasons=reasons, bump=verdict.bump_with(reasons)) if reasons else None


def _is_of(override: RecordedOverride, found: ShownFinding) -> bool:
    same = override.fingerprint == found.fingerprint
    return same and override.interface in (None, found.interface)


def answers(version: Version, verdicts: Sequence[VersionVerdict]) -> list[Answer]:
    """What was answered for at a version, equal reasons together; `verdicts` are as published."""
    found: list[tuple[str, ShownFinding]] = []
    for verdict in verdicts:
        against = verdict.old if verdict.new == version.version else verdict.new
        found += [(against, one) for one in undecided(comparison(version.service, verdict))]
    groups: dict[tuple[str | None, str | None, str], list[RecordedOverride]] = {}
    for one in version.overrides:
        groups.setdefault((one.interface, one.version, one.reason), []).append(one)
    return [
        Answer(
            interface=interface,
            version=against,
            reason=reason,
            count=len(given),
            findings=[
                each
                for beside, each in found
                if against in (None, beside) and any(_is_of(one, each) for one in given)
            ],
        )
        for (interface, against, reason), given in groups.items()
    ]


def undecided(compared: Comparison) -> list[ShownFinding]:
    """The findings that a person may answer for."""
    found = [one.verdict.findings for one in compared.interfaces if one.verdict]
    return [each for findings in found for each in findings if each.severity == "unknown"]


def reason_fields(place: Place, check: Check, given: Given) -> list[Field]:
    """A field for each finding that a person may answer for; one more for all of an interface."""
    own = check.version or check.required
    found = [
        (each, one.old if one.new == own else one.new)
        for one in check.comparisons
        if one.is_undecided
        for each in undecided(one)
    ][:_MOST_VOUCHED]
    filled = [*vouched_in(given)]
    asked = Counter(each.interface for each, _ in found)
    fields = [_for_all(place, name, given, filled) for name, many in asked.items() if many > 1]
    for number, (each, against) in enumerate(found, 1):
        name = f"{VOUCHING}{each.interface}/{against}/{each.fingerprint}"
        about = f"/overrides/{filled.index(name)}" if first(given, name) else ""
        fields.append(_reason(place, each, against, number, name, about))
    return fields


def _for_all(place: Place, interface: str, given: Given, filled: Sequence[str]) -> Field:
    """The reason for what is left empty; what is wrong with it is told of the first it fills."""
    t, of_it = place.t, f"{VOUCHING}{interface}/"
    its = [
        at for at, name in enumerate(filled) if name.startswith(of_it) and not first(given, name)
    ]
    return Field(
        name=f"{VOUCHING_ALL}{interface}",
        label=t(
            f"Dieselbe Begründung für alle unentschiedenen Befunde von {interface}",
            f"The same reason for all undecided findings of {interface}",
        ),
        hint=t(
            "Gilt für jeden Befund dieser Schnittstelle, dessen Feld unten leer bleibt.",
            "Counts for each finding of this interface whose field below is left empty.",
        ),
        kind="long",
        about=f"/overrides/{its[0]}" if its else "",
    )


def _reason(
    place: Place, found: ShownFinding, against: str, number: int, name: str, about: str
) -> Field:
    t, told = place.t, foreign(found.message[place.language], _LONGEST)
    where = foreign(found.place) or t("ganzes Dokument", "whole document")
    return Field(
        name=name,
        label=t(
            f"Warum das in {found.interface} mit {against} verträglich ist "
            f"(Befund {number}, Ort {where}, Regel {found.rule})",
            f"Why this is compatible in {found.interface} with {against} "
            f"(finding {number}, place {where}, rule {found.rule})",
        ),
        hint=t(
            f"{told} Wer eine Begründung angibt, steht dafür ein, dass kein Dokument betroffen "
            "ist; der Befund zählt dann nicht als unverträglich, und eine kleinere Nummer genügt. "
            "Beides bleibt bei der Version stehen.",
            f"{told} Who gives a reason answers for it that no document is hit; the finding then "
            "does not count as breaking, and a smaller number will do. Both stay with the version.",
        ),
        kind="long",
        about=about,
    )


def typed_in(given: Given) -> dict[str, str]:
    """The reasons as they were filled in, by the names of their fields."""
    texts = {name: first(given, name) for name in given if name.startswith(_FIELDS)}
    return {name: text for name, text in texts.items() if text}


def vouched_in(given: Given) -> dict[str, str]:
    """The reasons that were given by the fields of findings; that for all where one is empty."""
    texts = {
        name: first(given, name) or first(given, f"{VOUCHING_ALL}{_interface_of(name)}")
        for name in given
        if name.startswith(VOUCHING)
    }
    return {name: text for name, text in texts.items() if text}


def _interface_of(name: str) -> str:
    return name.removeprefix(VOUCHING).partition("/")[0]


def overrides_of(given: Given) -> list[Override]:
    """What a person answers for; refuses what is no reason."""
    told: list[dict[str, str]] = []
    for name, reason in vouched_in(given).items():
        named = name.removeprefix(VOUCHING).split("/")
        told.append(dict(zip(("interface", "version", "fingerprint"), named, strict=False)))
        told[-1]["reason"] = reason
    try:
        return msgspec.convert({"overrides": told}, _Vouching).overrides
    except msgspec.ValidationError as error:
        raise InvalidForm(fault_from(str(error), _Vouching)) from None


class _Vouching(msgspec.Struct):
    overrides: Annotated[list[Override], Meta(max_length=_MOST_VOUCHED)]
