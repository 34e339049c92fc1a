"""SQL of sessions."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from registry.db import Query, Tx, one
from registry.identity.sign_in_model import NewSession, Session, SessionHolder
from registry.organisations.model import BodyName


async def holder(db: Query, sha256: bytes, idle: timedelta) -> SessionHolder | None:
    """Whom the session with this digest acts for, going on or not any more."""
    row = await db.fetchrow(
        """
        select h.id, h.organisation_id, h.slug, h.name, h.keys, h.scopes, h.audit_within,
               h.audit_services, h.person, h.provider, h.state, h.expires_at, h.stale, h.mandates
        from session_holder($1, $2) h
        """,
        sha256,
        idle,
    )
    return one(SessionHolder, row)


async def insert(tx: Tx, session_id: UUID, sha256: bytes, new: NewSession, life: timedelta) -> None:
    await tx.execute(
        """
        insert into sessions (id, sha256, organisation_id, person, provider, revision, scopes,
                              audit_within, audit_services, started_at, used_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
        """,
        session_id,
        sha256,
        new.organisation_id,
        new.person,
        new.provider,
        new.revision,
        new.scopes,
        new.reach and new.reach.within,
        new.reach and new.reach.services,
        tx.now,
        tx.now + life,
    )


async def end(tx: Tx, sha256: bytes) -> None:
    """End the session with this digest; again changes nothing."""
    await tx.execute(
        "update sessions set ended_at = now() where sha256 = $1 and ended_at is null", sha256
    )


async def end_all(tx: Tx, organisation_id: UUID, person: str) -> int:
    """End all sessions of a person; returns how many went on."""
    return await tx.fetchval(
        """
        with ended as (
            update sessions set ended_at = now()
            where organisation_id = $1 and person = $2 and ended_at is null and expires_at > now()
            returning id)
        select count(*) from ended
        """,
        organisation_id,
        person,
    )


async def forget_all(tx: Tx) -> None:
    """End all sessions of everybody."""
    await tx.execute("delete from sessions")


async def record_uses(tx: Tx, sessions: Sequence[UUID]) -> None:
    """Keep that these sessions were used just now."""
    await tx.execute("update sessions set used_at = now() where id = any($1)", sessions)


async def forget(tx: Tx) -> None:
    """Forget what has been over for a day."""
    await tx.execute("delete from sessions where expires_at < now() - interval '1 day'")


async def sessions(db: Query, person: str | None, idle: timedelta) -> list[Session]:
    """Those that go on and this reader may see, of one person or of all, the newest first."""
    rows = await db.fetch(
        """
        select s.id, o.key, o.name, s.person, s.provider, s.scopes, s.started_at,
               date_trunc('minute', s.used_at) as used_at, s.expires_at
        from sessions s
        join current_sign_in_providers p
            on p.slug = s.provider and p.revision = s.revision and not p.ended
        cross join lateral organisation_on(s.organisation_id, legal_today(), null) o
        where ($1::text is null or s.person = $1)
          and s.ended_at is null and s.expires_at > now() and s.used_at + $2 > now()
        order by s.started_at desc, s.id
        limit 1000
        """,
        person,
        idle,
    )
    return [_session(dict(row.items())) for row in rows]


def _session(values: dict[str, object]) -> Session:
    body = BodyName(key=str(values.pop("key")), name=str(values.pop("name")))
    return msgspec.convert(values | {"organisation": body}, Session)


class Going(msgspec.Struct, frozen=True, kw_only=True):
    """What the sessions of a person may do together, of one body."""

    organisation_id: UUID
    scopes: tuple[str, ...]


async def of_person(db: Query, person: str) -> Going | None:
    """What a person's sessions may do, where this reader may see them."""
    row = await db.fetchrow(
        """
        select s.organisation_id, array_agg(distinct c.scope) as scopes
        from sessions s
        cross join unnest(s.scopes) c (scope)
        where s.person = $1
        group by s.organisation_id
        order by max(s.started_at) desc
        limit 1
        """,
        person,
    )
    return one(Going, row)
