"""The entry point: one group, one function a command; refusals become one line and an exit code."""

import os
import sys
import traceback
from functools import cached_property
from pathlib import Path

import click

from registry import __version__
from registry.cli import (
    backups,
    erasing,
    installation,
    intake,
    mistyped,
    rebuild,
    reconcile,
    schemas,
    serve,
    tokens,
    upkeep,
)
from registry.cli.checking.commands import COMMANDS
from registry.cli.checking.options import LANGUAGE, asked_for
from registry.cli.checking.words import preferred, say
from registry.cli.help import speak
from registry.cli.load import load
from registry.cli.log import log_group
from registry.cli.projections import rebuild_projections
from registry.cli.reading import UnreadableFiles
from registry.compatibility.rules import Language
from registry.db import CONNECTION_LOST
from registry.db.roles import ROLES_SQL
from registry.db.upgrade import upgrade_data
from registry.errors import NotAuthenticated, NotYours, Refusal, SetupProblem
from registry.resources import folder as resource_folder
from registry.settings import Settings, read_settings


class Context:
    """What every command starts from; the settings are read where a command needs them."""

    @cached_property
    def settings(self) -> Settings:
        return read_settings(os.environ)


@click.group()
@click.version_option(__version__, prog_name="efa")
@LANGUAGE
@click.pass_context
def efa(ctx: click.Context, lang: Language | None) -> None:  # noqa: ARG001 - commands ask for it
    """The EfA registry."""
    ctx.obj = Context()


@efa.command("serve")
@click.option("--host", default=None, help="Address to listen on (EFA_HOST).")
@click.option("--port", type=click.IntRange(0, 65535), default=None, help="Port (EFA_PORT).")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=None, help="Processes (EFA_WORKERS)."
)
@click.option("--demo", is_flag=True, help="Also load the fictitious Land with key 99.")
@click.pass_obj
def serve_command(
    ctx: Context, host: str | None, port: int | None, workers: int | None, demo: bool
) -> None:
    """Migrate, load what is missing, and serve."""
    settings = installation.override(ctx.settings, host=host, port=port, workers=workers)
    serve.run(settings, demo=demo)


@efa.command("migrate")
@click.option(
    "--print-roles", is_flag=True, help="Print the SQL that makes the four roles, and stop."
)
@click.pass_obj
def migrate_command(ctx: Context, print_roles: bool) -> None:
    """Bring the database up to date."""
    if print_roles:
        click.echo(ROLES_SQL)
        return
    if ctx.settings.database_url and not ctx.settings.owner_url:
        raise SetupProblem("Migrating needs the owner's address: set EFA_OWNER_URL.")
    with installation.running(ctx.settings) as settings:
        applied = installation.migrate_now(settings)
    click.echo(f"{len(applied)} migrations applied." if applied else "The database is up to date.")


@efa.command("upgrade-data")
@click.option(
    "--old-bin",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The bin folder of the PostgreSQL that made the data, if it is not kept beside them.",
)
@click.pass_obj
def upgrade_data_command(ctx: Context, old_bin: Path | None) -> None:
    """Bring the embedded data to the PostgreSQL of this program."""
    old_data = upgrade_data(
        ctx.settings.data_path / "postgres",
        bin_dir=Path(ctx.settings.postgres_bin) if ctx.settings.postgres_bin else None,
        old_bin=old_bin,
        report=lambda done: click.echo(f"{done} …", err=True),
    )
    kept = f"The data are upgraded; the old ones stay in {old_data} until you remove them."
    click.echo(kept if old_data else "The data are from this PostgreSQL already.")


@efa.command("load")
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False
)
@click.option("--demo", is_flag=True, help="Also load the fictitious Land with key 99.")
@click.pass_obj
def load_command(ctx: Context, folder: Path | None, demo: bool) -> None:
    """Load reference data and the services of FOLDER. The same again changes nothing."""
    with installation.running(ctx.settings) as settings:
        installation.migrate_now(settings)
        outcome = load(settings, folder=folder, demo=demo)
    click.echo(f"{outcome.loaded} sources loaded, {outcome.unchanged} as they were.")


@efa.command("rebuild")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--projections", is_flag=True, help="Make anew what is derived from the history.")
@click.option("--keep-tokens", is_flag=True, help="Let the tokens of FILE count on.")
@click.pass_obj
def rebuild_command(ctx: Context, file: Path | None, projections: bool, keep_tokens: bool) -> None:
    """Fill an empty database from an exported log, or derive anew.

    FILE was written by `efa log export`. Which tokens were taken back after that it cannot know:
    none of it counts any more, or with --keep-tokens all of them, those too.
    """
    if projections == (file is not None) or (projections and keep_tokens):
        raise click.UsageError(say("usage", "file-or-projections", asked_for()))
    with installation.running(ctx.settings) as settings:
        installation.migrate_now(settings)
        if file is None:
            rebuild_projections(settings)
            click.echo("All projections are made anew.")
        else:
            events = rebuild.rebuild(settings, file, keeps_tokens=keep_tokens)
            click.echo(f"{events} events replayed; {_of_tokens(kept=keep_tokens)}.")


def _of_tokens(*, kept: bool) -> str:
    if kept:
        return "tokens taken back after the export count again"
    return "no token of it counts, `efa serve` prints a new one of the operator"


@efa.command("reconcile")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--within", default=None, help="Only within the territory of this regional key.")
@LANGUAGE
@click.pass_obj
def reconcile_command(ctx: Context, file: Path, within: str | None, lang: Language | None) -> None:
    """Compare FILE, an export of Open-PVOG, with what is recorded.

    FILE is CSV or JSON.
    """
    with installation.running(ctx.settings) as settings:
        installation.migrate_now(settings)
        told = reconcile.reconcile_file(settings, file, within)
    language = lang or preferred()
    for mismatch in told.mismatches:
        click.echo(reconcile.line(mismatch, language))
    click.echo(reconcile.whole(told, language))
    sys.exit(1 if told.mismatches else 0)


@efa.command("schemas")
@click.option("--write", is_flag=True, help="Bring the files in line with the program.")
def schemas_command(write: bool) -> None:
    """Say which files of schemas/ the program has otherwise."""
    folder = resource_folder("schemas")
    if write:
        schemas.write(folder)
    if differing := schemas.drifted(folder):
        click.echo(
            f"Not as the program has them: {', '.join(differing)}; run `efa schemas --write`."
        )
        sys.exit(1)
    click.echo("The formats are as the program has them.")


for command in (
    *COMMANDS,
    erasing.erase_command,
    *backups.COMMANDS,
    *upkeep.COMMANDS,
    *intake.COMMANDS,
    *tokens.COMMANDS,
    log_group,
):
    efa.add_command(command)


def main() -> None:
    """Run `efa`; a refusal is one line on standard error."""
    speak(efa, mistyped.language_of(sys.argv))
    try:
        efa(prog_name="efa", standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        click.echo(mistyped.told(error, mistyped.language_of(sys.argv)), err=True)
        sys.exit(2)
    except UnreadableFiles as error:
        click.echo(f"{error}\nefa: {error.consequence}", err=True)
        sys.exit(2)
    except (SetupProblem, NotAuthenticated, NotYours) as refusal:
        click.echo(f"efa: {refusal}", err=True)
        sys.exit(3)
    except Refusal as refusal:
        click.echo(f"efa: {refusal}", err=True)
        sys.exit(2)
    except CONNECTION_LOST as error:
        click.echo(f"efa: {error or type(error).__name__}", err=True)
        sys.exit(2 if getattr(error, "filename", None) else 3)
    except Exception:  # noqa: BLE001 - a defect of ours must not look like findings (1)
        traceback.print_exc()
        sys.exit(2)
