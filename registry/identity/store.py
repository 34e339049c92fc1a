"""SQL of identity: tokens and their holders."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from registry.db import Query, Tx
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


async def holders(db: Query, sha256s: Sequence[str]) -> dict[str, TokenHolder]:
    """By digest (hex), whom each token acts for today, unless it has expired or was revoked."""
    rows = await db.fetch(
        """
        select encode(t.sha256, 'hex') as sha256, t.organisation_id, o.slug, t.scopes,
               extract(epoch from t.expires_at - now())::float8 as seconds_left,
               coalesce((select s.name from organisation_states_known(null) s
                         where s.organisation_id = o.id
                         order by not holds_on(legal_today(), s.valid_from, s.valid_to),
                                  s.valid_from desc nulls last limit 1), '') as name,
               array(select k.key from organisation_keys_known(null) k
                     where k.organisation_id = o.id and k.level <> 'part'
                       and holds_on(legal_today(), k.valid_from, k.valid_to)) as keys
        from tokens t join organisations o on o.id = t.organisation_id
        where t.sha256 = any ($1) and t.expires_at > now()
          and not exists (select 1 from token_revocations r where r.token_id = t.id)
        """,
        [bytes.fromhex(sha256) for sha256 in sha256s],
    )
    return {row["sha256"]: msgspec.convert(dict(row.items()), TokenHolder) for row in rows}


async def hold_first_token(tx: Tx) -> bool:
    """Whether a token was ever issued; a second process asking at the same time waits."""
    await tx.execute("select pg_advisory_xact_lock($1)", _FIRST_TOKEN_LOCK)
    return await tx.fetchval("select exists (select 1 from tokens)")
