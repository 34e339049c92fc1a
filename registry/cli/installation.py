"""The installation a command works on: its settings, and the embedded server where it is ours."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from registry.db import connections_needed
from registry.db.embedded import EmbeddedPostgres, address, served_by_another
from registry.db.migrations import migrate
from registry.errors import SetupProblem
from registry.settings import Settings


def override(settings: Settings, **given: Any) -> Settings:
    """The settings with what the command line gives."""
    return msgspec.structs.replace(settings, **{k: v for k, v in given.items() if v is not None})


@contextmanager
def running(settings: Settings) -> Generator[Settings]:
    """Settings whose addresses answer: beside `efa serve`, those of the server it runs."""
    embedded = settings.embedded and not settings.owner_url
    shared = served_by_another(_data_dir(settings)) if embedded else None
    if shared:
        yield _with_addresses(settings, shared)
        return
    with started(settings) as (ready, _):
        yield ready


@contextmanager
def started(settings: Settings) -> Generator[tuple[Settings, EmbeddedPostgres | None]]:
    """The same with the embedded server, started here, where no other database is named."""
    if not settings.embedded:
        yield settings, None
        return
    if settings.owner_url:
        raise SetupProblem("EFA_OWNER_URL is set but EFA_DATABASE_URL is not; set both or none.")
    bin_dir = Path(settings.postgres_bin) if settings.postgres_bin else None
    with EmbeddedPostgres(
        _data_dir(settings), bin_dir=bin_dir, connections=connections_needed(settings)
    ) as server:
        yield _with_addresses(settings, server.socket_dir), server


def _data_dir(settings: Settings) -> Path:
    return settings.data_path.absolute() / "postgres"


def _with_addresses(settings: Settings, socket_dir: Path) -> Settings:
    return override(
        settings,
        database_url=address(socket_dir, "efa_app"),
        owner_url=address(socket_dir, "efa_owner"),
        sequencer_url=address(socket_dir, "efa_sequencer"),
        reader_url=address(socket_dir, "efa_reader"),
        data_dir=str(settings.data_path),
    )


def migrate_now(settings: Settings) -> list[str]:
    """Apply what is missing; without the owner's address, another process does that."""
    if not settings.owner_url:
        return []
    return asyncio.run(migrate(settings.owner_url))
