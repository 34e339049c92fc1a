"""`efa reconcile`: an export of Open-PVOG against the ledger of this installation."""

import asyncio
from pathlib import Path

from registry.audit import moment
from registry.cli.checking.words import say, shown
from registry.compatibility.rules import Language
from registry.db import connected
from registry.reports.reconciliation import ExportRow, Mismatch, Reconciled, read_export, reconcile
from registry.reports.store.coverage import Scope
from registry.reports.store.reconciliation import declared
from registry.settings import Settings


def reconcile_file(settings: Settings, file: Path, within: str | None) -> Reconciled:
    """Everything on which the file and the ledger disagree today."""
    rows = [row for row in read_export(file.read_bytes()) if row.ars.startswith(within or "")]
    return asyncio.run(_reconciled(settings, rows, within))


async def _reconciled(settings: Settings, rows: list[ExportRow], within: str | None) -> Reconciled:
    async with connected(settings.database_url) as conn:
        at = await moment(conn, None, None)
        scope = Scope(at=at, service=None, within=within, demo=False)
        return reconcile(rows, await declared(conn, scope))


def line(mismatch: Mismatch, language: Language) -> str:
    """One mismatch as one line of text."""
    told = (mismatch.service, mismatch.organisation, mismatch.procedure, mismatch.ars, mismatch.url)
    return say(
        "reconcile",
        "found",
        language,
        place=say("reconcile", "place", language, row=mismatch.row) if mismatch.row else "",
        kind=say("reconcile", mismatch.kind, language),
        guess=say("reconcile", "guess", language) if mismatch.guess else "",
        told=" ".join(shown(part) for part in told if part),
    )


def whole(told: Reconciled, language: Language) -> str:
    """The sum of it in one line."""
    counts = {"rows": told.rows, "matched": told.matched, "mismatches": len(told.mismatches)}
    return say("reconcile", "whole", language, **counts)
