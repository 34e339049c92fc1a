"""SQL of the pages alone: names, what is new, what ends next, who is behind."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from registry.audit import Moment
from registry.audit.model import Event
from registry.audit.store import event_from
from registry.catalogue.parts import Names
from registry.db import Query, many, one
from registry.organisations.model import DEMO_STATE, BodyName
from registry.reports.store import coverage
from registry.reuse.model import OPEN_STAGES, Stage


class NewVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version, with the name of its service."""

    service: str
    version: str
    released_on: date
    names: Names


class Sunset(msgspec.Struct, frozen=True, kw_only=True):
    """A deprecated version that still runs, with the name of its service."""

    service: str
    version: str
    sunset: date
    successor: str | None
    names: Names


class BehindUse(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse in a version that is not the newest one; `state` is that of the version it has."""

    service: str
    names: Names
    organisation: str
    organisation_name: str
    stage: Stage
    version: str
    state: str
    sunset: date | None
    successor: str | None
    newest: str
    own_use: bool


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """How far the log goes on a day, with nothing waiting: what all pages rest on.

    `size` is up to the last public event, `sealed` counts the others as well.
    """

    size: int
    sealed: int
    day: date


async def recorded(db: Query) -> Recorded | None:
    """Where the log ends; None where an event waits for its number."""
    row = await db.fetchrow(
        """
        select coalesce((select max(leaf_idx) + 1 from events), 0) as size,
               coalesce((select max(c.size) from checkpoints c), 0) as sealed,
               legal_today() as day
        where not exists (select from events where leaf_idx is null)
        """
    )
    return one(Recorded, row)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Services on a day: all, those with versions, those that another Land has in use."""

    services: int
    with_versions: int
    reused: int


async def figures(db: Query, day: date) -> Figures:
    """The figures of the start page."""
    row = await db.fetchrow(
        """
        select count(*) as services,
               count(*) filter (where exists (
                   select from versions v
                   where v.service = s.slug and v.released_on <= $1)) as with_versions,
               count(*) filter (where exists (
                   select from reuse_land_spans r
                   where r.service = s.slug and r.land < '99' and not r.running
                     and r.days @> $1)) as reused
        from services_in_force($1::date, null) s
        join document_cards c
            on c.kind = 'services' and c.slug = s.slug and c.revision = s.revision
        where not c.demo
        """,
        day,
    )
    return msgspec.convert(dict(row or {}), Figures)


async def newest_versions(db: Query, day: date, limit: int) -> list[NewVersion]:
    """The versions released last, by a day."""
    rows = await db.fetch(
        """
        select v.service, v.version, v.released_on, c.card -> 'names' as names
        from versions v
        join documents_in_force('services', $1, null) f on f.slug = v.service
        join document_cards c
            on c.kind = 'services' and c.slug = f.slug and c.revision = f.revision
        where v.released_on <= $1 and not c.demo
        order by v.released_on desc, v.service, v.sort_key desc limit $2
        """,
        day,
        limit,
    )
    return many(NewVersion, rows)


async def next_sunsets(db: Query, day: date, limit: int) -> list[Sunset]:
    """The deprecated versions that end next."""
    rows = await db.fetch(
        """
        select v.service, v.version, v.sunset, v.successor, c.card -> 'names' as names
        from report_versions($1, null, null) v
        join documents_in_force('services', $1, null) f on f.slug = v.service
        join document_cards c
            on c.kind = 'services' and c.slug = f.slug and c.revision = f.revision
        where v.state = 'deprecated' and v.sunset > $1 and not c.demo
        order by v.sunset, v.service, v.version limit $2
        """,
        day,
        limit,
    )
    return many(Sunset, rows)


async def service_names(db: Query, at: Moment, slugs: Iterable[str]) -> dict[str, Names]:
    """What services are called on a day, by slug."""
    rows = await db.fetch(
        """
        select f.slug, c.card -> 'names' as names
        from documents_in_force('services', $1, $2) f
        join document_cards c
            on c.kind = 'services' and c.slug = f.slug and c.revision = f.revision
        where f.slug = any ($3)
        """,
        at.day,
        at.size,
        sorted(set(slugs)),
    )
    return {row["slug"]: msgspec.convert(row["names"], Names) for row in rows}


async def agreement_names(db: Query, slugs: Iterable[str]) -> dict[str, str]:
    """What agreements are called, by slug."""
    rows = await db.fetch(
        """
        select a.slug, a.document -> 'names' ->> 'de' as name
        from agreements_known(null) a where a.slug = any ($1)
        """,
        sorted(set(slugs)),
    )
    return {row["slug"]: row["name"] for row in rows}


async def recorders(db: Query, ids: Iterable[str]) -> dict[str, BodyName]:
    """What the bodies that record are called today, by id."""
    rows = await db.fetch(
        """
        select i.id::text as id, o.key, o.name
        from unnest($1::text[]::uuid[]) i (id)
        cross join lateral organisation_on(i.id, legal_today(), null) o
        """,
        sorted(set(ids)),
    )
    return {row["id"]: BodyName(key=row["key"], name=row["name"]) for row in rows}


async def states(db: Query, at: Moment, *, demo: bool) -> list[tuple[str, str]]:
    """The Länder by key, with what each is called first: `Hamburg`."""
    return by_name(await coverage.states(db, at, demo=demo))


def by_name(states: Mapping[str, str]) -> list[tuple[str, str]]:
    """The same of Länder that are known by their whole names."""
    short = {key: name.partition(",")[0] for key, name in states.items()}
    return sorted(short.items(), key=lambda state: state[1])


async def demo_loaded(db: Query) -> bool:
    """Whether the fictitious Land is there."""
    return await db.fetchval(
        "select exists (select from organisation_keys where key = $1)", DEMO_STATE
    )


class BehindAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Of whom it is asked who is behind: a body, a territory, users of a service.

    Where fewer than `few` reuses are in force, all are looked at; else one version after another.
    """

    at: Moment
    body: UUID | None = None
    within: str | None
    service: str | None = None
    demo: bool
    limit: int
    few: int = 2_000

    @property
    def arguments(self) -> tuple[object, ...]:
        territory = (self.at.day, self.at.size, self.body, self.within)
        return (*territory, self.service, OPEN_STAGES, self.demo, self.limit, self.few)


async def behind(db: Query, asked: BehindAsked) -> list[BehindUse]:
    """Who has a version that is not the newest offered, the most urgent first."""
    rows = await db.fetch(
        """
        select h.service, c.card -> 'names' as names, o.key as organisation,
               o.name as organisation_name, h.stage, h.version, h.state, h.sunset, h.successor,
               h.newest, h.own_use
        from reuses_behind($1::date, $2, $3, $4, $5, $6, $7, $8, $9) h
        join documents_in_force('services', $1, $2) f on f.slug = h.service
        join document_cards c
            on c.kind = 'services' and c.slug = f.slug and c.revision = f.revision
        cross join lateral organisation_on(h.organisation_id, $1, $2) o
        order by h.state = 'active', h.sunset nulls last, h.service, h.organisation_key
        """,
        *asked.arguments,
    )
    return many(BehindUse, rows)


async def last_events(
    db: Query, before: int | None, actions: Sequence[str] | None, subject: str | None, limit: int
) -> list[Event]:
    """Public events before a log number, the latest first: of some actions, below a subject."""
    rows = await db.fetch(
        """
        select log_index, id, action, subject, organisation, on_behalf_of, batch, recorded_at, facts
        from public_events
        where ($1::bigint is null or log_index < $1)
          and ($2::text[] is null or action = any ($2))
          and ($3::text is null or subject = $3
               or (subject >= $3 || '/' and subject < $3 || '0'))
        order by log_index desc limit $4
        """,
        before,
        actions,
        subject,
        limit,
    )
    return [event_from(row) for row in rows]
