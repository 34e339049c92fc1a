"""Nouns of a check: what publishing a version would meet, and whom it would hit."""

from datetime import date
from uuid import UUID

import msgspec

from registry.compatibility.model import Relation
from registry.reuse.answers import BodyName
from registry.reuse.model import Stage
from registry.semver import Bump
from registry.versions.comparisons.shown import Comparison
from registry.versions.model import VersionDraft, VersionNumber
from registry.web.language import Language


class CheckDraft(VersionDraft, frozen=True, kw_only=True):
    """A version as it would be published, under the number `version` or the least allowed."""

    version: VersionNumber | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """A body with what it uses; `version` is null where none is recorded."""

    reuse_id: UUID
    organisation: BodyName
    version: str | None
    stage: Stage
    since: date
    own_use: bool
    municipality: bool
    href: str


class StateHits(msgspec.Struct, frozen=True, kw_only=True):
    """The bodies of one Land; `key` is null for federal and other bodies.

    `reuses` and `municipalities` leave out own use, by builders and bodies of their Land.
    """

    key: str | None
    name: str | None
    reuses: int
    municipalities: int
    own_use: int
    items: list[Hit]


class Hits(msgspec.Struct, frozen=True, kw_only=True):
    """Bodies by Land, counted and named; `states` counts those with reuse."""

    states: int
    reuses: int
    municipalities: int
    own_use: int
    by_state: list[StateHits]


class UsedVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version in use, and how the checked one compares with it; `major` hits its users.

    Where `undecided`, it is `major` because nobody could tell, not because a break was found.
    """

    version: str
    bump: Bump
    undecided: bool
    relation: Relation
    users: str


class Unfit(msgspec.Struct, frozen=True, kw_only=True):
    """Why a set would not be taken, at one place (JSON Pointer into it); no value is repeated.

    What is missing is told at the place where it would be, that no parameters are declared at all
    for the set as a whole.
    """

    pointer: str
    rule: str
    message: dict[Language, str]


class UnfitParameters(msgspec.Struct, frozen=True, kw_only=True):
    """What a body set for its version and the checked one would not take.

    `complete` is false where there are more reasons than were listed.
    """

    reuse_id: UUID
    organisation: BodyName
    version: str
    reasons: list[Unfit]
    complete: bool
    href: str


class ParametersHit(msgspec.Struct, frozen=True, kw_only=True):
    """How many sets of parameters fit the version they run, and which of those no longer would.

    `unfit` counts among `fitting`. `withheld`: only builders of the service see all sets; of those
    the caller may not see none is counted here.
    """

    fitting: int
    unfit: int
    withheld: bool = False
    items: list[UnfitParameters]


class Referrer(msgspec.Struct, frozen=True, kw_only=True):
    """An interface of any other version that refers to a changed one, maybe through others."""

    service: str
    version: str
    interface: str
    href: str


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the change hits on a day.

    `affected` use a version whose documents, or whose readers, do not all fit any more. `undecided`
    use one of which that could not be told, in time or at all: it may hit them. `possibly` use the
    service in a version that is not recorded, which may be one of those. `parameters` is null where
    the checked version has no interface `parameters` and nothing is set for the versions in use.
    """

    as_of: date
    versions: list[UsedVersion]
    affected: Hits
    undecided: Hits
    possibly: Hits
    parameters: ParametersHit | None
    referrers: list[Referrer]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing would meet.

    `allowed`: the proposed number may be published; `refusal` is the code it would meet.
    `required` is the least release allowed (pre-releases of it are, too), null where nothing lies
    below and lower ones would be allowed as well. For a history taken over no number is `enforced`.
    `bump` and `relation` are seen from the release before, if there is one.
    """

    service: str
    version: str | None
    allowed: bool
    refusal: str | None
    enforced: bool
    required: str | None
    bump: Bump | None
    relation: Relation | None
    comparisons: list[Comparison]
    impact: Impact


def hits(found: list[Hit], names: dict[str, str]) -> Hits:
    """Bodies grouped by the Land their keys begin with; `names` by its key."""
    groups: dict[str | None, list[Hit]] = {}
    for hit in found:
        key = hit.organisation.key
        groups.setdefault(key[:2] if key[0].isdigit() else None, []).append(hit)
    by_state = [_state(key, names.get(key or ""), its) for key, its in groups.items()]
    return Hits(
        states=sum(state.key is not None and state.reuses > 0 for state in by_state),
        reuses=sum(state.reuses for state in by_state),
        municipalities=sum(state.municipalities for state in by_state),
        own_use=sum(state.own_use for state in by_state),
        by_state=by_state,
    )


def _state(key: str | None, name: str | None, items: list[Hit]) -> StateHits:
    reuses = [hit for hit in items if not hit.own_use]
    return StateHits(
        key=key,
        name=name,
        reuses=len(reuses),
        municipalities=sum(hit.municipality for hit in reuses),
        own_use=len(items) - len(reuses),
        items=items,
    )
