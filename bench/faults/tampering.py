"""What a superuser may do to one row of the history, past triggers and foreign keys, by a seed."""

import random
from typing import NamedTuple

import asyncpg

KINDS = ("change", "retime", "delete", "insert", "swap")
TABLES = """
select c.relname from pg_class c join pg_trigger t on t.tgrelid = c.oid and t.tgname = 'history_row'
where not c.relispartition order by c.relname
"""
COLUMNS = """
select a.attname, format_type(a.atttypid, null) from pg_attribute a
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
# Another value of the same kind; of a null, some value.
OTHER = {
    "text": "coalesce({0}, '') || 'x'",
    "boolean": "not coalesce({0}, false)",
    "integer": "coalesce({0}, 0) + 1",
    "smallint": "coalesce({0}, 0) + 1",
    "bigint": "coalesce({0}, 0) + 1",
    "double precision": "coalesce({0}, 0) + 1",
    "numeric": "coalesce({0}, 0) + 1",
    "uuid": "gen_random_uuid()",
    "date": "coalesce({0}, date '2024-01-01') + 1",
    "timestamp with time zone": "coalesce({0}, now()) + interval '1 second'",
    "bytea": "set_bit(coalesce({0}, '\\x00'), 0, 1 - get_bit(coalesce({0}, '\\x00'), 0))",
    "jsonb": "jsonb_build_array({0})",
    "text[]": "array_append({0}, 'x')",
    "uuid[]": "array_append({0}, gen_random_uuid())",
    "inet": "inet '192.0.2.1'",
    "cidr[]": "array_append({0}, cidr '192.0.2.0/24')",
}
TIMES = ("date", "timestamp with time zone")


class Tampering(NamedTuple):
    """What was done: to which table, and how."""

    table: str
    kind: str
    column: str


class Superuser:
    """Draws and does single changes; constraints that are in the way are drawn again."""

    def __init__(self, conn: asyncpg.Connection, drawn: random.Random) -> None:
        self._conn = conn
        self._drawn = drawn

    async def tamper(self, table: str, kind: str) -> Tampering | None:
        """Do one change, or None where the table or its constraints do not allow it."""
        await self._conn.execute("set session_replication_role = replica")
        columns = {r[0]: r[1] for r in await self._conn.fetch(COLUMNS, table)}
        rows = await self._conn.fetch(f"select ctid::text from {table} order by 1")  # noqa: S608
        names = [name for name, type_ in columns.items() if kind != "retime" or type_ in TIMES]
        if not names or len(rows) < 1 + (kind == "swap"):
            return None
        row, other = (self._drawn.choice(rows)[0] for _ in range(2))
        column = self._drawn.choice(names)
        statement = getattr(self, f"_{kind}")(table, column, columns, row, other)
        try:
            done = await self._conn.execute(statement)
        except asyncpg.PostgresError:
            return None
        return Tampering(table, kind, column) if done.rpartition(" ")[2] != "0" else None

    def _change(self, table: str, column: str, types: dict[str, str], row: str, _: str) -> str:
        other = OTHER[types[column]].format(column)
        return f"update {table} set {column} = {other} where ctid = '{row}'"  # noqa: S608

    _retime = _change

    def _delete(self, table: str, _column: str, _types: object, row: str, _: str) -> str:
        return f"delete from {table} where ctid = '{row}'"  # noqa: S608

    def _insert(self, table: str, column: str, types: dict[str, str], row: str, _: str) -> str:
        names = ", ".join(types)
        values = ", ".join(
            OTHER[types[name]].format(name) if name == column else name for name in types
        )
        return (
            f"insert into {table} ({names}) overriding system value "  # noqa: S608
            f"select {values} from {table} where ctid = '{row}'"
        )

    def _swap(self, table: str, column: str, _types: object, row: str, other: str) -> str:
        """Two rows exchange one value."""
        return (
            f"update {table} t set {column} = o.{column} "  # noqa: S608
            f"from (select ctid as place, {column} from {table}) o "
            f"where (t.ctid, o.place) in (('{row}', '{other}'), ('{other}', '{row}')) "
            f"and t.{column} is distinct from o.{column}"
        )
