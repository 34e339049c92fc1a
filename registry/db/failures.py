"""Failures that are no defects: the database is busy, or cannot keep a text."""

import asyncpg

from registry.db.connections import CONNECTION_LOST

BUSY = (
    *CONNECTION_LOST,
    TimeoutError,
    asyncpg.QueryCanceledError,
    asyncpg.TooManyConnectionsError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
)

FULL = (asyncpg.DiskFullError,)
"""The server has no room; nothing of the transaction is kept."""

NOT_STORABLE = (asyncpg.DataError,)

REFUSED = (asyncpg.PostgresError,)
"""The database refuses a statement: a constraint, a trigger, a right."""
