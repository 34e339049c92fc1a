"""`efa erase`: takes out what events say of a person, and tells in the log that it did.

What stays of such an event is its leaf, in which no person is named. The erasure is an event of its
own that names the erased ones, so that facts taken out in silence are told from it.
"""

import asyncio
from typing import Any
from uuid import UUID

import click
import msgspec

from registry import audit
from registry.audit import Replay, export_store
from registry.audit import store as audit_store
from registry.cli import installation, projections, rows_store
from registry.db import Connection, Tx, begin, connected
from registry.db.failures import REFUSED
from registry.errors import SetupProblem
from registry.identity.operator import operator
from registry.settings import Settings


class EraseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `cli.erase`: of which events facts and rows were taken out, and why."""

    events: list[UUID]
    reason: str


async def apply_erase(_tx: Tx, _event_id: UUID, _facts: EraseFacts) -> None:
    """What was taken out is in no export any more."""


REPLAY = {"cli.erase": Replay(EraseFacts, apply_erase)}


@click.command("erase")
@click.argument("events", nargs=-1, type=click.UUID, metavar="[EVENT...]")
@click.option("--holding", help="Only list the events whose facts hold this text.")
@click.option("--reason", help="Why, in public: name nobody here.")
@click.pass_obj
def erase_command(
    ctx: Any, events: tuple[UUID, ...], holding: str | None, reason: str | None
) -> None:
    """Take out what EVENTs say, with all rows they wrote; it cannot be taken back.

    First list the events with --holding NAME. Backups and exports made before still hold it.
    """
    if bool(events) == bool(holding) or bool(events) != bool(reason):
        raise click.UsageError("Give EVENTs with --reason, or --holding alone.")
    with installation.running(ctx.settings) as settings:
        if not settings.owner_url:
            raise SetupProblem("Erasing needs the owner's address: set EFA_OWNER_URL.")
        if holding:
            found = asyncio.run(_holding(settings.owner_url, holding))
            click.echo("\n".join([*found, f"{len(found)} events hold it."]))
        else:
            asyncio.run(erase(settings, list(events), reason or ""))
            click.echo(f"{len(events)} events erased.")


async def _holding(owner_url: str, text: str) -> list[str]:
    async with connected(owner_url) as conn:
        return [" ".join(row) for row in await rows_store.events_holding(conn, text)]


async def erase(settings: Settings, events: list[UUID], reason: str) -> None:
    """Take out facts and rows of events, record it, and derive anew; all of it or nothing."""
    async with connected(settings.owner_url) as conn:
        try:
            async with begin(conn, operator()) as tx:
                await _erase(conn, tx, EraseFacts(events=events, reason=reason))
        except REFUSED as error:
            raise SetupProblem(f"Nothing is erased: {error}.") from None


async def _erase(conn: Connection, tx: Tx, facts: EraseFacts) -> None:
    if unknown := await rows_store.without_facts(tx, facts.events):
        raise SetupProblem(f"Nothing is erased: {unknown[0]} is no event that has facts.")
    await audit.record(tx, "cli.erase", "log/erasures", facts)
    await export_store.erase(tx, facts.events)
    await export_store.forget_contents(tx, await rows_store.unnamed_contents(tx))
    await projections.show_everything(conn)
    await audit_store.tell_erased(tx)
