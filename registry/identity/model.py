"""Tokens as they are recorded."""

from datetime import datetime
from uuid import UUID

import msgspec


class TokenFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `identity.create_token`; `sha256` in hex, the token itself is never recorded."""

    id: UUID
    sha256: str
    organisation_id: UUID
    scopes: list[str]
    note: str
    expires_at: datetime


class TokenHolder(msgspec.Struct, frozen=True, kw_only=True):
    """The body a valid token acts for."""

    organisation_id: UUID
    slug: str | None
    name: str
    keys: tuple[str, ...]
    scopes: tuple[str, ...]
    seconds_left: float
