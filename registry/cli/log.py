"""`efa log`: the log as a file, its key, and the check of what it signed."""

import sys
from pathlib import Path
from typing import Any

import click

from registry.audit.keys import signers
from registry.cli import database_check, efa_verify, installation, origin, rebuild
from registry.cli.checking.words import say
from registry.compatibility.rules import Language


@click.group("log")
def log_group() -> None:
    """The log of all changes."""


@log_group.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export_command(ctx: Any, file: Path) -> None:
    """Write the whole log to FILE, from which `efa rebuild` makes the same database again."""
    with installation.running(ctx.settings) as settings:
        events = rebuild.export_log(settings, file)
    click.echo(f"{events} events written to {file}.")


@log_group.command("key")
@click.pass_obj
def key_command(ctx: Any) -> None:
    """Print the public key of the log.

    Publish it where the registry itself cannot change it.
    """
    click.echo(str(signers(ctx.settings)[0].verifier))


@log_group.command("new-origin")
@click.pass_obj
def new_origin_command(ctx: Any) -> None:
    """Go on under a new name and key after an older database was brought back.

    The old name would contradict what it signed. The first event under the new one names the last
    checkpoint of the old one.
    """
    with installation.running(ctx.settings) as settings:
        key = origin.new_origin(settings)
    click.echo(f"The log goes on as {key}; publish this key. It is read anew within half a minute.")


@log_group.command("verify")
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--database", is_flag=True, help="Check the database of this installation.")
@click.option("--key", "keys", multiple=True, required=True, help="The public key of the log.")
@click.option(
    "--lang",
    type=click.Choice(efa_verify.LANGUAGES),
    default="de",
    show_default=True,
    help="Language.",
)
@click.pass_obj
def verify_command(
    ctx: Any, files: tuple[str, ...], database: bool, keys: tuple[str, ...], lang: Language
) -> None:
    """Check receipts, checkpoints, exports and answers with proof, offline.

    Several files must agree. The same check runs elsewhere as the single file efa_verify.py. With
    --database each row of the database is compared with what the events say.
    """
    if database == bool(files):
        raise click.UsageError(say("usage", "files-or-database", lang))
    if database:
        with installation.running(ctx.settings) as settings:
            status, lines = database_check.check_database(settings, keys, lang)
    else:
        status, lines = efa_verify.verify(list(files), list(keys), lang)
    click.echo("\n".join(lines), err=status > 0)
    sys.exit(status)
