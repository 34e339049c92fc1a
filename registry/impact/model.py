"""What is said about the end of a version, and who uses it."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.audit import LogPosition
from registry.authority import Actor
from registry.catalogue.parts import Text
from registry.catalogue.rules import EARLIEST
from registry.errors import Conflict, Fault, Unprocessable
from registry.reuse.answers import BodyName
from registry.reuse.model import Stage
from registry.semver import is_version
from registry.versions.model import (
    Deprecation,
    Reason,
    Revocation,
    SunsetEarlier,
    VersionNumber,
)


class InvalidDeprecation(Unprocessable):
    """The days contradict each other, or the successor is none."""

    code = "invalid-deprecation"


class VersionInUse(Conflict):
    """Bodies run the version; whoever revokes it all the same says how many."""

    code = "version-in-use"


class DeprecationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version should not be taken up any more, and runs until `sunset` where that is known.

    `since` is today when left out, or what was said before.
    """

    since: date | None = None
    sunset: date | None = None
    successor: VersionNumber | None = None
    note: Text = ""


class RevocationDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Nobody may use the version from today on; its schemas stay readable.

    While bodies run it, `despite_users` says how many: nobody revokes it from under them unaware.
    """

    reason: Reason
    despite_users: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class DeprecateFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `impact.deprecate`."""

    service: str
    version: str
    deprecation: Deprecation


class RevokeFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `impact.revoke`."""

    service: str
    version: str
    revocation: Revocation


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A body that uses the version, or prepares to."""

    reuse_id: UUID
    organisation: BodyName
    stage: Stage
    since: date
    own_use: bool
    href: str


class StateUsers(msgspec.Struct, frozen=True, kw_only=True):
    """How many bodies of one Land use the version; `key` is null for federal and other bodies."""

    key: str | None
    users: int


class UserCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many use the version.

    `own_use` are builders and bodies of their Land; `without_version` use the service in a version
    that is not recorded, and may be affected as well.
    """

    users: int
    own_use: int
    without_version: int
    by_state: list[StateUsers]


class VersionUsers(msgspec.Struct, frozen=True, kw_only=True):
    """Who uses a version on a day, one page of them named, all of them counted.

    `known_at` is the position of the log the answer rests on, if asked.
    """

    service: str
    version: str
    as_of: date
    known_at: LogPosition | None
    counts: UserCounts
    items: list[User]
    total: int
    next: str | None


def deprecation_from(
    draft: DeprecationDraft, present: Deprecation | None, actor: Actor, today: date
) -> Deprecation:
    """What holds after a draft; refuses days that contradict each other."""
    since = draft.since or (present.since if present else today)
    known = (present.since, present.sunset) if present else (None, None)
    earliest = EARLIEST if actor.is_admin else today
    faults: list[Fault] = []
    if since < earliest and since != known[0]:
        faults.append(Fault("/since", "dated-back", {"earliest": earliest.isoformat()}))
    if draft.sunset and draft.sunset < since:
        faults.append(Fault("/sunset", "sunset-before-since", {"since": since.isoformat()}))
    elif draft.sunset and draft.sunset < earliest and draft.sunset != known[1]:
        faults.append(Fault("/sunset", "sunset-past", {"today": today.isoformat()}))
    if faults:
        raise InvalidDeprecation(*faults)
    return Deprecation(since=since, sunset=draft.sunset, successor=draft.successor, note=draft.note)


def require_sunset_kept(version: str, given: date | None, announced: date | None) -> None:
    """Refuse a sunset before one that was announced once: people rely on it."""
    if given and announced and given < announced:
        raise SunsetEarlier(
            version=version, given=given.isoformat(), announced=announced.isoformat()
        )


def require_successor(version: str, successor: str | None, offered: list[str]) -> None:
    """Refuse a successor that is the version itself, or is none that can be used."""
    if successor is None:
        return
    if successor == version or not is_version(successor) or successor not in offered:
        raise InvalidDeprecation(Fault("/successor", "unknown-version", {"value": successor}))
