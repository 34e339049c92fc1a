"""PostgreSQL: connections, the transaction of a change, migrations, the embedded server."""

from registry.db.connections import (
    CONNECTION_LOST,
    Connection,
    Database,
    DatabaseUnreachable,
    LookUp,
    Query,
    Reads,
    Row,
    connect,
    connected,
    connections_needed,
    open_database,
)
from registry.db.rows import many, one
from registry.db.tx import LEGAL_TIME, Tx, begin, begin_reading

__all__ = [
    "CONNECTION_LOST",
    "LEGAL_TIME",
    "Connection",
    "Database",
    "DatabaseUnreachable",
    "LookUp",
    "Query",
    "Reads",
    "Row",
    "Tx",
    "begin",
    "begin_reading",
    "connect",
    "connected",
    "connections_needed",
    "many",
    "one",
    "open_database",
]
