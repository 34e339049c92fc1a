"""Whether the database continues what was signed before; where it does not, nothing is changed.

A database brought back from an older backup would give the numbers it has already given to other
events. The last checkpoint, kept outside it, tells.
"""

from collections.abc import Sequence
from typing import Any, Literal

import structlog
from prometheus_client import Gauge

from registry.audit import tree_store
from registry.audit.keys import Mark, mark_path, signers
from registry.audit.model import LogBehind
from registry.audit.notes import Checkpoint, Signer
from registry.audit.proofs import root_at
from registry.db import Query, connected
from registry.settings import Settings

Standing = Literal["fine", "behind", "forked", "other-key", "restored"]

_BEHIND = Gauge("efa_log_behind", "1 while the database does not continue what was signed")
_log: Any = structlog.get_logger()


async def standing_of(db: Query, signed: Checkpoint | None, signing: Sequence[Signer]) -> Standing:
    """How the log in the database stands to what was signed last, and to the keys here."""
    key = await tree_store.verifier_key(db)
    if key is not None and key != str(signing[0].verifier):
        return "other-key"
    if signed is not None and await tree_store.last_seal(db) < signed.size:
        return "behind"
    if signed is not None and await root_at(db, signed.size) != signed.root:
        return "forked"
    return "restored" if await _may_lack_what_was_signed(db, signed) else "fine"


async def _may_lack_what_was_signed(db: Query, signed: Checkpoint | None) -> bool:
    """Whether it was brought back, and no mark shows that nothing was signed beyond it."""
    if not await tree_store.was_restored(db):
        return False
    head = await tree_store.last_head(db)
    return head is not None and (signed is None or signed.size < head.size)


class Condition:
    """What is known in this process; other than fine, it is read-only."""

    def __init__(self) -> None:
        self.standing: Standing = "fine"

    async def examine(self, db: Query, settings: Settings) -> Standing:
        """Compare the database with the files of this installation."""
        mark = Mark(mark_path(settings))
        self.set(await standing_of(db, mark.read(), signers(settings)))
        return self.standing

    def set(self, standing: Standing) -> None:
        """Keep it, and raise the alarm when it is not fine."""
        self.standing = standing
        _BEHIND.set(standing != "fine")
        if standing != "fine":
            _log.error("log-behind", standing=standing, remedy="see README, A backup brought back")

    async def examine_database(self, settings: Settings) -> Standing:
        """The same before a server runs; only where a sequencer may."""
        if settings.sequencer_url or settings.owner_url:
            async with connected(settings.database_url) as conn:
                await self.examine(conn, settings)
        return self.standing

    def require_fine(self) -> None:
        """Refuse a change while the log cannot go on."""
        if self.standing != "fine":
            raise LogBehind(standing=self.standing)
