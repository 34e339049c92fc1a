"""Nouns of the security log: refused attempts of callers that are known, and ended sessions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from registry.organisations.model import BodyName


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """Something a known caller was refused, or that ended sessions.

    `address` is where the last of them came from.
    """

    organisation: str
    token: str | None
    code: str
    method: str
    route: str
    address: str | None


class SecurityEntry(msgspec.Struct, frozen=True, kw_only=True):
    """The attempts of one minute that were refused alike: the same token, the same code.

    `method`, `route` and `address` are those of the last. Codes are those of problems, and
    `token-expired`, `token-revoked`, `token-undelegated`, `token-from-elsewhere`; and one that was
    not refused: `sessions-ended`, all of a person were.
    """

    minute: datetime
    organisation: BodyName
    token: UUID | None
    code: str
    count: int
    method: str
    route: str
    address: str | None


class SecurityPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of the security log, the newest first."""

    items: Sequence[SecurityEntry]
    total: int | None
    next: str | None
