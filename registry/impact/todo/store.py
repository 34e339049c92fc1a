"""SQL of what there is to do: who reuses what today, the lives of versions, what was set."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from registry.db import Query, Row, many
from registry.impact.todo.model import FailingDeliveries, Life, Used
from registry.reuse.answers import BodyName
from registry.reuse.model import OPEN_STAGES


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """Whose reuses are asked for: of one body, or of all in a territory."""

    organisation_id: UUID | None
    within: str | None
    demo: bool


async def used(db: Query, whose: Whose, after: Sequence[str] | None, limit: int) -> list[Used]:
    """Reuses as they stand today, by key of the body and service, behind `after`."""
    rows = await db.fetch(
        """
        select p.organisation_key, o.key, o.name, p.reuse_id, p.service, p.version, p.stage,
               p.own_use, p.evidence, p.agreement, r.document ->> 'agreement_basis' as basis
        from reuse_periods p
        cross join lateral organisation_on(p.organisation_id, legal_today(), null) o
        left join document_revisions r
            on r.kind = 'services' and r.slug = p.service
               and r.revision = revision_standing('services', p.service, legal_today())
        where holds_on(legal_today(), p.valid_from, p.valid_to) and p.stage = any ($3)
          and ($1::uuid is null or p.organisation_id = $1)
          and ($2::text is null or starts_with(p.organisation_key, $2))
          and ($4::boolean or not p.demo)
          and ($5::text is null or array[p.organisation_key, p.service] collate "C"
                                   > array[$5, $6] collate "C")
        order by array[p.organisation_key, p.service] collate "C" limit $7
        """,
        whose.organisation_id,
        whose.within,
        OPEN_STAGES,
        whose.demo,
        *(after or (None, None)),
        limit,
    )
    return [_used(row) for row in rows]


def _used(row: Row) -> Used:
    values = dict(row.items())
    place = (values.pop("organisation_key"), values["service"])
    body = BodyName(key=values.pop("key"), name=values.pop("name"))
    return msgspec.convert(values | {"place": place, "organisation": body}, Used)


async def count(db: Query, whose: Whose) -> int:
    """How many reuses stand today."""
    return await db.fetchval(
        """
        select count(*) from reuse_periods p
        where holds_on(legal_today(), p.valid_from, p.valid_to) and p.stage = any ($3)
          and ($1::uuid is null or p.organisation_id = $1)
          and ($2::text is null or starts_with(p.organisation_key, $2))
          and ($4::boolean or not p.demo)
        """,
        whose.organisation_id,
        whose.within,
        OPEN_STAGES,
        whose.demo,
    )


async def lives(db: Query, services: Sequence[str]) -> dict[str, list[Life]]:
    """By service, its versions and how long they live."""
    rows = await db.fetch(
        """
        select v.service, v.version, v.state,
               version_is_offered(v.state, v.prerelease) as offered,
               (v.deprecation ->> 'sunset')::date as sunset,
               v.deprecation ->> 'successor' as successor
        from unnest($1::text[]) s (slug) cross join lateral versions_as_of(s.slug, null, null) v
        """,
        list(services),
    )
    found: dict[str, list[Life]] = {service: [] for service in services}
    for row in rows:
        values = dict(row.items())
        found[values.pop("service")].append(msgspec.convert(values, Life))
    return found


async def documents(db: Query, reuses: Sequence[UUID]) -> dict[UUID, str | None]:
    """What was set last (None: nothing) for those whose parameters the reader may see."""
    rows = await db.fetch(
        """
        select r.id, (select d.document from reuse_parameters d
                      where d.reuse_id = r.id order by d.ordinal desc limit 1)
        from unnest($1::uuid[]) r (id) where efa_sees_parameters(r.id)
        """,
        list(reuses),
    )
    return {row[0]: row[1] for row in rows}


async def failing(db: Query, organisation_id: UUID) -> list[FailingDeliveries]:
    """The subscriptions of a body whose messages do not arrive."""
    rows = await db.fetch(
        """
        select s.id as subscription, s.url,
               count(*) filter (where d.state in ('pending', 'late')) as waiting,
               count(*) filter (where d.state = 'dead') as dead,
               '/v1/subscriptions/' || s.id || '/deliveries' as href
        from subscriptions s
        join deliveries d on d.subscription_id = s.id
        where s.organisation_id = $1
          and (d.state in ('late', 'dead') or (d.state = 'pending' and d.attempts > 0))
        group by s.id order by s.recorded_at, s.id
        """,
        organisation_id,
    )
    return many(FailingDeliveries, rows)
