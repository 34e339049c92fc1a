"""The log: dense numbers in commit order, leaves that commit to their facts, no later change."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

import asyncpg
import msgspec
import pytest
import rfc8785

from registry import audit
from registry.audit import position_store, store, tree_store
from registry.audit.model import NewEvent
from registry.audit.sequencer import Sequencer, advance_clock
from registry.audit.standing import Condition
from registry.authority import Actor
from registry.db import Connection, begin, begin_reading, connect, open_database
from registry.errors import Malformed, Unprocessable
from registry.settings import Settings
from tests.templates import number_events

WUPPERTAL = Actor(organisation="wuppertal", name="Wuppertal", keys=("05124",))
ADMIN = Actor(organisation="amt", name="Betreiber", scopes=frozenset({"admin"}))
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


OUT_OF_ORDER = """
select coalesce(array_agg(o.leaf_idx order by o.leaf_idx), '{}')
from (select e.leaf_idx, e.seq, max(e.seq) over (order by e.leaf_idx) as highest from events e) o
where o.seq < o.highest
"""


async def test_it_is_kept_which_events_are_out_of_order_however_many(
    empty_settings: Settings,
) -> None:
    """More in a row than are looked through at once."""
    slow = await connect(empty_settings.database_url)
    entries = [audit.Entry("services.put", f"services/s{n}", {"n": n}) for n in range(4_200)]
    async with begin(slow, WUPPERTAL) as tx:
        await audit.record_all(tx, entries)
        await _record(empty_settings, "services/fast")
        await number_events(empty_settings)
    await slow.close()
    await number_events(empty_settings)
    await _record(empty_settings, "services/later")
    await number_events(empty_settings)
    async with _connected(empty_settings.owner_url) as owner:
        late = await owner.fetchval("select array_agg(leaf_idx order by leaf_idx) from log_late")
        assert late == await owner.fetchval(OUT_OF_ORDER) == list(range(1, 4_201))


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


def test_leaves_are_canonical_json_whatever_the_texts_hold() -> None:
    """RFC 8785."""
    texts = ["".join(map(chr, range(0x3000))), "\U0001f600 \ufeff \uffff", ""]
    for text in texts:
        for public in (True, False):
            head, tail = _new_event(text, public=public).leaf
            leaf = head + b"1" + tail
            assert leaf == rfc8785.dumps(msgspec.json.decode(leaf))


def _new_event(text: str, *, public: bool) -> NewEvent:
    return NewEvent(
        id=uuid4(),
        action=text,
        subject=text,
        leaf_subject=text,
        organisation=text,
        on_behalf_of=None,
        public=public,
        batch=None,
        recorded_at=datetime.now(UTC),
        salt=bytes(32),
        facts=b"{}",
    )


async def test_the_leaf_binds_batch_and_whom_an_action_was_for(empty_settings: Settings) -> None:
    batch = uuid4()
    async with (
        _connected(empty_settings.database_url) as conn,
        begin(conn, WUPPERTAL, batch) as tx,
    ):
        for public in (True, False):
            await audit.record(tx, "x.y", "x/1", {}, public=public, on_behalf_of="soest")
        leaves = await tx.fetch("select leaf from events order by seq")
    shown, hidden = (msgspec.json.decode(row["leaf"]) for row in leaves)
    assert (shown["batch"], shown["on_behalf_of"]) == (str(batch), "soest")
    assert (hidden["batch"], hidden["on_behalf_of"]) == (None, None)


@pytest.mark.parametrize("number", [2**53, -(2**53), float("inf")])
async def test_numbers_that_json_does_not_keep_are_refused(
    empty_settings: Settings, number: float
) -> None:
    async with _connected(empty_settings.database_url) as conn, begin(conn, WUPPERTAL) as tx:
        with pytest.raises(Unprocessable):
            await audit.record(tx, "x.y", "x/1", {"number": number})


async def test_the_leaf_of_a_private_event_tells_nothing(empty_settings: Settings) -> None:
    await _record(empty_settings, "reuses/secret", public=False)
    async with _connected(empty_settings.owner_url) as owner:
        leaf = await owner.fetchval("select leaf from events")
    read = msgspec.json.decode(leaf)
    assert read["action"] == "private"
    assert read["organisation"] is None
    assert "secret" not in leaf.decode()


async def test_a_private_event_is_seen_by_its_body_and_in_audited_reads_only(
    empty_settings: Settings,
) -> None:
    await _record(empty_settings, "reuses/secret", public=False)
    await number_events(empty_settings)
    other = Actor(organisation="soest", name="Soest")
    seen: list[int] = []
    async with _connected(empty_settings.database_url) as conn:
        for actor in (WUPPERTAL, AUDITOR, ADMIN, other):
            async with begin_reading(conn, actor) as tx:
                seen.append(await tx.fetchval("select count(*) from event_facts"))
        async with begin_reading(conn, AUDITOR, sees_all=True) as tx:
            seen.append(await tx.fetchval("select count(*) from event_facts"))
        seen.append(await conn.fetchval("select count(*) from event_facts"))
    assert seen == [1, 0, 0, 0, 1, 0]


async def test_a_scope_with_a_blank_opens_nothing(empty_settings: Settings) -> None:
    await _record(empty_settings, "reuses/secret", public=False)
    sly = Actor(organisation="soest", name="Soest", scopes=frozenset({"publish:x audit yes"}))
    async with _connected(empty_settings.database_url) as conn, begin(conn, sly) as tx:
        assert await tx.fetchval("select count(*) from event_facts") == 0


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
        first = await position_store.last_log_position(database.reads)
        assert first is not None
        await _record(empty_settings, "services/b")
        await number_events(empty_settings)
        then = await audit.position_known_at(database.reads, first.sealed_at.isoformat())
        assert then is not None
        assert then.size == 1
        assert (await audit.position_known_at(database.reads, "2")) is not None
        for beyond in ("0", "3", "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"):
            with pytest.raises(audit.UnknownLogPosition):
                await audit.position_known_at(database.reads, beyond)


async def test_an_instant_that_was_answered_is_never_answered_differently(
    empty_settings: Settings,
) -> None:
    """While a seal is open its instant is not answered yet; nothing is sealed before an answer."""
    await _record(empty_settings, "services/a")
    await number_events(empty_settings)
    async with (
        open_database(empty_settings) as database,
        _connected(empty_settings.sequencer_url) as sequencer,
    ):
        await advance_clock(sequencer)
        until = await database.reads.fetchval("select sealed_until from log_clock")
        before = await audit.position_known_at(database.reads, until.isoformat())
        await _record(empty_settings, "services/b")
        batch = await store.waiting_batch(sequencer, 10)
        assert batch is not None
        async with sequencer.transaction():
            await tree_store.number(sequencer, batch, [], None)
            while_open = await database.reads.fetchval("select clock_timestamp()")
            with pytest.raises(audit.UnknownLogPosition):
                await audit.position_known_at(database.reads, while_open.isoformat())
        await advance_clock(sequencer)
        after = await audit.position_known_at(database.reads, while_open.isoformat())
        assert after is not None
        assert after.size == 2
        assert await audit.position_known_at(database.reads, until.isoformat()) == before


async def test_seals_follow_the_clock_of_the_log_even_when_that_of_the_host_goes_back(
    empty_settings: Settings,
) -> None:
    async with _connected(empty_settings.owner_url) as owner:
        await owner.execute("update log_clock set sealed_until = now() + interval '1 day'")
        for name in ("a", "b"):
            await _record(empty_settings, f"services/{name}")
            await number_events(empty_settings)
        assert await owner.fetchval(
            "select array_agg(sealed_at order by size) = array_agg(sealed_at order by sealed_at)"
            " and min(sealed_at) > (select sealed_until from log_clock) from checkpoints"
        )


async def test_a_second_sequencer_stands_by_until_the_first_is_gone(
    empty_settings: Settings,
) -> None:
    first = asyncio.create_task(Sequencer(empty_settings, Condition()).run())
    await _numbered(empty_settings, "services/a", 1)
    second = asyncio.create_task(Sequencer(empty_settings, Condition()).run())
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await _numbered(empty_settings, "services/b", 2)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)


async def _numbered(settings: Settings, subject: str, size: int) -> None:
    await _record(settings, subject)
    async with open_database(settings) as database, asyncio.timeout(10):
        while True:
            position = await position_store.last_log_position(database.reads)
            if position is not None and position.size == size:
                return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "instant",
    [
        "2024-99-99T00:00:00Z",
        "2024-01-01T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00+23:59",
        "2024-13-01T00:00:00Z",
        "2024-01-01T:::::Z",
        "2024-01-01T00:00:00+99:99",
        "2024-01-01T00:00:00Z\n",
        "\u0661",
        "1\n",
        "-1",
        "",
    ],
)
async def test_an_instant_that_does_not_exist_is_refused(
    instant: str, empty_settings: Settings
) -> None:
    async with open_database(empty_settings) as database:
        with pytest.raises(Malformed):
            await audit.position_known_at(database.reads, instant)
