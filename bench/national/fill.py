"""Fills a loaded database: services, then the rows of reuses, steps and usage, then projections."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.national.catalogue import add_services, spread
from bench.national.indexes import bare
from registry.audit.sequencer import number_all, sequencer_connection
from registry.db import Connection, begin, connect
from registry.identity.operator import operator
from registry.reuse import store as reuse
from registry.settings import Settings
from registry.usage import store as usage

TABLES = (
    "events", "event_facts", "reuses", "reuse_locks", "reuse_steps", "reuse_areas", "reuse_voids",
    "reuse_past_periods", "reuse_periods", "usage_figures", "checkpoints",
)  # fmt: skip
SESSION = """
select set_config('statement_timeout', '0', false), set_config('work_mem', '256MB', false),
       set_config('maintenance_work_mem', '1GB', false),
       set_config('synchronous_commit', 'off', false)
"""
GIVEN = """
select set_config('bench.' || key, value, false) from unnest($1::text[], $2::text[]) g (key, value)
"""
BEFORE = """
select coalesce(max(leaf_idx) + 1, 0)::text as base, coalesce(max(seq), 0)::text as base_seq,
       clock_timestamp()::text as began
from events
"""
SERVICES = """
create unlogged table bench_services (rank int, service text, reuses int, versions text[]);
grant insert on bench_services to efa_app
"""
# Nobody waits to be told of what is drawn.
TOLD = "update subscription_position set position = (select max(leaf_idx) + 1 from events)"
VERSIONS = """
update bench_services s set versions = array(
    select v.version from versions v where v.service = s.service order by v.released_on, v.version)
"""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is to be: services and bodies that reuse them, and rows of usage."""

    services: int
    reuses: int
    usage: int
    seed: int

    @classmethod
    def of(cls, scale: float, seed: int) -> "Size":
        """The national size, or a part of it; the services are always all there."""
        return cls(
            services=600,
            reuses=round(2_000_000 * scale),
            usage=round(20_000_000 * scale),
            seed=seed,
        )


async def fill(settings: Settings, size: Size, say: Callable[[str], None] = print) -> None:
    """Fill a database that holds what `efa load` brings; its events are all numbered then."""
    conn, owner = await connect(settings.database_url), await connect(settings.owner_url)
    try:
        started = time.monotonic()
        slugs = await add_services(conn, size.seed, size.services)
        await _number(settings)
        say(f"{len(slugs)} services: {time.monotonic() - started:.0f} s")
        await _prepare(owner, size, slugs)
        await _write(owner, say)
        await _project(conn, say)
        await owner.execute(TOLD)
    finally:
        await conn.close()
        await owner.close()


async def _number(settings: Settings) -> None:
    conn = await sequencer_connection(settings)
    try:
        await number_all(conn)
    finally:
        await conn.close()


async def _prepare(owner: Connection, size: Size, slugs: list[str]) -> None:
    await owner.execute(SESSION)
    row = await owner.fetchrow(BEFORE)
    given = dict(row or {}) | {
        "seed": str(size.seed),
        "usage": str(size.usage),
        "operator": operator().organisation,
    }
    await owner.execute(GIVEN, list(given), list(given.values()))
    await owner.execute(SERVICES)
    bodies = await owner.fetchval(
        "select count(distinct key) from organisation_keys where level = 'municipality'"
    )
    wanted = spread(size.reuses, len(slugs), min(bodies, 10_752))
    ranked = [(rank, slug, wanted[rank], None) for rank, slug in enumerate(slugs)]
    await owner.copy_records_to_table("bench_services", records=ranked)
    await owner.execute(VERSIONS)


async def _write(owner: Connection, say: Callable[[str], None]) -> None:
    for name in ("drawn", "steps", "usage", "log"):
        await _run(owner, name, say)
    async with bare(owner, TABLES):
        await _run(owner, "written", say)
        await _run(owner, "cleared", say)
        started = time.monotonic()
    say(f"indexes: {time.monotonic() - started:.0f} s")


async def _run(owner: Connection, name: str, say: Callable[[str], None]) -> None:
    """Run the statements of a file, with fresh statistics for those that follow."""
    started = time.monotonic()
    text = Path(__file__).with_name(f"{name}.sql").read_text()
    for statement in text.split(";\n\n"):
        at = time.monotonic()
        await owner.execute(statement)
        for table in re.findall("create unlogged table ([a-z_]+)", statement):
            await owner.execute(f"analyze {table}")
        say(f"  {' '.join(statement.split()[:8])[:60]}: {time.monotonic() - at:.1f} s")
    say(f"{name}: {time.monotonic() - started:.0f} s")


async def _project(conn: Connection, say: Callable[[str], None]) -> None:
    started = time.monotonic()
    await conn.execute(SESSION)
    async with begin(conn, operator()) as tx:
        await reuse.rebuild_projections(tx)
        await usage.rebuild_projections(tx)
    say(f"projections: {time.monotonic() - started:.0f} s")
