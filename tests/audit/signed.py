"""Events numbered and signed as the server does it, for the tests of the log."""

import base64
import json

from registry import audit
from registry.audit.growing import Grower
from registry.audit.keys import Mark, mark_path, signers
from registry.audit.notes import Verifier
from registry.audit.sequencer import number_all, sequencer_connection
from registry.authority import Actor
from registry.db import begin, connected
from registry.settings import Settings

WUPPERTAL = Actor(organisation="wuppertal", name="Wuppertal", keys=("05124",))


async def record(settings: Settings, count: int, *, public: bool = True) -> None:
    """Record events in one transaction."""
    entries = [
        audit.Entry("services.put", f"services/s{n}", {"n": n}, public=public) for n in range(count)
    ]
    async with connected(settings.database_url) as conn, begin(conn, WUPPERTAL) as tx:
        await audit.record_all(tx, entries)


async def sign_events(settings: Settings) -> int:
    """Number and sign all waiting events now, with the key of the installation."""
    conn = await sequencer_connection(settings)
    try:
        grower = Grower(signers(settings), Mark(mark_path(settings)))
        numbered = await number_all(conn, grower)
        await grower.rest()
        return numbered
    finally:
        await conn.close()


async def grow(settings: Settings, count: int, *, public: bool = True) -> None:
    """Record, number and sign."""
    await record(settings, count, public=public)
    await sign_events(settings)


def is_signed_by(note: str, verifier: Verifier) -> bool:
    """Whether a note carries a signature of this key, and none of it that is wrong."""
    text, _, lines = note.rpartition("\n\n")
    signatures = [
        base64.b64decode(line.rpartition(" ")[2])
        for line in lines.splitlines()
        if line.startswith(f"— {verifier.name} ")
    ]
    own = [signature[4:] for signature in signatures if signature[:4] == verifier.id]
    return bool(own) and all(verifier.verifies(f"{text}\n", signature) for signature in own)


def says_the_same(before: bytes, after: bytes) -> bool:
    """Whether a change is one of spelling: JSON escapes, blanks, members given twice."""
    try:
        first, second = (json.loads(one) for one in (before, after))
    except ValueError:
        return False
    return first == second
