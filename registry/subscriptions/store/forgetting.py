"""SQL of forgetting what was sent, and to whom."""

from registry.db import Tx
from registry.subscriptions.model import NOTICES

_PART = 5_000


async def forget_deliveries(tx: Tx, days: int) -> bool:
    """Forget some of what is settled, or was for who ended it; whether there may be more.

    What told of the end of a version is kept.
    """
    forgotten = await tx.fetchval(
        """
        with old as (
            select d.id from deliveries d
            left join events e on e.id = d.event_id
            where d.created_at < now() - make_interval(days => $1)
              and (d.state not in ('pending', 'late')
                   or exists (select from subscription_states t
                              where t.subscription_id = d.subscription_id and t.ended))
              and (e.action is null or e.action <> all ($2))
            order by d.created_at limit $3
        ),
        tries as (delete from delivery_attempts a using old where a.delivery_id = old.id),
        gone as (delete from deliveries d using old where d.id = old.id returning 1)
        select count(*) from gone
        """,
        days,
        list(NOTICES),
        _PART,
    )
    return forgotten == _PART


async def forget_addresses(tx: Tx, days: int) -> None:
    """Forget addresses without a subscription, and of which ends they were reminded."""
    await tx.execute(
        """
        delete from mail_states m
        where m.leased_until < now() and not exists (
            select from subscriptions s join subscription_states t on t.subscription_id = s.id
            where s.organisation_id = m.organisation_id and s.mail = m.mail and not t.ended)
        """
    )
    await tx.execute(
        """
        delete from mail_reminders r
        where r.sunset < legal_today() - $1::int or not exists (
            select from mail_states m
            where m.organisation_id = r.organisation_id and m.mail = r.mail)
        """,
        days,
    )
