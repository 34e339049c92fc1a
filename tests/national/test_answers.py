"""What is kept for quick answers says what the periods say, at any place, service and day.

The same question is asked by what is known now, and as known at the end of the log: the first is
answered from counters, spans and indexes, the second from the periods with their record times.
"""

import asyncio
from datetime import date
from typing import Any

import msgspec
from msgspec.structs import replace

from bench.ledger_questions import Asker, content
from registry.audit import moment
from registry.db import connect
from registry.settings import Settings
from registry.site.store import BehindAsked, behind
from tests.client import ApiClient, open_client

PATHS = (
    "/v1/reuses",
    "/v1/usage/months",
    "/v1/reports/coverage",
    "/v1/reports/ranking",
    "/v1/reports/timeline",
    "/v1/reports/versions-in-use",
    "/v1/reports/outdated",
    "/v1/reports/funnel",
    "/v1/reports/zero-reuse",
)
CALLS = 2


def _shown(answer: dict[str, Any]) -> list[Any]:
    """The rows without their addresses, which name the position of the log."""
    return [{k: v for k, v in row.items() if k not in {"link", "links"}} for row in answer["items"]]


async def _same(api: ApiClient, address: str, size: int) -> int:
    now, then = await api.get(address), await api.get(f"{address}&known_at={size}")
    assert (now.status_code, then.status_code) == (200, 200), (address, now.text, then.text)
    assert _shown(now.json()) == _shown(then.json()), address
    if address.startswith("/v1/reuses") and now.json()["next"] is None:
        assert now.json()["total"] == len(now.json()["items"]), address
    return len(now.json()["items"])


async def test_what_is_kept_answers_as_the_periods_do(filled: Settings) -> None:
    conn = await connect(filled.owner_url)
    known = await content(conn)
    asker = Asker(known, 5)
    size = await conn.fetchval("select max(size) from checkpoints")
    await conn.close()
    rows: dict[str, int] = dict.fromkeys(PATHS, 0)
    patient = msgspec.structs.replace(filled, statement_timeout_ms=600_000)
    async with open_client(patient) as api:
        for path in PATHS:
            for draw in (asker.of_service, asker.within, asker.nationwide):
                for _ in range(CALLS):
                    rows[path] += await _same(api, f"{draw(path)}&limit=200", size)
    assert all(rows[path] for path in PATHS if path != "/v1/reports/zero-reuse"), rows


async def test_who_is_behind_is_the_same_looked_for_one_by_one_or_among_all(
    filled: Settings,
) -> None:
    conn = await connect(filled.owner_url)
    try:
        shown = 0
        for day in (date(2022, 3, 1), date(2024, 6, 30), date(2026, 9, 1)):
            for within in (None, "05", "09"):
                at = await moment(conn, day, None)
                asked = BehindAsked(at=at, within=within, demo=False, limit=30, few=0)
                one_by_one = await behind(conn, asked)
                among_all = await behind(conn, replace(asked, few=10**9))
                urgent = [(one.state, one.sunset, one.service) for one in one_by_one]
                assert urgent == [(one.state, one.sunset, one.service) for one in among_all]
                shown += len(urgent)
        assert shown > 30
    finally:
        await conn.close()


def test_questions_are_drawn_by_their_seed(filled: Settings) -> None:
    async def known() -> Any:
        conn = await connect(filled.owner_url)
        try:
            return await content(conn)
        finally:
            await conn.close()

    there = asyncio.run(known())
    one, other = Asker(there, 3), Asker(there, 3)
    assert [one.within(path) for path in PATHS] == [other.within(path) for path in PATHS]
