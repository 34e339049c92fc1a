"""The two dates of a question: the legal day asked for, and what the log held by then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

import msgspec

from registry.audit import position_store, store
from registry.audit.model import LogPosition, UnknownLogPosition, read_known_at
from registry.audit.proofs import root_at
from registry.db import LEGAL_TIME, Query
from registry.web.paging import Page
from registry.web.params import AsOf, KnownAt

T = TypeVar("T")


async def position_known_at(db: Query, known_at: str | None) -> LogPosition | None:
    """What `known_at` names: a log size, or the last checkpoint sealed not after an instant."""
    if known_at is None:
        return None
    asked = read_known_at(known_at)
    if isinstance(asked, int):
        found = await position_store.log_position_of_size(db, asked)
    else:
        found = await position_store.log_position(db, asked)
    if found is None:
        raise UnknownLogPosition
    return await with_root(db, found)


async def with_root(db: Query, position: LogPosition) -> LogPosition:
    """The position with its root, worked out where nobody signed just this size."""
    if position.root is not None:
        return position
    root = await root_at(db, position.size)
    return msgspec.structs.replace(position, root=root.hex() if root else None)


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A day in valid time, and a position of the log in record time (None: all of it)."""

    day: date
    known: LogPosition | None

    @property
    def size(self) -> int | None:
        """How many events are known; None: all."""
        return self.known.size if self.known else None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The dates of a question as query parameters."""

    as_of: AsOf = None
    known_at: KnownAt = None

    async def moment(self, db: Query) -> Moment:
        """What they name."""
        return await moment(db, self.as_of, self.known_at)


async def moment(db: Query, as_of: date | None, known_at: str | None) -> Moment:
    """The day and the position asked for.

    Without a day it is today; with `known_at` it is the legal day of that instant, or the one on
    which the log was sealed at that size, so that the answer stays the same for ever.
    """
    known = await position_known_at(db, known_at)
    if as_of is not None:
        day = as_of
    elif known_at is None or known is None:
        day = await store.today(db)
    else:
        asked = read_known_at(known_at)
        instant = known.sealed_at if isinstance(asked, int) else asked
        day = instant.astimezone(LEGAL_TIME).date()
    return Moment(day=day, known=known)


class DatedPage(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list as of a day; `known_at` is the position of the log, if asked."""

    items: Sequence[T]
    total: int | None
    next: str | None
    as_of: date
    known_at: LogPosition | None


def dated(shown: Page[Any], items: Sequence[T], at: Moment) -> DatedPage[T]:
    """The page with its items as they are shown, and the moment it is for."""
    return DatedPage(
        items=items, total=shown.total, next=shown.next, as_of=at.day, known_at=at.known
    )
