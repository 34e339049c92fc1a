"""SQL of usage: what a file changes, and the figures that stand."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from registry.db import Query, Row, Tx, many
from registry.reuse.answers import BodyName
from registry.usage.model import Figure

After = Sequence[Any] | None


class Listed(msgspec.Struct, frozen=True):
    """A figure in a list, and its place there."""

    key: tuple[str, str, str, str, str, str]
    figure: Figure


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: months from `first` to `last`, as known in `size` events (None: all).

    `within` is a regional key, compared with those bodies were recorded under.
    """

    first: date
    last: date
    size: int | None = None
    service: str | None = None
    within: str | None = None
    organisation_id: UUID | None = None
    demo: bool = False

    @property
    def arguments(self) -> tuple[object, ...]:
        return (
            self.first,
            self.last,
            self.size,
            self.service,
            self.within,
            self.organisation_id,
            self.demo,
        )


async def hold(tx: Tx, services: Iterable[str]) -> None:
    """Let recordings of usage of one service wait for each other."""
    await tx.execute(
        """
        select pg_advisory_xact_lock(hashtextextended('usage of ' || service, 0))
        from (select service from unnest($1::text[]) service order by service) s
        """,
        sorted(services),
    )


async def take_time(tx: Tx) -> None:
    """Let the statements of this transaction run for a minute, since a file may be long."""
    await tx.execute("select set_config('statement_timeout', '60000', true)")


async def reuses(tx: Tx, wanted: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """The reuses of bodies and services of which something is public."""
    pairs = list(wanted)
    rows = await tx.fetch(
        """
        select r.organisation_id, r.service, r.id from usage_reuses($1, $2) r
        """,
        [service for _, service in pairs],
        [body for body, _ in pairs],
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def keys_of(tx: Tx, bodies: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The regional keys bodies hold or last held."""
    rows = await tx.fetch(
        """
        select b.id, o.keys
        from unnest($1::uuid[]) b (id)
        cross join lateral organisation_on(b.id, legal_today()) o
        """,
        list(bodies),
    )
    return {row[0]: tuple(row[1]) for row in rows}


class Built(msgspec.Struct, frozen=True):
    """That a body, by its id and the keys it holds or last held, builds a service in a period."""

    service: str
    valid_from: date | None
    valid_to: date | None
    organisation: UUID
    keys: tuple[str, ...]


async def builders(tx: Tx, services: Iterable[str]) -> list[Built]:
    """Who builds these services, and when."""
    rows = await tx.fetch(
        """
        select b.service, b.valid_from, b.valid_to, o.id as organisation, o.keys
        from reuse_builders(null) b
        cross join lateral unnest(b.builders) builder (id)
        cross join lateral organisation_on(builder.id, legal_today()) o
        where b.service = any($1)
        """,
        list(services),
    )
    return many(Built, rows)


async def versions(tx: Tx, wanted: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of the versions that are published."""
    pairs = list(wanted)
    rows = await tx.fetch(
        """
        select v.service, v.version
        from unnest($1::text[], $2::text[]) w (service, version)
        join versions v on v.service = w.service and v.version = w.version
        """,
        [service for service, _ in pairs],
        [version for _, version in pairs],
    )
    return frozenset((row[0], row[1]) for row in rows)


async def compare(tx: Tx, contents: Sequence[bytes]) -> list[tuple[bool, list[int]]]:
    """Whether each content says anything new, and which of its lines (from 1) clash.

    A month and channel is told by versions or as a whole, never both: it would count twice.
    """
    rows = await tx.fetch(
        """
        with told as materialized (
            select c.content, t.*
            from unnest($1::bytea[]) with ordinality c (text, content)
            cross join lateral usage_rows(c.text) t
        ),
        before as materialized (
            select b.*, b.started is not null or b.completed is not null as counted
            from usage_before((select array_agg(distinct reuse_id) from told),
                              (select min(month) from told), (select max(month) from told)) b
        ),
        forms as (
            select reuse_id, month, channel,
                   bool_or(counted and version = '') as whole,
                   bool_or(counted and version <> '') as parts
            from before group by reuse_id, month, channel
        )
        select bool_or(t.started is distinct from b.started
                       or t.completed is distinct from b.completed),
               array_agg(t.place order by t.place) filter (
                   where (t.started is not null or t.completed is not null)
                     and case when t.version = '' then f.parts else f.whole end)
        from told t
        left join before b on b.reuse_id = t.reuse_id and b.month = t.month
                          and b.channel = t.channel and b.version = t.version
        left join forms f on f.reuse_id = t.reuse_id and f.month = t.month
                         and f.channel = t.channel
        group by t.content order by t.content
        """,
        contents,
    )
    return [(row[0], row[1] or []) for row in rows]


async def add(tx: Tx, told: Sequence[tuple[UUID, bytes]]) -> None:
    """Write the figures of events that differ from those that stand, and the sums.

    `told` are the events, each with the SHA-256 of its kept content.
    """
    changed = await tx.fetch(
        """
        with sent as materialized (
            select e.event_id, t.*
            from unnest($1::uuid[], $2::bytea[]) e (event_id, content)
            join blobs b on b.sha256 = e.content
            cross join lateral usage_rows(b.content) t
        ),
        told as materialized (
            select t.event_id, t.reuse_id, t.month, t.channel, t.version, t.started, t.completed,
                   coalesce(p.revision, 0) as revision,
                   p.started as started_before, p.completed as completed_before
            from sent t
            left join usage_before((select array_agg(distinct reuse_id) from sent),
                                   (select min(month) from sent), (select max(month) from sent)) p
                on p.reuse_id = t.reuse_id and p.month = t.month and p.channel = t.channel
                   and p.version = t.version
            where p.started is distinct from t.started
               or p.completed is distinct from t.completed
        ),
        added as (
            insert into usage_figures (reuse_id, month, channel, version, revision, started,
                                       completed, event_id)
            select reuse_id, month, channel, version, revision + 1, started, completed, event_id
            from told
        )
        insert into usage_changes (service, state, month, event_id, figures, started, started_told,
                                   completed, completed_told)
        select r.service, r.state, t.month, t.event_id,
               sum((t.started is not null or t.completed is not null)::int
                   - (t.started_before is not null or t.completed_before is not null)::int),
               sum(coalesce(t.started, 0) - coalesce(t.started_before, 0)),
               sum((t.started is not null)::int - (t.started_before is not null)::int),
               sum(coalesce(t.completed, 0) - coalesce(t.completed_before, 0)),
               sum((t.completed is not null)::int - (t.completed_before is not null)::int)
        from told t
        join usage_places(array(select distinct t.reuse_id from told t)) r on r.id = t.reuse_id
        group by r.service, r.state, t.month, t.event_id
        returning service, state, month, figures, started, started_told, completed, completed_told
        """,
        *zip(*told, strict=True),
    )
    await _sum_up(tx, changed)


async def _sum_up(tx: Tx, changed: Iterable[Row]) -> None:
    """Add the changes of services, Länder and months to their sums, in one order for all."""
    await tx.insert(
        """
        insert into usage_months as m (service, state, month, figures, started, started_told,
                                       completed, completed_told)
        select c.* from unnest($1::text[], $2::text[], $3::date[], $4::int[], $5::bigint[],
                               $6::int[], $7::bigint[], $8::int[]) c (service, state, month)
        order by c.service, c.state, c.month
        on conflict (service, state, month) do update
        set figures = m.figures + excluded.figures,
            started = m.started + excluded.started,
            started_told = m.started_told + excluded.started_told,
            completed = m.completed + excluded.completed,
            completed_told = m.completed_told + excluded.completed_told
        """,
        map(tuple, changed),
    )


async def rebuild_projections(tx: Tx) -> None:
    """Make all sums anew from the figures; recordings wait meanwhile, readers do not."""
    await tx.execute("lock table usage_months in share row exclusive mode")
    await tx.execute("delete from usage_months")
    await tx.execute("delete from usage_changes")
    await tx.execute("insert into usage_changes select * from usage_changes_made()")
    await tx.execute(
        """
        insert into usage_months (service, state, month, figures, started, started_told, completed,
                                  completed_told)
        select s.service, s.state, s.month, s.figures, s.started, s.started_told, s.completed,
               s.completed_told
        from usage_sums(null, '-infinity', 'infinity', null) s
        """
    )


async def figures(db: Query, wanted: Filters, day: date, after: After, limit: int) -> list[Listed]:
    """The figures that stand, by body, service and month; one page behind `after`.

    Bodies are called by their names of `day`. A page has no more reuses than figures. A reuse is
    looked into only where the sums say that its Land told something of the service in these months.
    """
    known = await _services_known(db, wanted)
    if known == []:
        return []
    rows = await db.fetch(
        """
        select f.reuse_id, f.organisation_key, o.key, o.name, f.service, f.month, f.channel,
               f.version, f.started, f.completed, f.revision, f.event_id, e.recorded_at
        from (
            select r.organisation_key, r.organisation_id, r.service, f.*
            from (
                select r.organisation_key, r.organisation_id, r.service, r.id
                from reuses r
                where ($4::text is null or r.service = $4)
                  and ($5::text is null
                       or (r.organisation_key >= $5 and r.organisation_key < $5 || ':'))
                  and ($6::uuid is null or r.organisation_id = $6)
                  and ($7::boolean or not r.demo)
                  and ($16::text[] is null or r.service = any ($16))
                  and exists (
                      select 1 from usage_months m
                      where m.service = r.service and m.state = usage_state(r.organisation_key)
                        and m.month >= $1 and m.month <= $2)
                  and ($3::bigint is null or octet_length($5) > 2 or $6 is not null
                       or (r.service, usage_state(r.organisation_key)) in (
                           select s.service, s.state from usage_sums($4, $1, $2, $3) s
                           where s.figures > 0))
                  and ($9::text is null or (r.organisation_key, r.service, r.id) >= ($9, $10, $11))
                  and exists (select 1 from usage_standing(r.id, $1, $2, $3))
                order by r.organisation_key, r.service, r.id
                limit $15 + 1
            ) r
            cross join lateral usage_standing(r.id, $1, $2, $3) f
            where $9::text is null
               or (r.organisation_key, r.service, r.id, f.month, f.channel, f.version)
                  > ($9, $10, $11, $12::date, $13, $14)
            order by r.organisation_key, r.service, r.id, f.month, f.channel, f.version
            limit $15
        ) f
        join events e on e.id = f.event_id
        cross join lateral organisation_on(f.organisation_id, $8, $3) o
        order by f.organisation_key, f.service, f.reuse_id, f.month, f.channel, f.version
        """,
        *wanted.arguments,
        day,
        *(_place(after) if after else (None,) * 6),
        limit,
        known,
    )
    return [_listed(row) for row in rows]


async def _services_known(db: Query, wanted: Filters) -> list[str] | None:
    """Of which services any figure was known in the past; None where that leaves out too little."""
    if wanted.size is None or wanted.service is not None or wanted.organisation_id is not None:
        return None
    return await db.fetchval(
        """
        select coalesce(array_agg(distinct s.service), '{}') from usage_sums(null, $1, $2, $3) s
        where s.figures > 0 and ($4::text is null or s.state = left($4, 2))
        """,
        wanted.first,
        wanted.last,
        wanted.size,
        wanted.within,
    )


def _place(after: Sequence[Any]) -> tuple[object, ...]:
    key, service, reuse, month, channel, version = after
    return (key, service, reuse, date.fromisoformat(f"{month}-01"), channel, version)


def _listed(row: Row) -> Listed:
    values = dict(row.items())
    organisation_key = values.pop("organisation_key")
    body = BodyName(key=values.pop("key"), name=values.pop("name"))
    month, version = values["month"].isoformat()[:7], values["version"]
    told = {"month": month, "version": version or None, "organisation": body}
    figure = msgspec.convert(values | told, Figure)
    reuse = str(figure.reuse_id)
    key = (organisation_key, figure.service, reuse, month, figure.channel, version)
    return Listed(key, figure)
