"""Batches over HTTP against COPY of the same rows into the same tables, one right after the other.

The rows a batch wrote are read out, deleted, and copied in again: what that takes is the limit.
The tables keep their keys and indexes for both; a ratio of 1 would be intake as fast as COPY.
"""

import asyncio
import io
import random
import statistics
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from bench.ledger_served import Served, Took, served
from registry.db import Connection, begin, connect
from registry.identity.actions import create_token
from registry.identity.operator import operator
from registry.organisations.model import organisation_id
from registry.settings import Settings

BODIES, COUNTS, ROUNDS = 300, 20_000, 5
BATCH = "select id from events where batch = $1"
WAITING = "select exists (select 1 from events where batch = $1 and leaf_idx is null)"
# Parents first: in this order rows are copied, in the other they are deleted.
ROWS = {
    "events": "batch = $1",
    "event_facts": f"event_id in ({BATCH})",
    "reuses": f"event_id in ({BATCH})",
    "reuse_steps": f"event_id in ({BATCH})",
    "reuse_areas": f"event_id in ({BATCH})",
    "reuse_periods": f"step_id in (select id from reuse_steps where event_id in ({BATCH}))",  # noqa: S608
    "usage_figures": f"event_id in ({BATCH})",
}
COLUMNS = """
select array_agg(attname::text order by attnum)
from pg_attribute
where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = ''
"""
FREE = """
select s.slug, array_agg(b.key order by b.key)
from (
    select slug from services where slug like 'landesdienst-%' order by md5(slug || $2) limit $3
) s
cross join lateral (
    select k.key
    from organisation_keys_known(null) k
    where k.level = 'municipality' and octet_length(k.key) = 12 and k.key < '99'
      and holds_on('2024-12-31', k.valid_from, k.valid_to)
      and not exists (select 1 from reuses r
                      where r.service = s.slug and r.organisation_id = k.organisation_id)
    order by md5(k.key || $2) limit $1) b
group by s.slug having count(*) = $1
"""
COUNTED = """
select r.organisation_key, r.service, r.id::text
from reuses r
where r.service = any (array(select slug from services order by md5(slug || $2) limit 20))
  and exists (select 1 from reuse_steps s where s.reuse_id = r.id and s.public) and not r.demo
order by md5(r.id::text || $2) limit $1
"""


class Round(NamedTuple):
    """A batch over HTTP, and COPY of what it wrote."""

    sent: Took
    copied: Took
    rows: int


class Files(msgspec.Struct):
    """What is sent: for each round a service with bodies that do not reuse it, and reuses."""

    token: str
    free: list[tuple[str, list[str]]]
    counted: list[tuple[str, str]]

    def reuses(self, number: int) -> str:
        service, keys = self.free[number]
        rows = [f"{key};{service};contracted;2025-03-01;" for key in keys]
        return "\n".join(["organisation;service;stage;date;reuse", *rows])

    def steps(self, number: int, reuses: dict[tuple[str, str], str]) -> str:
        service, keys = self.free[number]
        rows = [f"{key};{service};live;2025-05-01;{reuses[service, key]}" for key in keys]
        return "\n".join(["organisation;service;stage;date;reuse", *rows])

    def usage(self, number: int) -> str:
        rows = [
            f"{key};{service};2024-{number + 1:02};app;{place % 90};{place % 40}"
            for place, (key, service) in enumerate(self.counted)
        ]
        return "\n".join(["organisation;service;month;channel;started;completed", *rows])


def intake(settings: Settings, port: int, seed: int) -> dict[str, Any]:
    """By kind of batch: its rows a second, those of COPY, and the median of their ratios."""
    with served(settings, port) as app:
        return asyncio.run(_intake(app, settings, str(seed)))


async def _intake(app: Served, settings: Settings, seed: str) -> dict[str, Any]:
    owner = await connect(_all_powerful(settings))
    await owner.execute("set efa.history = 'open'")
    try:
        files = await _files(settings, owner, seed)
        rounds: dict[str, list[Round]] = {}
        for number in range(len(files.free)):
            told = {"new reuses": files.reuses(number), "usage": files.usage(number)}
            for kind, text in told.items():
                way = "usage" if kind == "usage" else "reuses"
                rounds.setdefault(kind, []).append(await _compared(app, owner, files, way, text))
            text = files.steps(number, await _reuses(owner, files.free[number][0]))
            steps = await _compared(app, owner, files, "reuses", text)
            rounds.setdefault("next steps", []).append(steps)
        return {kind: _told(each) for kind, each in rounds.items()}
    finally:
        await owner.close()


def _all_powerful(settings: Settings) -> str:
    """The address of the embedded server's own user: COPY does not go past row security."""
    return settings.owner_url.replace("//efa_owner@", "//postgres@")


def _told(rounds: list[Round]) -> dict[str, float]:
    median = statistics.median
    return {
        "rows": rounds[0].rows,
        "rows per second": round(median(r.rows / r.sent.wall * 1000 for r in rounds)),
        "copied per second": round(median(r.rows / r.copied.wall * 1000 for r in rounds)),
        "ratio": round(median(r.copied.wall / r.sent.wall for r in rounds), 2),
        "processor ratio": round(median(r.copied.processor / r.sent.processor for r in rounds), 2),
    }


async def _files(settings: Settings, owner: Connection, seed: str) -> Files:
    conn = await connect(settings.database_url)
    async with begin(conn, operator()) as tx:
        body = organisation_id(operator().slug or "")
        token = await create_token(tx, body, ["admin"], kind="bench", days=1, note="")
    await conn.close()
    free = await owner.fetch(FREE, BODIES, seed, 4 * ROUNDS)
    counted = await owner.fetch(COUNTED, COUNTS, seed)
    return Files(
        token=token,
        free=[(row[0], row[1]) for row in random.Random(seed).sample(free, min(ROUNDS, len(free)))],
        counted=[(row[0], row[1]) for row in counted],
    )


async def _reuses(owner: Connection, service: str) -> dict[tuple[str, str], str]:
    """The reuses of a service by its slug and the keys of their bodies."""
    rows = await owner.fetch(
        """
        select k.key, r.id::text
        from reuses r join organisation_keys k on k.organisation_id = r.organisation_id
        where r.service = $1
        """,
        service,
    )
    return {(service, row[0]): row[1] for row in rows}


async def _compared(app: Served, owner: Connection, files: Files, way: str, text: str) -> Round:
    headers = {"Authorization": f"Bearer {files.token}", "Content-Type": "text/csv"}
    with app.taking() as sent:
        status, answer = app.send("POST", f"/v1/{way}/batches", text.encode(), headers)
    assert status == 201, answer[:500]
    batch = UUID(msgspec.json.decode(answer)["batch"])
    return Round(sent(), await _copied(app, owner, batch), text.count("\n"))


async def _copied(app: Served, owner: Connection, batch: UUID) -> Took:
    """What COPY takes for the rows of a batch, into the tables as they are."""
    await _numbered(owner, batch)
    columns = {table: await owner.fetchval(COLUMNS, table) for table in ROWS}
    kept = {table: await _read(owner, table, columns[table], batch) for table in ROWS}
    async with owner.transaction():
        for table in reversed(ROWS):
            await owner.execute(f"delete from {table} where {ROWS[table]}", batch)  # noqa: S608
            if table == "reuse_periods":  # which the counters follow; nothing follows the others
                await owner.execute("set local session_replication_role = replica")
    with app.taking() as taken:
        async with owner.transaction():
            for table, rows in kept.items():
                rows.seek(0)
                named = columns[table]
                await owner.copy_to_table(table, source=rows, columns=named, format="binary")
    return taken()


async def _numbered(owner: Connection, batch: UUID) -> None:
    """Wait until the sequencer is through with the events of a batch."""
    for _ in range(600):
        if not await owner.fetchval(WAITING, batch):
            return
        await asyncio.sleep(0.1)
    raise TimeoutError(batch)


async def _read(owner: Connection, table: str, columns: list[str], batch: UUID) -> io.BytesIO:
    rows = io.BytesIO()
    listed = ", ".join(columns)
    query = f"select {listed} from {table} where {ROWS[table]}"  # noqa: S608 - ours
    await owner.copy_from_query(query, batch, output=rows, format="binary")
    return rows
