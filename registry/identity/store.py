"""SQL of identity: tokens and their holders."""

from uuid import UUID

from registry.db import Query, Tx, one
from registry.identity.model import TokenFacts, TokenHolder

_FIRST_TOKEN_LOCK = 7_316_504_112_003


async def insert_token(tx: Tx, event_id: UUID, facts: TokenFacts) -> None:
    await tx.execute(
        """
        insert into tokens (id, event_id, sha256, organisation_id, scopes, note, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        facts.id,
        event_id,
        bytes.fromhex(facts.sha256),
        facts.organisation_id,
        facts.scopes,
        facts.note,
        facts.expires_at,
    )


async def holder(db: Query, sha256: bytes) -> TokenHolder | None:
    """Whom the token with this digest acts for, unless it has expired or was revoked."""
    row = await db.fetchrow(
        """
        select t.organisation_id, o.slug, t.scopes, t.expires_at,
               (select s.name from organisation_states s
                where s.organisation_id = o.id
                order by s.valid_from desc nulls last limit 1) as name,
               array(select k.key from organisation_keys k
                     where k.organisation_id = o.id and k.valid_to is null
                       and k.level <> 'part') as keys
        from tokens t join organisations o on o.id = t.organisation_id
        where t.sha256 = $1 and t.expires_at > now()
          and not exists (select 1 from token_revocations r where r.token_id = t.id)
        """,
        sha256,
    )
    return one(TokenHolder, row)


async def hold_first_token(tx: Tx) -> bool:
    """Whether a token was ever issued; a second process asking at the same time waits."""
    await tx.execute("select pg_advisory_xact_lock($1)", _FIRST_TOKEN_LOCK)
    return await tx.fetchval("select exists (select 1 from tokens)")
