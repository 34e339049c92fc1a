"""A log exported and replayed into the emptied database, as the tests of several rooms do it."""

import hashlib
import io
from collections.abc import Sequence

from registry.cli.rebuild import replay_log, write_log
from registry.db import Connection

_EMPTY = """
truncate events, blobs, reuse_land_spans, reuse_past_periods, reuse_periods, usage_changes,
    usage_months cascade
"""
"""Projections do not all hang on what they are made of."""


async def digests(conn: Connection, tables: Sequence[str]) -> dict[str, str]:
    """A digest of each table, independent of the order of its rows; none may be empty."""
    found: dict[str, str] = {}
    for table in tables:
        rows = await conn.fetch("select t::text from " + table + " t")  # noqa: S608 - ours
        assert rows, table
        text = "\n".join(sorted(row[0] for row in rows))
        found[table] = hashlib.sha256(text.encode()).hexdigest()
    return found


async def replay_emptied(owner: Connection) -> None:
    """Export the log, empty the database, and replay the export."""
    lines = io.BytesIO()
    await write_log(owner, lines.write)
    await owner.execute("set efa.history = 'open'")
    await owner.execute(_EMPTY)
    await replay_log(owner, lines.getvalue().splitlines())
