"""The log: dense numbers in commit order, leaves that commit to their facts, no later change."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import msgspec
import pytest

from registry import audit
from registry.audit import store
from registry.audit.sequencer import Sequencer
from registry.authority import Actor
from registry.db import Connection, begin, begin_reading, connect, open_database
from registry.settings import Settings
from tests.templates import number_events

WUPPERTAL = Actor(organisation="wuppertal", name="Wuppertal", keys=("05124",))
AUDITOR = Actor(organisation="hof", name="Rechnungshof", scopes=frozenset({"audit"}))


async def _record(settings: Settings, subject: str, *, public: bool = True) -> None:
    conn = await connect(settings.database_url)
    async with begin(conn, WUPPERTAL) as tx:
        await audit.record(tx, "services.put", subject, {"name": "Dienst"}, public=public)
    await conn.close()


@asynccontextmanager
async def _connected(url: str) -> AsyncGenerator[Connection]:
    conn = await connect(url)
    try:
        yield conn
    finally:
        await conn.close()


async def test_numbers_are_dense_and_follow_the_order_of_recording(
    empty_settings: Settings,
) -> None:
    await asyncio.gather(*(_record(empty_settings, f"services/s{n}") for n in range(20)))
    assert await number_events(empty_settings) == 20
    assert await number_events(empty_settings) == 0
    async with _connected(empty_settings.owner_url) as owner:
        rows = await owner.fetch("select leaf_idx, seq from events order by seq")
    assert [row[0] for row in rows] == list(range(20))


async def test_an_event_that_commits_late_is_numbered_later_and_never_lost(
    empty_settings: Settings,
) -> None:
    async with _connected(empty_settings.database_url) as slow:
        async with begin(slow, WUPPERTAL) as tx:
            await audit.record(tx, "services.put", "services/slow", {})
            await _record(empty_settings, "services/fast")
            assert await number_events(empty_settings) == 1
        assert await number_events(empty_settings) == 1
    async with open_database(empty_settings) as database:
        events = await store.events_after(database.reads, 0, 10, subject=None, action=None)
    assert [event.subject for event in events] == ["services/fast", "services/slow"]


async def test_the_leaf_commits_to_salt_and_facts(empty_settings: Settings) -> None:
    await _record(empty_settings, "services/ewa")
    async with _connected(empty_settings.owner_url) as owner:
        leaf, salt, facts = tuple(
            await owner.fetchrow(
                "select leaf, salt, facts from events e join event_facts f on f.event_id = e.id"
            )
            or ()
        )
    read = msgspec.json.decode(leaf)
    assert read["facts"] == hashlib.sha256(salt + facts).hexdigest()
    assert (read["action"], read["subject"]) == ("services.put", "services/ewa")
    assert read["organisation"] == "wuppertal"


async def test_the_leaf_of_a_private_event_tells_nothing(empty_settings: Settings) -> None:
    await _record(empty_settings, "reuses/secret", public=False)
    async with _connected(empty_settings.owner_url) as owner:
        leaf = await owner.fetchval("select leaf from events")
    read = msgspec.json.decode(leaf)
    assert read["action"] == "private"
    assert read["organisation"] is None
    assert "secret" not in leaf.decode()


async def test_a_private_event_is_seen_by_its_body_and_auditors_only(
    empty_settings: Settings,
) -> None:
    await _record(empty_settings, "reuses/secret", public=False)
    await number_events(empty_settings)
    other = Actor(organisation="soest", name="Soest")
    seen: list[int] = []
    async with _connected(empty_settings.database_url) as conn:
        for actor in (WUPPERTAL, AUDITOR, other):
            async with begin_reading(conn, actor) as tx:
                seen.append(await tx.fetchval("select count(*) from event_facts"))
        seen.append(await conn.fetchval("select count(*) from event_facts"))
    assert seen == [1, 1, 0, 0]


@pytest.mark.parametrize(
    "statement",
    [
        "update events set subject = 'x'",
        "update events set leaf_idx = 7",
        "delete from events",
        "update event_facts set facts = ''",
        "delete from event_facts",
        "update checkpoints set size = 9",
        "insert into checkpoints (size, sealed_at) values (99, now())",
        "truncate events cascade",
    ],
)
async def test_the_role_of_the_application_changes_no_history(
    empty_settings: Settings, statement: str
) -> None:
    await _record(empty_settings, "services/ewa")
    async with _connected(empty_settings.database_url) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(statement)


async def test_the_role_of_the_sequencer_numbers_an_event_once(empty_settings: Settings) -> None:
    await _record(empty_settings, "services/ewa")
    await number_events(empty_settings)
    async with _connected(empty_settings.sequencer_url) as conn:
        assert await conn.execute("update events set leaf_idx = 5") == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("update events set subject = 'x'")


async def test_an_actor_cannot_record_in_the_name_of_another(empty_settings: Settings) -> None:
    async with _connected(empty_settings.database_url) as conn, begin(conn, WUPPERTAL) as tx:
        tx.actor = Actor(organisation="soest", name="Soest")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await audit.record(tx, "services.put", "services/ewa", {})
        await tx.conn.execute("rollback; begin")


async def test_the_same_content_is_kept_once(empty_settings: Settings) -> None:
    async with _connected(empty_settings.database_url) as conn, begin(conn, WUPPERTAL) as tx:
        first = await audit.keep(tx, b"text")
        assert await audit.keep(tx, b"text") == first == hashlib.sha256(b"text").digest()
        assert await audit.blob(tx, first) == b"text"


async def test_known_at_names_the_last_position_sealed_by_then(empty_settings: Settings) -> None:
    await _record(empty_settings, "services/a")
    await number_events(empty_settings)
    async with open_database(empty_settings) as database:
        first = await store.last_log_position(database.reads)
        assert first is not None
        await _record(empty_settings, "services/b")
        await number_events(empty_settings)
        then = await audit.position_known_at(database.reads, first.sealed_at.isoformat())
        assert then is not None
        assert then.size == 1
        assert (await audit.position_known_at(database.reads, "2")) is not None
        for beyond in ("3", "2001-01-01T00:00:00Z"):
            with pytest.raises(audit.UnknownLogPosition):
                await audit.position_known_at(database.reads, beyond)


async def test_a_second_sequencer_stands_by_until_the_first_is_gone(
    empty_settings: Settings,
) -> None:
    first = asyncio.create_task(Sequencer(empty_settings).run())
    await _numbered(empty_settings, "services/a", 1)
    second = asyncio.create_task(Sequencer(empty_settings).run())
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await _numbered(empty_settings, "services/b", 2)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)


async def _numbered(settings: Settings, subject: str, size: int) -> None:
    await _record(settings, subject)
    async with open_database(settings) as database, asyncio.timeout(10):
        while True:
            position = await store.last_log_position(database.reads)
            if position is not None and position.size == size:
                return
            await asyncio.sleep(0.02)
