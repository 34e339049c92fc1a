"""The installation a command works on: its settings, and the embedded server where it is ours."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from registry.db import connections_needed
from registry.db.embedded import EmbeddedPostgres
from registry.db.migrations import migrate
from registry.errors import SetupProblem
from registry.settings import Settings


def override(settings: Settings, **given: Any) -> Settings:
    """The settings with what the command line gives."""
    return msgspec.structs.replace(settings, **{k: v for k, v in given.items() if v is not None})


@contextmanager
def running(settings: Settings) -> Generator[Settings]:
    """Settings whose addresses answer; runs the embedded server when no other is named."""
    with started(settings) as (ready, _):
        yield ready


@contextmanager
def started(settings: Settings) -> Generator[tuple[Settings, EmbeddedPostgres | None]]:
    """Like `running`, with the embedded server where there is one."""
    if not settings.embedded:
        yield settings, None
        return
    if settings.owner_url:
        raise SetupProblem("EFA_OWNER_URL is set but EFA_DATABASE_URL is not; set both or none.")
    bin_dir = Path(settings.postgres_bin) if settings.postgres_bin else None
    with EmbeddedPostgres(
        settings.data_path / "postgres", bin_dir=bin_dir, connections=connections_needed(settings)
    ) as server:
        yield _with_addresses(settings, server), server


def _with_addresses(settings: Settings, server: EmbeddedPostgres) -> Settings:
    return override(
        settings,
        database_url=server.dsn("efa_app"),
        owner_url=server.dsn("efa_owner"),
        sequencer_url=server.dsn("efa_sequencer"),
        reader_url=server.dsn("efa_reader"),
        data_dir=str(settings.data_path),
    )


def migrate_now(settings: Settings) -> list[str]:
    """Apply what is missing; without the owner's address, another process does that."""
    if not settings.owner_url:
        return []
    return asyncio.run(migrate(settings.owner_url))
