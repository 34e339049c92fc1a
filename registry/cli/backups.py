"""`efa backup` and `efa restore`: all of the database into a folder, and back into an empty one.

The key that signs the log and the last signed checkpoint are no part of a backup: the first would
let whoever holds one sign, the second is what an older state is found out by.
"""

import asyncio
import hashlib
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from registry import __version__, audit
from registry.audit import tree_store
from registry.audit.keys import public_keys
from registry.audit.standing import Condition
from registry.cli import database_check, efa_verify, installation, store
from registry.cli.whole_reads import BackupFacts
from registry.db import backup, begin, connected
from registry.errors import SetupProblem
from registry.files import replace
from registry.identity import session_store
from registry.identity import store as identity
from registry.identity.operator import operator
from registry.settings import Settings

_DUMP = "database.dump"
_TOLD = "backup.json"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """`backup.json`: what the folder holds; `checkpoint` is the last that was signed in it."""

    format: Literal["efa-backup/1"]
    program: str
    taken_at: datetime
    sha256: str
    checkpoint: str | None


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@click.pass_obj
def backup_command(ctx: Any, folder: Path) -> None:
    """Write all of the database, as it is at one instant, to the new FOLDER.

    The registry may serve meanwhile. Keep log_key, log_checkpoint and secret of the data folder
    elsewhere: they are no part of it.
    """
    with installation.running(ctx.settings) as settings:
        told = back_up(settings, folder)
    size = (folder / _DUMP).stat().st_size
    click.echo(f"{size} bytes written to {folder}, {_place_in_log(told)}.")


@click.command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--key", "keys", multiple=True, help="A public key of the log; else those here.")
@click.option(
    "--keep-tokens/--end-tokens",
    "keeps_tokens",
    default=None,
    help="Whether the tokens of the backup go on to count; one of both is needed.",
)
@click.option(
    "--lang",
    type=click.Choice(efa_verify.LANGUAGES),
    default="de",
    show_default=True,
    help="Language.",
)
@click.pass_obj
def restore_command(
    ctx: Any, folder: Path, keys: tuple[str, ...], keeps_tokens: bool | None, lang: str
) -> None:
    """Bring a backup back into an empty database, and check every row of it.

    All sessions are ended. Which tokens were taken back after the backup it cannot know:
    --end-tokens lets none of it count any more, --keep-tokens all of them, those too. Until it is
    sure that nothing was signed beyond it, the database is only read: see `efa log new-origin`.
    """
    if keeps_tokens is None:
        raise click.UsageError(
            "Tokens taken back after the backup would count again: say --end-tokens, and issue all"
            " anew, or --keep-tokens, and take those back once more."
        )
    known = list(keys) or public_keys(ctx.settings)
    if not known:
        raise SetupProblem("There is no key of the log here: name it with --key.")
    told = read(folder)
    with installation.running(ctx.settings) as settings:
        bring_back(settings, folder, keeps_tokens=keeps_tokens)
        status, lines = database_check.check_database(settings, known, lang, standing=False)
        standing = asyncio.run(Condition().examine_database(settings))
    click.echo("\n".join(lines), err=status > 0)
    click.echo(f"The backup of {told.taken_at:%Y-%m-%d %H:%M %Z} is back, {_place_in_log(told)}.")
    click.echo(_of_tokens(told, keeps_tokens=keeps_tokens))
    if standing != "fine":
        click.echo(f"It is only read ({standing}) until `efa log new-origin` was run.", err=True)
    sys.exit(status)


def _of_tokens(told: Told, *, keeps_tokens: bool) -> str:
    if keeps_tokens:
        since = f"{told.taken_at:%Y-%m-%d %H:%M %Z}"
        return f"All sessions are ended. Tokens taken back since {since} count again."
    return "All sessions and tokens are ended. `efa serve` prints a new token of the operator."


def _place_in_log(told: Told) -> str:
    return f"log size {told.checkpoint.splitlines()[1]}" if told.checkpoint else "nothing signed"


def back_up(settings: Settings, folder: Path) -> Told:
    """Write a backup to a folder that is not there yet, or nothing."""
    if not settings.owner_url:
        raise SetupProblem("A backup needs the owner's address: set EFA_OWNER_URL.")
    building = folder.with_name(f"{folder.name}.part")
    try:
        if folder.exists():
            raise FileExistsError(17, "it is there already")
        building.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise SetupProblem(f"{folder} cannot be made: {error.strerror}.") from None
    try:
        told = asyncio.run(_write(settings, building))
        replace(building / _TOLD, msgspec.json.format(msgspec.json.encode(told)) + b"\n")
        building.rename(folder)
    except BaseException:
        (building / _DUMP).unlink(missing_ok=True)
        (building / _TOLD).unlink(missing_ok=True)
        building.rmdir()
        raise
    return told


async def _write(settings: Settings, folder: Path) -> Told:
    """The dump, with what is true of the same snapshot; that all is read is recorded first."""
    async with connected(settings.database_url) as conn, begin(conn, operator()) as tx:
        facts = BackupFacts(program=__version__)
        await audit.record(tx, "cli.write_backup", "log/backup", facts)
    async with (
        connected(settings.owner_url) as conn,
        conn.transaction(isolation="repeatable_read", readonly=True),
    ):
        taken_at: datetime = await store.now(conn)
        head = await tree_store.last_head(conn)
        bin_dir = Path(settings.postgres_bin) if settings.postgres_bin else None
        name = await backup.snapshot(conn)
        await asyncio.to_thread(backup.dump, settings.owner_url, folder / _DUMP, bin_dir, name)
    return Told(
        format="efa-backup/1",
        program=__version__,
        taken_at=taken_at,
        sha256=_digest(folder / _DUMP),
        checkpoint=head.note if head else None,
    )


def read(folder: Path) -> Told:
    """What a backup says of itself; refuses one that is damaged."""
    try:
        told = msgspec.json.decode((folder / _TOLD).read_bytes(), type=Told)
        if _digest(folder / _DUMP) == told.sha256:
            return told
    except (OSError, msgspec.MsgspecError) as error:
        raise SetupProblem(f"{folder} is no backup of a registry: {error}.") from None
    raise SetupProblem(f"{folder / _DUMP} is damaged: its SHA-256 is not that of {_TOLD}.")


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def bring_back(settings: Settings, folder: Path, *, keeps_tokens: bool) -> None:
    """Fill the empty database, bring it up to date, and let it say that it was brought back."""
    if not settings.owner_url:
        raise SetupProblem("Bringing back needs the owner's address: set EFA_OWNER_URL.")
    asyncio.run(backup.require_empty(settings.owner_url))
    bin_dir = Path(settings.postgres_bin) if settings.postgres_bin else None
    backup.restore(settings.owner_url, folder / _DUMP, bin_dir)
    installation.migrate_now(settings)
    asyncio.run(_say_restored(settings.owner_url, keeps_tokens=keeps_tokens))


async def _say_restored(owner_url: str, *, keeps_tokens: bool) -> None:
    async with connected(owner_url) as conn:
        await tree_store.say_restored(conn)
        async with begin(conn, operator()) as tx:
            await session_store.forget_all(tx)
            if not keeps_tokens:
                await identity.end_tokens_issued(tx)
        await store.gather_statistics(conn)


COMMANDS: Sequence[click.Command] = (backup_command, restore_command)
