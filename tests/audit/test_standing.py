"""A database that does not continue what was signed is found out, and is not signed again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from registry.audit.keys import Mark, key_path, mark_path, signers
from registry.audit.notes import Checkpoint, read_checkpoint
from registry.audit.sequencer import Sequencer, number_all, sequencer_connection
from registry.audit.standing import Condition, Standing
from registry.cli import efa_verify
from registry.cli.origin import new_origin
from registry.db import connected
from registry.db.embedded import EmbeddedPostgres
from registry.errors import SetupProblem
from registry.settings import Settings
from tests.audit.signed import grow, record, sign_events
from tests.client import open_client


@pytest.fixture
async def restored(cluster: EmbeddedPostgres, empty_settings: Settings) -> AsyncIterator[Settings]:
    """A log of 9 events brought back as it was at 5."""
    await grow(empty_settings, 5)
    name = empty_settings.database_url.rpartition("/")[2].partition("?")[0]
    admin = await asyncpg.connect(cluster.dsn("postgres", "postgres"))
    await admin.execute(f"create database {name}_old owner efa_owner template {name}")
    await grow(empty_settings, 4)
    yield msgspec.structs.replace(
        empty_settings,
        database_url=cluster.dsn("efa_app", f"{name}_old"),
        owner_url=cluster.dsn("efa_owner", f"{name}_old"),
        sequencer_url=cluster.dsn("efa_sequencer", f"{name}_old"),
        reader_url=cluster.dsn("efa_reader", f"{name}_old"),
    )
    await admin.execute(f"drop database {name}_old with (force)")
    await admin.close()


async def _standing(settings: Settings) -> Standing:
    return await Condition().examine_database(settings)


async def _sequence(settings: Settings, seconds: float) -> None:
    task = asyncio.create_task(Sequencer(settings, Condition()).run())
    await asyncio.sleep(seconds)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_database_that_goes_on_is_fine(empty_settings: Settings) -> None:
    assert await _standing(empty_settings) == "fine"
    await grow(empty_settings, 3)
    assert await _standing(empty_settings) == "fine"
    await record(empty_settings, 1)
    conn = await sequencer_connection(empty_settings)
    await number_all(conn)
    await conn.close()
    assert await _standing(empty_settings) == "fine", "ahead of what was signed is no harm"


async def test_an_older_database_is_behind_and_not_signed(restored: Settings) -> None:
    assert await _standing(restored) == "behind"
    await record(restored, 1)
    await _sequence(restored, 0.5)
    async with connected(restored.owner_url) as owner:
        assert await owner.fetchval("select max(size) from log_heads") == 5
    assert read_checkpoint(mark_path(restored).read_text()).size == 9


async def test_other_events_under_the_same_numbers_are_a_fork(restored: Settings) -> None:
    await record(restored, 7)
    conn = await sequencer_connection(restored)
    await number_all(conn)
    await conn.close()
    assert await _standing(restored) == "forked"


async def test_another_key_does_not_sign_the_log(empty_settings: Settings) -> None:
    await grow(empty_settings, 2)
    key_path(empty_settings).unlink()
    assert await _standing(empty_settings) == "other-key"


async def test_a_damaged_mark_stops_the_start(empty_settings: Settings) -> None:
    await grow(empty_settings, 2)
    mark_path(empty_settings).write_text("?")
    with pytest.raises(SetupProblem, match="damaged"):
        await _standing(empty_settings)


async def test_changes_are_refused_and_reading_works_until_a_new_origin(
    restored: Settings, tmp_path: Path
) -> None:
    old = str(signers(restored)[0].verifier)
    old_note = mark_path(restored).read_text()
    async with open_client(restored, sequencing=True) as client:
        refused = await client.http.post("/v1/reuses", json={})
        assert refused.status_code == 401, "strangers learn nothing new"
        admin = await client.http.get("/readyz")
        assert admin.json() == {"status": "read-only"}
        assert (await client.get("/v1/events")).status_code == 200
    new = await asyncio.to_thread(new_origin, restored)
    assert await _standing(restored) == "fine"
    await grow(restored, 1)
    async with open_client(restored) as client:
        keys = (await client.get("/v1/log/keys")).json()["items"]
        assert [key["verifier_key"] for key in keys] == [old, new]
        events = (await client.get("/v1/events?after=5&limit=1")).json()["items"]
        assert events[0]["data"] == {"verifier_key": new, "old_checkpoint": old_note}
        (tmp_path / "export").write_bytes((await client.get("/v1/log/export")).content)
    assert efa_verify.verify([str(tmp_path / "export")], [new], "en")[0] == 0
    assert efa_verify.verify([str(tmp_path / "export")], [old, new], "en")[0] == 0
    with pytest.raises(SetupProblem, match="in order"):
        await asyncio.to_thread(new_origin, restored)


async def test_a_change_meets_a_clear_refusal(settings: Settings) -> None:
    await sign_events(settings)
    key = signers(settings)[0]
    beyond = Checkpoint(key.name, 10**9, bytes(32)).signed([key])
    Mark(mark_path(settings)).write(beyond)
    async with open_client(settings, sequencing=True) as client:
        admin = await client.as_admin()
        headers = {"Authorization": f"Bearer {admin.token}", "Accept-Language": "en"}
        refused = await client.http.put("/v1/services/x", json={}, headers=headers)
        assert (refused.status_code, refused.json()["type"]) == (503, "/problems/log-behind")
        assert "behind" in refused.json()["detail"]
        assert (await client.http.get("/metrics")).text.count("efa_log_behind 1.0") == 1
    Condition().set("fine")
