import asyncio
from pathlib import Path

import pytest

from registry.audit.export import UnreadableLog, read_log
from registry.cli.load import load_all
from registry.cli.rebuild import REPLAY, export_log, rebuild, write_log
from registry.cli.serve import first_token
from registry.db import Connection, begin, connect
from registry.errors import SetupProblem
from registry.identity.actions import create_token
from registry.identity.operator import OPERATOR, operator
from registry.organisations.model import organisation_id
from registry.settings import Settings
from tests.client import open_client
from tests.templates import number_events

TABLES = """
select table_name from information_schema.columns
where column_name = 'event_id' and table_schema = 'public'
  and table_name in (select tablename from pg_tables where schemaname = 'public')
"""
DIGEST = "select count(*), md5(string_agg(md5(t::text), '' order by md5(t::text))) from TABLE t"


async def _digests(owner: Connection) -> dict[str, tuple[int, str | None]]:
    names = {row[0] for row in await owner.fetch(TABLES)} | {
        "events",
        "blobs",
        "checkpoints",
        "log_late",
    }
    digests: dict[str, tuple[int, str | None]] = {}
    for name in sorted(names):
        row = await owner.fetchrow(DIGEST.replace("TABLE", name))
        assert row is not None
        digests[name] = (row[0], row[1])
    return digests


async def digests_of(settings: Settings) -> dict[str, tuple[int, str | None]]:
    owner = await connect(settings.owner_url)
    try:
        return await _digests(owner)
    finally:
        await owner.close()


async def _fill(settings: Settings) -> None:
    """All the program brings, events out of order, private ones, and some without a number."""
    late, conn = await connect(settings.database_url), await connect(settings.database_url)
    async with begin(late, operator()) as tx:
        await create_token(tx, organisation_id(OPERATOR), ["reuse"], kind="test", days=1, note="")
        await load_all(settings.database_url, None, demo=True)
        await number_events(settings)
    await late.close()
    await number_events(settings)
    async with begin(conn, operator()) as tx:
        await create_token(tx, organisation_id(OPERATOR), ["reuse"], kind="test", days=1, note="")
    await conn.close()


def test_a_rebuilt_database_equals_the_original(
    settings: Settings, empty_settings: Settings, tmp_path: Path
) -> None:
    asyncio.run(_fill(settings))
    file = tmp_path / "log.ndjson"
    events = export_log(settings, file)
    assert rebuild(empty_settings, file) == events
    original = asyncio.run(digests_of(settings))
    assert asyncio.run(digests_of(empty_settings)) == original
    assert original["log_late"][0] == 1
    assert all(count for name, (count, _) in original.items() if name.startswith("service"))


def test_a_rebuilt_database_goes_on(
    settings: Settings, empty_settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "log.ndjson"
    export_log(settings, file)
    rebuild(empty_settings, file)
    asyncio.run(_fill(empty_settings))


@pytest.mark.parametrize("keeps", [False, True])
def test_a_token_taken_back_after_the_export_counts_only_where_tokens_are_kept(
    settings: Settings, empty_settings: Settings, tmp_path: Path, keeps: bool
) -> None:
    """One taken back before it never does."""
    before, after = asyncio.run(_tokens(settings))
    asyncio.run(_take_back(settings, before))
    export_log(settings, tmp_path / "log")
    asyncio.run(_take_back(settings, after))
    rebuild(empty_settings, tmp_path / "log", keeps_tokens=keeps)
    expected = [401, 200] if keeps else [401, 401]
    assert asyncio.run(_answers(empty_settings, before, after)) == expected
    fresh = asyncio.run(first_token(empty_settings))
    assert (fresh is None) is keeps, "the operator gets a new one where none counts"
    if fresh:
        assert asyncio.run(_answers(empty_settings, fresh)) == [200]


async def _tokens(settings: Settings) -> tuple[str, str]:
    async with open_client(settings) as client:
        return (await client.as_admin()).token, (await client.as_admin()).token


async def _take_back(settings: Settings, token: str) -> None:
    async with open_client(settings) as client:
        admin = client.with_token(token)
        own = (await admin.get("/v1/me")).json()["token"]
        assert (await admin.delete(f"/v1/tokens/{own}")).status_code == 200
    assert await _answers(settings, token) == [401]


async def _answers(settings: Settings, *tokens: str) -> list[int]:
    async with open_client(settings) as client:
        return [(await client.with_token(one).get("/v1/me")).status_code for one in tokens]


def test_only_an_empty_database_is_rebuilt(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    export_log(settings, file)
    with pytest.raises(SetupProblem, match="not empty"):
        rebuild(settings, file)


def test_an_export_overwrites_nothing(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    file.write_text("mine")
    with pytest.raises(SetupProblem, match="File exists"):
        export_log(settings, file)
    assert file.read_text() == "mine"


def test_a_log_cut_short_or_changed_is_refused(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    export_log(settings, file)
    lines = file.read_bytes().splitlines()
    with pytest.raises(UnreadableLog, match="too early"):
        list(read_log(lines[:-1]))
    with pytest.raises(UnreadableLog, match="out of place"):
        list(read_log(lines[1:]))
    at = next(i for i, line in enumerate(lines) if line.startswith(b'{"line":"event"'))
    lines[at] = lines[at].replace(b'"facts":{', b'"facts":{"more":1,', 1)
    with pytest.raises(UnreadableLog, match=f"line={at + 1}.*commit"):
        list(read_log(lines))


def test_a_failed_rebuild_leaves_nothing(
    settings: Settings, empty_settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "log.ndjson"
    export_log(settings, file)
    file.write_bytes(b"\n".join(file.read_bytes().splitlines()[:-1]))
    with pytest.raises(UnreadableLog):
        rebuild(empty_settings, file)
    counts = asyncio.run(digests_of(empty_settings))
    assert {count for count, _ in counts.values()} == {0}


async def test_an_export_is_recorded_since_it_holds_what_is_private(
    settings: Settings,
) -> None:
    conn = await connect(settings.database_url)
    written: list[bytes] = []
    await write_log(conn, written.append)
    await conn.close()
    assert b'"action":"cli.write_log"' in b"".join(written)


async def test_every_recorded_action_can_be_replayed(settings: Settings) -> None:
    await load_all(settings.database_url, None, demo=True)
    owner = await connect(settings.owner_url)
    recorded = {row[0] for row in await owner.fetch("select distinct action from events")}
    await owner.close()
    assert recorded <= REPLAY.keys()
