"""`efa log new-origin`: the log goes on under another name after a backup was brought back.

What was signed before stays true of the old name. The first event under the new one names the last
checkpoint of the old one, so that nobody can pass the gap over in silence.
"""

import asyncio
import os
from pathlib import Path
from uuid import UUID

import msgspec

from registry import audit
from registry.audit import Replay, store, tree_store
from registry.audit.growing import ForkedLog, Grower
from registry.audit.keys import Mark, key_path, mark_path, new_signer, read_signers
from registry.audit.notes import Signer
from registry.audit.sequencer import hold_sequencing, sequencer_connection
from registry.audit.standing import Condition
from registry.db import Connection, Tx, begin, connected
from registry.errors import SetupProblem
from registry.files import replace
from registry.identity.operator import operator
from registry.settings import Settings

_LOCK_SECONDS = 15


class OriginFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `cli.begin_origin`: the key that signs from now on, the last checkpoint before."""

    verifier_key: str
    old_checkpoint: str


async def apply_begin_origin(_tx: Tx, _event_id: UUID, _facts: OriginFacts) -> None:
    """A new name of the log leaves nothing but its event."""


REPLAY = {"cli.begin_origin": Replay(OriginFacts, apply_begin_origin)}


def new_origin(settings: Settings) -> str:
    """Let the log go on under a new name and key; returns the public key."""
    return asyncio.run(_new_origin(settings))


async def _new_origin(settings: Settings) -> str:
    conn = await sequencer_connection(settings)
    try:
        await _take_lock(conn)
        if await Condition().examine(conn, settings) == "fine":
            raise SetupProblem("The log is in order; it needs no new origin.")
        signer = await _unfinished(conn, settings) or await _begin(conn, settings)
        _put_in_use(key_path(settings))
        return str(signer.verifier)
    finally:
        await conn.close()


async def _take_lock(conn: Connection) -> None:
    for _ in range(_LOCK_SECONDS):
        if await hold_sequencing(conn):
            return
        await asyncio.sleep(1)
    raise SetupProblem("The sequencer is at work, so the log goes on; it needs no new origin.")


def _pending(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


async def _unfinished(conn: Connection, settings: Settings) -> Signer | None:
    """The key of an earlier call that got as far as the database."""
    path = _pending(key_path(settings))
    signer = read_signers(path)[0] if path.exists() else None
    if signer is None or await tree_store.verifier_key(conn) != str(signer.verifier):
        return None
    if head := await tree_store.last_head(conn):
        Mark(mark_path(settings)).write(head.note)
    return signer


async def _begin(conn: Connection, settings: Settings) -> Signer:
    signer = new_signer(settings)
    replace(_pending(key_path(settings)), f"{signer.line}\n".encode())
    old = await _old_checkpoint(conn, settings)
    event_id = await _record(
        settings, OriginFacts(verifier_key=str(signer.verifier), old_checkpoint=old)
    )
    grower = Grower()
    try:
        await grower.begin(conn)
    except ForkedLog as error:
        raise SetupProblem(
            f"The database contradicts itself: {error}. Bring back another."
        ) from None
    grower.sign_with([signer], Mark(mark_path(settings)))
    async with conn.transaction():
        batch = await store.batch_of(conn, event_id)
        await tree_store.insert_origin(conn, batch.first, str(signer.verifier))
        await tree_store.forget_restored(conn)
        grown = await grower.add(conn, batch)
    grower.keep(grown)
    await grower.rest()
    return signer


async def _old_checkpoint(conn: Connection, settings: Settings) -> str:
    path = mark_path(settings)
    if path.exists():
        return path.read_text(encoding="utf-8")
    head = await tree_store.last_head(conn)
    return head.note if head else ""


async def _record(settings: Settings, facts: OriginFacts) -> UUID:
    async with connected(settings.database_url) as conn, begin(conn, operator()) as tx:
        return await audit.record(tx, "cli.begin_origin", "log/origin", facts)


def _put_in_use(path: Path) -> None:
    """The new key in the place of the old one, which is kept beside it."""
    if path.exists():
        old = read_signers(path)[0].verifier.id.hex()
        os.link(path, path.with_name(f"{path.name}.{old}"))
    os.replace(_pending(path), path)
