"""Whether a version's number tells the truth about what changed. Pure.

`overridden` are always the undecided findings that a named person vouches for.
"""

from collections.abc import Collection, Sequence
from datetime import date

import msgspec

from registry import semver
from registry.authority import Actor
from registry.catalogue.parts import Policy
from registry.compatibility.model import Formats
from registry.errors import Fact, Fault, Unprocessable
from registry.semver import Neighbours, SemVer
from registry.versions.comparisons.shown import obstacles
from registry.versions.comparisons.verdicts import VersionVerdict, Vouched
from registry.versions.model import InvalidVersion, Override, OverrideNeedsPerson

Overridden = Collection[Vouched]

_MOST_PLACES = 20


class DishonestNumber(Unprocessable):
    """The number does not say what the verdict says."""

    code = "version-number-too-small"

    def __init__(self, verdict: VersionVerdict, **facts: Fact) -> None:
        super().__init__(**facts)
        self.verdict = verdict

    @property
    def members(self) -> dict[str, object]:
        """Also the findings that call for a greater number, and the witnesses that prove it."""
        return super().members | obstacles(self.verdict)


class DoesNotFitNext(DishonestNumber):
    """With this version before it, the number of the next release would not tell the truth."""

    code = "version-does-not-fit-next"


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """A version compared with its neighbours: from the lower one, and to the higher one.

    `beyond` is the nearest place above where a number will do, where none does between its
    neighbours. `taken` are the other numbers, `bases` those of them that were not revoked.
    """

    number: SemVer
    formats: Formats
    taken: Sequence[SemVer]
    bases: Sequence[SemVer]
    lower: VersionVerdict | None = None
    higher: VersionVerdict | None = None
    beyond: "Judgement | None" = None

    @property
    def neighbours(self) -> Neighbours:
        return semver.neighbours(self.number, self.bases)

    def above(self) -> list["Judgement"]:
        """The same version between the releases above, nearest first, compared with none yet.

        Only the nearest of many, and the highest, where some number always will do.
        """
        lower = self.neighbours.lower
        releases = sorted(
            one for one in self.bases if not one.prerelease and (lower is None or one > lower)
        )
        places = releases[:_MOST_PLACES] + releases[_MOST_PLACES:][-1:]
        numbers = (semver.next_version(one, "patch") for one in places)
        return [
            Judgement(
                number=msgspec.structs.replace(number, prerelease=self.number.prerelease),
                formats=self.formats,
                taken=self.taken,
                bases=self.bases,
            )
            for number in numbers
        ]

    @property
    def verdicts(self) -> list[VersionVerdict]:
        """What there is to say about its neighbours, the lower one first."""
        return [one for one in (self.lower, self.higher) if one]

    @property
    def undecided(self) -> set[Vouched]:
        """What could be vouched for, against either neighbour."""
        lower = self.lower.undecided_against(self.lower.old) if self.lower else set[Vouched]()
        return lower | (self.higher.undecided_against(self.higher.new) if self.higher else set())


def is_announced(number: SemVer, judged: Judgement, overridden: Overridden) -> bool:
    """Whether a number says what changed since the lower neighbour."""
    lower, verdict = judged.neighbours.lower, judged.lower
    if lower is None or verdict is None:
        return True
    return semver.announces(number, lower, verdict.bump_with(overridden))


def leaves_next_honest(number: SemVer, judged: Judgement, overridden: Overridden) -> bool:
    """Whether the number of the higher neighbour still says what changes up to there."""
    higher, verdict = judged.neighbours.higher, judged.higher
    if higher is None or verdict is None:
        return True
    return semver.leaves_honest(number, higher, verdict.bump_with(overridden))


def least_beside(judged: Judgement, overridden: Overridden) -> SemVer | None:
    """The least number allowed between the same neighbours; None where there is none."""
    lower = judged.neighbours.lower
    if lower is None or judged.lower is None:
        return None
    least = semver.least_above(lower, judged.lower.bump_with(overridden), judged.taken)
    beside = semver.neighbours(least, judged.bases)
    higher = None if judged.number.prerelease else beside.higher
    stays = (beside.lower, higher) == (lower, judged.neighbours.higher)
    return least if stays and leaves_next_honest(least, judged, overridden) else None


def is_unbounded(judged: Judgement, overridden: Overridden) -> bool:
    """Whether nothing lies below a number that is allowed: a lower one would be as well."""
    return judged.lower is None and leaves_next_honest(judged.number, judged, overridden)


def least_allowed(judged: Judgement, overridden: Overridden) -> SemVer | None:
    """The least release allowed between the neighbours, or else above them; its pre-releases are.

    None where no least one is: nothing lies below, as for the first release.
    """
    if is_unbounded(judged, overridden):
        return None
    beside = least_beside(judged, overridden)
    return beside or (least_beside(judged.beyond, overridden) if judged.beyond else None)


def require_honest(judged: Judgement, overridden: Overridden) -> None:
    """Refuse a number that hides what changed, or would make the next one hide it."""
    required = least_allowed(judged, overridden)
    facts: dict[str, Fact] = {"given": str(judged.number), "required": str(required)}
    if judged.lower and not is_announced(judged.number, judged, overridden):
        before = required and required.like(judged.number)
        if before and before not in judged.taken:
            facts["prerelease"] = str(before)
        bump = judged.lower.bump_with(overridden)
        raise DishonestNumber(judged.lower, **facts, base=judged.lower.old, bump=bump)
    if judged.higher and not leaves_next_honest(judged.number, judged, overridden):
        raise DoesNotFitNext(judged.higher, **facts, next=judged.higher.new)


def require_vouching(actor: Actor, overrides: Sequence[Override]) -> None:
    """Refuse an override by anything but a named person: a machine vouches for nothing.

    No token names a person, that of the operator neither: only who signed in is one.
    """
    if overrides and actor.person is None:
        raise OverrideNeedsPerson


def vouched(overrides: Sequence[Override]) -> list[Vouched]:
    """What overrides vouch for, in their order."""
    return [Vouched(one.interface, one.version, one.fingerprint) for one in overrides]


def require_needed(overrides: Sequence[Override], judged: Judgement) -> None:
    """Refuse an override of what is not undecided there, or given twice."""
    given = vouched(overrides)
    faults = [
        Fault(f"/overrides/{place}", "override-not-needed", one._asdict())
        for place, one in enumerate(given)
        if one not in judged.undecided or one in given[:place]
    ]
    if faults:
        raise InvalidVersion(*faults)


def is_enforced(policy: Policy, released_on: date) -> bool:
    """Whether a version released on a day must have an honest number, or is history."""
    before = policy.released_before
    return policy.kind != "record" or before is None or released_on >= before
