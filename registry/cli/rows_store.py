"""SQL that compares two databases: their tables, and all rows of one as texts."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import msgspec

from registry.db import Connection, Query, many


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """A table: whether it is history, its key (all columns where it has none), how it is read."""

    name: str
    history: bool
    key: Sequence[str]
    columns: Sequence[str]
    statement: str


async def tables(db: Query) -> list[Table]:
    """The tables of the history and those derived from it; the rest serves the running only."""
    rows = await db.fetch(
        """
        with named as (
            select c.oid, c.relname::text as name,
                   exists (select 1 from pg_trigger t
                           where t.tgrelid = c.oid and t.tgname = 'history_row') as history,
                   array(select a.attname::text from pg_attribute a
                         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                         order by a.attnum) as columns
            from pg_class c
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
              and not c.relispartition
        ),
        keyed as (
            select n.*, coalesce(
                (select array_agg(a.attname::text order by k.place)
                 from pg_index i cross join unnest(i.indkey) with ordinality k (number, place)
                 join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
                 where i.indrelid = n.oid and i.indisprimary), n.columns) as key
            from named n
            where n.history or (has_table_privilege('efa_app', n.oid, 'delete')
                                and n.name <> all (array[
                                    'deliveries', 'delivery_attempts', 'mail_reminders',
                                    'mail_states', 'security_log', 'sessions', 'token_uses',
                                    'used_id_tokens']))
        )
        select name, history, key, columns,
               format('select array[%s] as key, array[%s] as row from %I order by %s',
                      (select string_agg(format('coalesce(%I::text, %L)', k, ''), ', ' order by o)
                       from unnest(key) with ordinality u (k, o)),
                      (select string_agg(format('%I::text', k), ', ' order by o)
                       from unnest(columns) with ordinality u (k, o)),
                      name,
                      (select string_agg(format('coalesce(%I::text, %L) collate "C"', k, ''),
                                         ', ' order by o)
                       from unnest(key) with ordinality u (k, o))) as statement
        from keyed order by not history, name
        """
    )
    return many(Table, rows)


async def all_rows(conn: Connection, table: Table) -> AsyncIterator[tuple[list[str], list[str]]]:
    """Key and columns of each row as texts, by the key in bytewise order."""
    async for row in conn.cursor(table.statement, prefetch=200):
        yield row["key"], row["row"]


async def unexplained_erasures(db: Query) -> list[UUID]:
    """Events whose facts are gone though no erasure names them."""
    rows = await db.fetch(
        """
        select e.id from events e
        where not exists (select 1 from event_facts f where f.event_id = e.id)
          and e.id::text not in (
              select jsonb_array_elements_text(convert_from(f.facts, 'UTF8')::jsonb -> 'events')
              from events d join event_facts f on f.event_id = d.id where d.action = 'cli.erase')
        order by e.seq
        """
    )
    return [row["id"] for row in rows]


async def unnamed_contents(db: Query) -> list[str]:
    """The SHA-256 (hex) of contents that no facts name."""
    rows = await db.fetch(
        """
        with named as (
            select (regexp_matches(convert_from(facts, 'UTF8'), '"([0-9a-f]{64})"', 'g'))[1] as hex
            from event_facts
        )
        select encode(sha256, 'hex') as sha256 from blobs
        where encode(sha256, 'hex') not in (select hex from named) order by sha256
        """
    )
    return [row["sha256"] for row in rows]


async def origins_begun(db: Query) -> dict[str, int]:
    """The log number at which each later public key of the log was named."""
    rows = await db.fetch(
        """
        select convert_from(f.facts, 'UTF8')::jsonb ->> 'verifier_key' as key, e.leaf_idx
        from events e join event_facts f on f.event_id = e.id
        where e.action = 'cli.begin_origin' and e.leaf_idx is not null
        """
    )
    return {row["key"]: row["leaf_idx"] for row in rows}


async def events_holding(db: Query, text: str) -> list[tuple[str, str, str]]:
    """Id, action and subject of the events whose facts hold a text, in any case of letters."""
    rows = await db.fetch(
        """
        select e.id::text, e.action, e.subject
        from event_facts f join events e on e.id = f.event_id
        where position(lower($1) in lower(convert_from(f.facts, 'UTF8'))) > 0
        order by e.seq
        """,
        text,
    )
    return [(row["id"], row["action"], row["subject"]) for row in rows]


async def without_facts(db: Query, events: Sequence[UUID]) -> list[UUID]:
    """Which of these are no events, or were erased."""
    rows = await db.fetch(
        """
        select g.id from unnest($1::uuid[]) g (id)
        where not exists (select 1 from event_facts f where f.event_id = g.id)
        """,
        list(events),
    )
    return [row["id"] for row in rows]
