"""Backups of a served registry, and what becomes of a database that was brought back from one."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import msgspec
import pytest

from registry.audit.keys import key_path, mark_path
from registry.audit.sequencer import Sequencer
from registry.audit.standing import Condition
from registry.cli.backups import bring_back
from registry.cli.origin import new_origin
from registry.cli.serve import first_token
from registry.db import connected
from registry.db.embedded import EmbeddedPostgres
from registry.settings import Settings
from tests.audit.signed import sign_events
from tests.cli.test_rebuild import digests_of
from tests.cli.typed import Efa
from tests.client import open_client


@contextmanager
def _another(cluster: EmbeddedPostgres, settings: Settings, name: str) -> Generator[Settings]:
    """An empty database beside, with the files of the installation in the same folder."""

    async def admin(statement: str) -> None:
        conn = await asyncpg.connect(cluster.dsn("postgres", "postgres"))
        await conn.execute(statement)
        await conn.close()

    asyncio.run(admin(f"create database {name} owner efa_owner template template0"))
    yield msgspec.structs.replace(
        settings,
        database_url=cluster.dsn("efa_app", name),
        owner_url=cluster.dsn("efa_owner", name),
        sequencer_url=cluster.dsn("efa_sequencer", name),
        reader_url=cluster.dsn("efa_reader", name),
    )
    asyncio.run(admin(f"drop database {name} with (force)"))


def _environment(settings: Settings) -> dict[str, str]:
    names = ("database_url", "owner_url", "sequencer_url", "data_dir")
    return {f"EFA_{name.upper()}": getattr(settings, name) for name in names}


def _standing(settings: Settings) -> str:
    return asyncio.run(Condition().examine_database(settings))


def _record(settings: Settings, typed: Efa, file: Path) -> None:
    """An event, signed."""
    assert typed("log", "export", file, env=_environment(settings)).code == 0
    asyncio.run(sign_events(settings))


def test_a_backup_comes_back_whole_checked_and_only_read(
    typed: Efa, cluster: EmbeddedPostgres, empty_settings: Settings, tmp_path: Path
) -> None:
    settings = empty_settings
    _record(settings, typed, tmp_path / "a")
    ran = typed("backup", tmp_path / "b", env=_environment(settings))
    assert (ran.code, ran.err) == (0, "")
    assert {path.name for path in (tmp_path / "b").iterdir()} == {"database.dump", "backup.json"}
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0, "it holds what is private"
    original = asyncio.run(digests_of(settings))
    _record(settings, typed, tmp_path / "c")
    with _another(cluster, settings, "brought_back") as restored:
        _what_is_no_backup_or_a_damaged_one_is_refused(typed, restored, tmp_path)
        ran = typed(
            "restore", tmp_path / "b", "--keep-tokens", "--lang", "en", env=_environment(restored)
        )
        assert ran.code == 0, ran.err
        assert "All is right." in ran.out
        assert "only read (behind) until `efa log new-origin`" in ran.err
        assert asyncio.run(digests_of(restored)) == original
        asyncio.run(_sequence(restored))
        assert asyncio.run(_last_signed(restored)) == asyncio.run(_last_signed(settings)) - 2
        again = typed("restore", tmp_path / "b", "--keep-tokens", env=_environment(restored))
        assert again.code == 3
        assert "not empty" in again.err


def _what_is_no_backup_or_a_damaged_one_is_refused(
    typed: Efa, settings: Settings, folder: Path
) -> None:
    def refused(backup: str) -> str:
        ran = typed("restore", folder / backup, "--keep-tokens", env=_environment(settings))
        assert ran.code == 3, ran.err
        return ran.err

    (folder / "nothing").mkdir()
    assert "is no backup" in refused("nothing")
    dump = folder / "b" / "database.dump"
    whole = dump.read_bytes()
    dump.write_bytes(whole[:-1])
    assert "is damaged" in refused("b")
    dump.write_bytes(whole)
    key_path(settings).rename(folder / "key")
    assert "no key of the log" in refused("b")
    (folder / "key").rename(key_path(settings))
    assert "there already" in typed("backup", folder / "b", env=_environment(settings)).err


async def _sequence(settings: Settings) -> None:
    task = asyncio.create_task(Sequencer(settings, Condition()).run())
    await asyncio.sleep(0.3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _last_signed(settings: Settings) -> int:
    async with connected(settings.owner_url) as owner:
        return await owner.fetchval("select max(size) from log_heads")


def test_who_was_let_in_by_a_backup_is_asked_of_the_operator(
    typed: Efa, cluster: EmbeddedPostgres, settings: Settings, tmp_path: Path
) -> None:
    """The backup does not know which tokens were taken back, and sessions ended, after it."""
    settings = msgspec.structs.replace(settings, public_url="https://registry.example")
    token, session = asyncio.run(_let_in(settings))
    assert typed("backup", tmp_path / "b", env=_environment(settings)).code == 0
    asyncio.run(_take_back(settings, token, session))
    ran = typed("restore", tmp_path / "b", env=_environment(settings))
    assert (ran.code, "say --end-tokens" in ran.err) == (2, True)
    with _another(cluster, settings, "kept") as restored:
        bring_back(restored, tmp_path / "b", keeps_tokens=True)
        assert asyncio.run(_answers(restored, token, session)) == (200, 401)
        assert asyncio.run(first_token(restored)) is None
    with _another(cluster, settings, "ended") as restored:
        bring_back(restored, tmp_path / "b", keeps_tokens=False)
        assert asyncio.run(_answers(restored, token, session)) == (401, 401)
        fresh = asyncio.run(first_token(restored)) or ""
        assert asyncio.run(_answers(restored, fresh, session)) == (200, 401)
        assert asyncio.run(first_token(restored)) is None
        asyncio.run(_require_shown_as_ended(restored, fresh, token))


async def _let_in(settings: Settings) -> tuple[str, str]:
    """A token and a session of the operator."""
    async with open_client(settings) as client:
        person = await client.as_person("betreiber", "admin")
        session = person.browser["Cookie"].partition("=")[2]
        return (await client.as_admin()).token, session


async def _take_back(settings: Settings, token: str, session: str) -> None:
    async with open_client(settings) as client:
        admin = client.with_token(token)
        own = (await admin.get("/v1/me")).json()["token"]
        number = (await (await client.in_browser(session)).get("/v1/me")).json()["person"]
        assert (await admin.delete(f"/v1/persons/{number}/sessions", events=0)).status_code == 200
        assert (await admin.delete(f"/v1/tokens/{own}")).status_code == 200
    assert await _answers(settings, token, session) == (401, 401)


async def _answers(settings: Settings, token: str, session: str) -> tuple[int, int]:
    """What a token and a session are answered."""
    async with open_client(settings) as client:
        cookie = {"Cookie": f"__Host-efa-session={session}"}
        by_session = await client.get("/v1/me", headers=cookie)
        return (await client.with_token(token).get("/v1/me")).status_code, by_session.status_code


async def _require_shown_as_ended(settings: Settings, fresh: str, ended: str) -> None:
    async with open_client(settings) as client:
        admin = client.with_token(fresh)
        assert len((await admin.get("/v1/tokens")).json()["items"]) == 1
        (old,) = (await admin.get("/v1/tokens?ended=true")).json()["items"][1:]
        assert old["revoked_at"] is not None
        again = await admin.post(f"/v1/tokens/{old['id']}/rotation", json={})
        assert again.status_code == 409
        report = await client.post("/v1/token-reports", json={"token": ended})
        assert report.status_code < 300


def test_without_the_mark_nobody_knows_what_was_signed_beyond_a_backup(
    typed: Efa, cluster: EmbeddedPostgres, empty_settings: Settings, tmp_path: Path
) -> None:
    _record(empty_settings, typed, tmp_path / "a")
    assert typed("backup", tmp_path / "b", env=_environment(empty_settings)).code == 0
    with _another(cluster, empty_settings, "unmarked") as restored:
        bring_back(restored, tmp_path / "b", keeps_tokens=True)
        assert _standing(restored) == "fine", "the mark shows that nothing is missing"
        mark = mark_path(restored).read_text()
        mark_path(restored).unlink()
        assert _standing(restored) == "restored"
        mark_path(restored).write_text(mark)
        assert _standing(restored) == "fine"
        mark_path(restored).unlink()
        new_origin(restored)
        assert _standing(restored) == "fine"
        mark_path(restored).unlink()
        assert _standing(restored) == "fine", "the log went on"


def test_a_backup_whose_rows_were_changed_comes_back_with_a_finding(
    typed: Efa, cluster: EmbeddedPostgres, empty_settings: Settings, tmp_path: Path
) -> None:
    _record(empty_settings, typed, tmp_path / "a")
    asyncio.run(_load_something(empty_settings))
    assert typed("backup", tmp_path / "b", env=_environment(empty_settings)).code == 0
    told = json.loads((tmp_path / "b" / "backup.json").read_text())
    assert told["checkpoint"].splitlines()[1] == "1"
    with _another(cluster, empty_settings, "changed") as restored:
        ran = typed(
            "restore", tmp_path / "b", "--keep-tokens", "--lang", "en", env=_environment(restored)
        )
        assert ran.code == 1
        assert "loads" in ran.err
        assert "no event wrote this row" in ran.err


async def _load_something(settings: Settings) -> None:
    async with connected(settings.owner_url) as owner:
        await owner.execute(
            "insert into loads (event_id, source, sha256) select id, 'x', sha256('x') from events"
        )


@pytest.mark.parametrize("lang", ["de", "en"])
def test_a_backup_needs_the_owner(typed: Efa, tmp_path: Path, lang: str) -> None:
    environment = {"EFA_DATABASE_URL": "postgresql://efa_app@nowhere.invalid/efa"}
    ran = typed("backup", tmp_path / lang, env=environment)
    assert ran.code == 3
    assert "EFA_OWNER_URL" in ran.err
    assert not (tmp_path / lang).exists()
