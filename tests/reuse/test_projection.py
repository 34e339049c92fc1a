"""The periods against the steps, and both against the pure ledger, for drawn histories."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from registry.db import Connection, Tx, begin
from registry.errors import Refusal
from registry.identity.operator import operator
from registry.reuse import actions
from registry.reuse.ledger import Ledger, state_at
from registry.reuse.model import (
    STAGES,
    ReuseDraft,
    StepDraft,
    StepFacts,
    VoidDraft,
)
from registry.reuse.store import ledger as store
from registry.settings import Settings
from tests.client import ApiClient
from tests.reuse.drafts import reuse
from tests.templates import number_events

FIRST_DAY = date(2024, 1, 1)
BODIES = ("05", "05315", "06", "082220000000")


def drawn_step(dice: random.Random) -> StepDraft:
    day = FIRST_DAY + timedelta(days=dice.randrange(12))
    return StepDraft(
        stage=dice.choice(STAGES),
        date=day.isoformat(),
        basis=dice.choice(("since", "observed")),
        area=dice.choice((("05315",), None)),
        note=str(dice.random()),
    )


async def draw_history(conn: Connection, body: str, dice: random.Random) -> UUID:
    """A reuse after forty attempts to add or take out a step; returns its id."""
    first = reuse(body, stage="contracted", date="2024-01-05", basis="observed")
    async with begin(conn, operator()) as tx:
        reuse_id = (await actions.start(tx, ReuseDraft(**first))).reuse_id
    for _ in range(40):
        async with begin(conn, operator()) as tx:
            await attempt(tx, reuse_id, dice)
    return reuse_id


async def attempt(tx: Tx, reuse_id: UUID, dice: random.Random) -> None:
    steps = (await store.ledger(tx, reuse_id)).steps
    try:
        if dice.random() < 0.25:
            await actions.void(tx, reuse_id, dice.choice(steps).id, VoidDraft(reason="gewürfelt"))
        else:
            await actions.step(tx, reuse_id, drawn_step(dice))
    except Refusal:
        return


async def log_of(owner: Connection, reuse_id: UUID) -> list[tuple[int, StepFacts | UUID]]:
    """All that was said of a reuse with its number in the log."""
    ledger = await store.ledger(owner, reuse_id)
    places = {
        row[0]: (row[1], row[2])
        for row in await owner.fetch("select step_id, leaf_idx, void_idx from reuse_ledger")
    }
    said: list[tuple[int, StepFacts | UUID]] = [(places[step.id][0], step) for step in ledger.steps]
    said += [(places[out][1], out) for out in ledger.voided]
    return sorted(said, key=lambda entry: entry[0])


def known(said: list[tuple[int, StepFacts | UUID]], size: int) -> Ledger:
    told = [what for place, what in said if place < size]
    steps = tuple(what for what in told if isinstance(what, StepFacts))
    return Ledger(steps, frozenset(what for what in told if isinstance(what, UUID)))


@pytest.mark.parametrize("seed", [1, 2])
async def test_any_day_as_known_at_any_time_is_as_the_pure_ledger_says(
    api: ApiClient, conn: Connection, owner: Connection, settings: Settings, seed: int
) -> None:
    dice = random.Random(seed)
    for body in BODIES:
        await draw_history(conn, body, dice)
    size = await number_events(settings)
    for (reuse_id,) in await owner.fetch("select id from reuses"):
        said = await log_of(owner, reuse_id)
        assert len(said) > 8
        for known_size in [None, *(dice.randrange(said[0][0], size + 1) for _ in range(8))]:
            rows = await owner.fetch(
                """
                select step_id, valid_from, valid_to, since, since_basis
                from reuse_periods_known($1) where reuse_id = $2
                """,
                known_size,
                reuse_id,
            )
            ledger = known(said, size if known_size is None else known_size)
            for offset in range(-1, 13):
                day = FIRST_DAY + timedelta(days=offset)
                state = state_at(ledger.sequence, day)
                assert held(rows, day) == ([state.id] if state else [])
            begun = {row["step_id"]: (row["since"], row["since_basis"]) for row in rows}
            assert begun == beginnings(ledger)


def beginnings(ledger: Ledger) -> dict[UUID, tuple[date, str]]:
    """Since when each step's stage holds, over steps that repeat it; private ones stand alone."""
    last_of_day = {step.valid_from: step for step in ledger.sequence}
    found: dict[UUID, tuple[date, str]] = {}
    before: StepFacts | None = None
    for day, step in sorted(last_of_day.items()):
        goes_on = before is not None and before.stage == step.stage and step.public
        found[step.id] = found[before.id] if before and goes_on else (day, step.basis)
        before = step
    return found


def held(rows: list[Any], day: date) -> list[UUID]:
    """The steps whose period holds on a day."""
    return [
        row["step_id"]
        for row in rows
        if row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"])
    ]


async def test_the_periods_written_step_by_step_are_those_made_anew(
    api: ApiClient, conn: Connection, owner: Connection
) -> None:
    dice = random.Random(3)
    for body in BODIES:
        await draw_history(conn, body, dice)
    everything = """
        select p::text from reuse_periods p union all select p::text from reuse_past_periods p
        union all select s::text from reuse_land_spans s
        union all select s::text from reuse_body_spans s
        union all
        select row('counters', day, stage, own_use, reported, demo, sum(periods))::text
        from reuse_counters group by day, stage, own_use, reported, demo having sum(periods) <> 0
        union all
        select row('lands', land, day, stage, own_use, reported, demo, sum(periods))::text
        from reuse_land_counters group by land, day, stage, own_use, reported, demo
        having sum(periods) <> 0
        union all
        select row('funnel', land, day, what, stage, demo, sum(reuses))::text
        from reuse_funnel group by land, day, what, stage, demo having sum(reuses) <> 0
        union all
        select row('dwells', land, span, since, stage, days, demo, sum(stays))::text
        from reuse_dwells group by land, span, since, stage, days, demo having sum(stays) <> 0
        order by 1
    """
    before = await owner.fetch(everything)
    async with begin(conn, operator()) as tx:
        assert await store.rebuild_projections(tx) == len(BODIES)
    assert await owner.fetch(everything) == before
    await owner.execute(
        """
        create temporary table kept as select * from reuse_periods;
        delete from reuse_periods;
        insert into reuse_periods select * from kept
        """
    )
    assert await owner.fetch(everything) == before
    kinds = {"counters", "lands", "funnel", "dwells"}
    assert {row[0][1:].split(",")[0] for row in before} >= kinds


async def test_a_period_ends_where_the_next_begins(
    api: ApiClient, conn: Connection, owner: Connection
) -> None:
    await draw_history(conn, "05", random.Random(4))
    rows = await owner.fetch("select valid_from, valid_to from reuse_periods order by valid_from")
    assert [row["valid_to"] for row in rows] == [*(row["valid_from"] for row in rows[1:]), None]
