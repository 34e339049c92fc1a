"""That all of the database was read out, private rows too, is an event of its own."""

from uuid import UUID

import msgspec

from registry.audit import Replay
from registry.db import Tx


class ExportFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `cli.write_log`: in which format the whole log was read."""

    format: str


class BackupFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `cli.write_backup`: by which program the whole database was read."""

    program: str


async def apply_reading(_tx: Tx, _event_id: UUID, _facts: ExportFacts | BackupFacts) -> None:
    """Nothing but the event itself tells of it."""


REPLAY = {
    "cli.write_log": Replay(ExportFacts, apply_reading),
    "cli.write_backup": Replay(BackupFacts, apply_reading),
}
