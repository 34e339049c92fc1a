"""SQL of identity: tokens and their holders."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.authority import Reach, reach_from
from registry.db import Query, Row, Tx, many, one
from registry.identity.model import RevocationFacts, Token, TokenFacts, TokenHolder
from registry.organisations.model import BodyName

_FIRST_TOKEN_LOCK = 7_316_504_112_003

After = Sequence[Any] | None


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A body by the key or slug it is called by, and the regional keys it holds or last held."""

    id: UUID
    key: str
    keys: tuple[str, ...]


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is recorded, for whoever changes it."""

    id: UUID
    organisation_id: UUID
    key: str
    kind: str
    scopes: tuple[str, ...]
    note: str
    cidrs: tuple[str, ...]
    issued_by: UUID | None
    audit_within: tuple[str, ...] | None
    audit_services: tuple[str, ...] | None
    valid: bool
    revoked: bool

    @property
    def reach(self) -> Reach | None:
        """What an auditor is bound to; None where nothing was named."""
        return reach_from(self.audit_within, self.audit_services)


async def insert_token(tx: Tx, event_id: UUID, facts: TokenFacts) -> None:
    await tx.execute(
        """
        insert into tokens (id, event_id, sha256, organisation_id, scopes, note, expires_at, kind,
                            issued_at, issued_by, issued_with, follows, cidrs, audit_within,
                            audit_services)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        """,
        facts.id,
        event_id,
        bytes.fromhex(facts.sha256),
        facts.organisation_id,
        facts.scopes,
        facts.note,
        facts.expires_at,
        facts.kind,
        tx.now,
        facts.issued_by,
        facts.issued_with,
        facts.follows,
        facts.cidrs,
        list(facts.reach.within) if facts.reach else None,
        list(facts.reach.services) if facts.reach else None,
    )


async def insert_revocation(tx: Tx, event_id: UUID, facts: RevocationFacts) -> None:
    await tx.execute(
        """
        insert into token_revocations (token_id, event_id, revoked_at, reason)
        values ($1, $2, $3, $4)
        """,
        facts.token_id,
        event_id,
        tx.now,
        facts.reason,
    )


async def holders(db: Query, sha256s: Sequence[str]) -> dict[str, TokenHolder]:
    """By digest (hex), whom each token acts for today, and whether it still does."""
    rows = await db.fetch(
        """
        select h.sha256, h.id, h.organisation_id, h.slug, h.name, h.keys, h.kind, h.scopes,
               h.cidrs, h.audit_within, h.audit_services, h.state, h.expires_at, h.seconds_left,
               h.last_used_on, h.lent_by, h.mandates
        from token_holders($1) h
        """,
        [bytes.fromhex(sha256) for sha256 in sha256s],
    )
    return {row["sha256"]: msgspec.convert(dict(row.items()), TokenHolder) for row in rows}


async def hold_first_token(tx: Tx) -> bool:
    """Whether any token counts or did; a second process asking at the same time waits."""
    await tx.execute("select pg_advisory_xact_lock($1)", _FIRST_TOKEN_LOCK)
    return await tx.fetchval(
        """
        select exists (
            select 1 from tokens t, tokens_count_from c where t.issued_at >= c.instant)
        """
    )


async def forget_uses(tx: Tx, days: int) -> None:
    """Forget when tokens were last used that ended some days ago."""
    await tx.execute(
        """
        delete from token_uses u using tokens t
        where t.id = u.token_id and t.expires_at < now() - make_interval(days => $1)
        """,
        days,
    )


async def end_tokens_issued(tx: Tx) -> None:
    """No token counts any more that was issued so far; for the owner."""
    await tx.execute(
        """
        update tokens_count_from
        set instant = greatest(now(), (select max(issued_at) + interval '1 us' from tokens))
        """
    )


async def hold_token(tx: Tx, token_id: UUID) -> None:
    """Make changes of one token wait for each other."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('token ' || $1::text, 0))", str(token_id)
    )


async def recorded(db: Query, token_id: UUID) -> Recorded | None:
    """A token that this reader may see."""
    row = await db.fetchrow(
        """
        select t.id, t.organisation_id, o.key, t.kind, t.scopes, t.note, t.cidrs, t.issued_by,
               t.audit_within, t.audit_services, r.token_id is not null as revoked,
               not token_is_ended(t.id, t.issued_at) and t.expires_at > now() as valid
        from tokens t
        cross join lateral organisation_on(t.organisation_id, legal_today(), null) o
        left join token_revocations r on r.token_id = t.id
        where t.id = $1
        """,
        token_id,
    )
    return one(Recorded, row)


async def line_is_double(db: Query, token_id: UUID) -> bool:
    """Whether the token before or behind this one is valid as well."""
    return await db.fetchval(
        """
        select exists (
            select 1 from tokens own
            join tokens other on other.follows = own.id or other.id = own.follows
            where own.id = $1 and other.expires_at > now()
              and not token_is_ended(other.id, other.issued_at))
        """,
        token_id,
    )


async def ranges_of(db: Query, token_id: str | None) -> list[str]:
    """The addresses a token is taken from; none: from all."""
    found = await db.fetchval("select cidrs from tokens where id = $1::uuid", token_id)
    return found or []


async def reported(db: Query, sha256: bytes) -> list[UUID]:
    """The valid tokens a report is about: the one with this digest, and those asked for with it."""
    rows = await db.fetch("select t.id from tokens_reported($1) t (id)", sha256)
    return [row[0] for row in rows]


async def body(db: Query, organisation_id: UUID) -> Body:
    """A body by its id, as it is called today."""
    rows = await db.fetch(
        "select o.id, o.key, o.keys from organisation_on($1, legal_today()) o", organisation_id
    )
    return many(Body, rows)[0]


async def tokens(
    db: Query, organisation_id: UUID, after: After, limit: int, *, ended: bool
) -> list[Token]:
    """The tokens of a body that this reader may see, the newest first; one page behind `after`."""
    rows = await db.fetch(
        """
        select t.id, t.key, t.name, t.kind, t.scopes, t.note, t.cidrs, t.audit_within,
               t.audit_services, t.issued_at, t.issuer_key, t.issuer_name, t.expires_at,
               t.revoked_at, t.last_used_on, t.follows
        from token_cards t
        where t.organisation_id = $1
          and ($2 or (t.expires_at > now() and t.revoked_at is null))
          and ($3::timestamptz is null or (t.issued_at, t.id) < ($3, $4::uuid))
        order by t.issued_at desc, t.id desc
        limit $5
        """,
        organisation_id,
        ended,
        *_behind(after),
        limit,
    )
    return [_token(row) for row in rows]


def _behind(after: After) -> tuple[datetime | None, str | None]:
    return (datetime.fromisoformat(after[0]), after[1]) if after else (None, None)


async def token(db: Query, token_id: UUID) -> Token | None:
    """One token that this reader may see."""
    row = await db.fetchrow(
        """
        select t.id, t.key, t.name, t.kind, t.scopes, t.note, t.cidrs, t.audit_within,
               t.audit_services, t.issued_at, t.issuer_key, t.issuer_name, t.expires_at,
               t.revoked_at, t.last_used_on, t.follows
        from token_cards t
        where t.id = $1
        """,
        token_id,
    )
    return None if row is None else _token(row)


def _token(row: Row) -> Token:
    values = dict(row.items())
    reach = reach_from(values.pop("audit_within"), values.pop("audit_services"))
    issuer = (values.pop("issuer_key"), values.pop("issuer_name"))
    shown = {
        "organisation": BodyName(key=values.pop("key"), name=values.pop("name")),
        "reach": reach,
        "issued_by": BodyName(key=issuer[0], name=issuer[1]) if issuer[0] else None,
    }
    return msgspec.convert(values | shown, Token)


async def record_uses(tx: Tx, token_ids: Sequence[UUID], day: date) -> None:
    """Keep that these tokens were used on a legal day; one write for all of them."""
    await tx.execute(
        """
        insert into token_uses (token_id, last_used_on)
        select t.id, $2 from tokens t where t.id = any($1) order by t.id
        on conflict (token_id) do update set last_used_on = excluded.last_used_on
        where token_uses.last_used_on < excluded.last_used_on
        """,
        token_ids,
        day,
    )
