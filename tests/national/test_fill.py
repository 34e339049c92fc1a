"""The drawn database is one the program would have written."""

import asyncio
import json
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import msgspec

from bench.national.catalogue import spread
from registry.audit.model import NewEvent, canonical
from registry.cli.projections import show_everything
from registry.cli.rebuild import REPLAY, export_log, rebuild
from registry.db import begin, connect
from registry.identity.operator import operator
from registry.reuse.ledger import may_follow
from registry.reuse.store import ledger as store
from registry.settings import Settings
from tests.cli.test_projections import digests as projections
from tests.cli.test_rebuild import digests_of as histories
from tests.national.conftest import SIZE

DRAWN = (
    "reuse_body_spans", "reuse_counters", "reuse_dwells", "reuse_funnel", "reuse_land_counters",
    "reuse_land_spans", "reuse_past_periods", "reuse_periods", "usage_changes", "usage_months",
)  # fmt: skip


async def _projections(settings: Settings, *, made_anew: bool) -> dict[str, tuple[int, str | None]]:
    owner, conn = await connect(settings.owner_url), await connect(settings.database_url)
    if made_anew:
        await show_everything(conn)
    found = await projections(owner)
    await conn.close()
    await owner.close()
    return {name: digest for name, digest in found.items() if name in DRAWN}


async def _require_allowed(settings: Settings) -> int:
    """Every sequence of steps keeps to the table of transitions; returns how many there are."""
    conn = await connect(settings.database_url)
    async with begin(conn, operator()) as tx:
        rows = await tx.fetch("select id from reuses")
        ids: list[UUID] = [row[0] for row in rows]
        for ledger in (await store.ledgers(tx, ids)).values():
            sequence = ledger.sequence
            assert may_follow(sequence[0].stage, sequence[0].basis, None)
            assert all(may_follow(b.stage, b.basis, a) for a, b in pairwise(sequence)), sequence
    await conn.close()
    return len(ids)


def test_what_is_drawn_is_what_the_program_writes(
    filled: Settings, empty_settings: Settings, tmp_path: Path
) -> None:
    """The log replayed action by action gives the same tables, a rebuild the same projections."""
    drawn = asyncio.run(_projections(filled, made_anew=False))
    assert all(count for count, _ in drawn.values())
    assert asyncio.run(_projections(filled, made_anew=True)) == drawn
    assert asyncio.run(_require_allowed(filled)) == SIZE.reuses
    file = tmp_path / "log.ndjson"
    assert export_log(filled, file) == rebuild(empty_settings, file)
    assert asyncio.run(histories(empty_settings)) == asyncio.run(histories(filled))
    assert asyncio.run(_projections(empty_settings, made_anew=True)) == drawn


async def test_an_event_tells_its_leaf(filled: Settings) -> None:
    """The leaves were written by SQL; the program writes the same bytes."""
    conn = await connect(filled.owner_url)
    rows = await conn.fetch(
        """
        select e.id, e.seq, e.action, e.subject, e.leaf, e.organisation, e.on_behalf_of, e.public,
               e.batch, e.recorded_at, f.salt, f.facts
        from events e join event_facts f on f.event_id = e.id
        """
    )
    await conn.close()
    assert {row["action"] for row in rows} >= {"reuse.start", "reuse.correct", "usage.record"}
    for row in rows:
        written = bytes(row["leaf"])
        values = {k: v for k, v in dict(row).items() if k not in ("leaf", "seq")}
        subject = json.loads(written)["subject"]
        assert subject == row["subject"] or not row["public"]
        head, tail = NewEvent(**values, leaf_subject=subject).leaf
        assert head + str(row["seq"]).encode() + tail == written
        facts = msgspec.json.decode(row["facts"], type=REPLAY[row["action"]].facts)
        assert canonical(facts) == row["facts"]


def test_few_services_are_everywhere() -> None:
    numbers = spread(2_000_000, 600, 11_046)
    assert abs(sum(numbers) - 2_000_000) < 600
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == 11_046 > 4 * numbers[-1]
