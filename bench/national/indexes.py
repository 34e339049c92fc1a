"""Tables without their indexes and constraints while they are filled; both come back checked."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from registry.db import Connection

CONSTRAINTS = """
select c.conrelid::regclass::text, quote_ident(c.conname), pg_get_constraintdef(c.oid)
from pg_constraint c
where c.contype in ('f', 'p', 'u') and c.conparentid = 0
  and (c.conrelid = any ($1::text[]::regclass[]) or c.confrelid = any ($1::text[]::regclass[]))
order by c.contype = 'f', c.conname
"""
INDEXES = """
select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
from pg_index i join pg_class x on x.oid = i.indexrelid
where i.indrelid = any ($1::text[]::regclass[])
  and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid)
order by 1
"""


@asynccontextmanager
async def bare(owner: Connection, tables: Sequence[str]) -> AsyncGenerator[None]:
    """Take indexes, constraints and triggers off the tables, and put them back at the end."""
    constraints = [tuple(row) for row in await owner.fetch(CONSTRAINTS, tables)]
    indexes = [tuple(row) for row in await owner.fetch(INDEXES, tables)]
    for name, _ in indexes:
        await owner.execute(f"drop index {name}")
    for table, name, _ in reversed(constraints):
        await owner.execute(f"alter table {table} drop constraint {name}")
    for table in tables:
        await owner.execute(f"alter table {table} disable trigger user")
    yield
    for table in tables:
        await owner.execute(f"alter table {table} enable trigger user")
    for table, name, definition in constraints:
        await owner.execute(f"alter table {table} add constraint {name} {definition}")
    for _, definition in indexes:
        await owner.execute(definition)
    for table in tables:
        await owner.execute(f"analyze {table}")
