"""Migrations: applied once, in order, by any number of starting processes; never edited later."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.db import connect, migrations
from registry.db.migrations import known_migrations, migrate, require_up_to_date
from registry.errors import SetupProblem
from registry.settings import Settings


def _always(path: Path) -> Callable[[str], Path]:
    return lambda _name: path


async def _reset(settings: Settings) -> None:
    conn = await connect(settings.owner_url)
    await conn.execute("drop schema public cascade; create schema public")
    await conn.close()


async def test_two_processes_starting_at_once_both_succeed(empty_settings: Settings) -> None:
    await _reset(empty_settings)
    applied = await asyncio.gather(*(migrate(empty_settings.owner_url) for _ in range(3)))
    names = [migration.name for migration in known_migrations()]
    assert sorted(applied, key=len) == [[], [], names]


async def test_a_second_run_applies_nothing(empty_settings: Settings) -> None:
    assert await migrate(empty_settings.owner_url) == []


async def test_an_edited_file_stops_the_start(
    empty_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for migration in known_migrations():
        (tmp_path / f"{migration.name}.sql").write_text(migration.text + "-- edited\n")
    monkeypatch.setattr(migrations, "folder", _always(tmp_path))
    with pytest.raises(SetupProblem, match="edited"):
        await migrate(empty_settings.owner_url)


async def test_a_database_ahead_of_the_program_is_refused(
    empty_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "folder", _always(tmp_path))
    with pytest.raises(SetupProblem, match="lacks"):
        await migrate(empty_settings.owner_url)


async def test_a_database_behind_the_program_is_not_served(
    empty_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for migration in known_migrations():
        (tmp_path / f"{migration.name}.sql").write_text(migration.text)
    (tmp_path / "9999_new.sql").write_text("select 1")
    monkeypatch.setattr(migrations, "folder", _always(tmp_path))
    conn = await connect(empty_settings.database_url)
    with pytest.raises(SetupProblem, match="9999_new"):
        await require_up_to_date(conn)
    await conn.close()


async def test_an_empty_database_is_told_to_be_migrated(empty_settings: Settings) -> None:
    await _reset(empty_settings)
    conn = await connect(empty_settings.owner_url)
    with pytest.raises(SetupProblem, match="efa migrate"):
        await require_up_to_date(conn)
    await conn.close()


async def test_a_file_added_before_an_applied_one_stops_the_start(
    empty_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for migration in known_migrations():
        (tmp_path / f"{migration.name}.sql").write_text(migration.text)
    (tmp_path / "0000_late.sql").write_text("select 1")
    monkeypatch.setattr(migrations, "folder", _always(tmp_path))
    with pytest.raises(SetupProblem, match="0000_late comes before"):
        await migrate(empty_settings.owner_url)


async def test_a_failing_migration_leaves_nothing_behind(
    empty_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for migration in known_migrations():
        (tmp_path / f"{migration.name}.sql").write_text(migration.text)
    (tmp_path / "9999_new.sql").write_text("create table half (a int); select nonsense")
    monkeypatch.setattr(migrations, "folder", _always(tmp_path))
    with pytest.raises(Exception, match="nonsense"):
        await migrate(empty_settings.owner_url)
    conn = await connect(empty_settings.owner_url)
    assert await conn.fetchval("select to_regclass('half')") is None
    await conn.close()
