"""Newer data sets, as the next directory brings them."""

from collections.abc import Callable
from datetime import date

import msgspec

from registry.audit import blob
from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.organisations import register
from registry.organisations.actions import load_data_set
from registry.organisations.register import Body, DataSet, Key, Sources

Change = Callable[[Body], Body]


async def present(conn: Connection, name: str) -> DataSet:
    """The data set of a name that was loaded last."""
    row = await conn.fetchrow(
        """
        select content_sha256 from organisation_data_sets
        where name = $1 order by loaded_at desc limit 1
        """,
        name,
    )
    assert row is not None
    content = await blob(conn, row[0])
    assert content is not None
    return register.decode(content)


async def load(conn: Connection, data_set: DataSet) -> None:
    content = register.encode(data_set)
    async with begin(conn, operator()) as tx:
        await load_data_set(tx, data_set.name, Sources({"newer": content}), lambda _: data_set)


async def load_changed(conn: Connection, name: str, change: Change) -> None:
    """Load a data set once more, with what `change` makes of its bodies."""
    data_set = await present(conn, name)
    bodies = tuple(change(body) for body in data_set.bodies)
    await load(conn, msgspec.structs.replace(data_set, bodies=bodies))


def renamed(named: str, name: str) -> Change:
    """The body with a key or slug was always called by another name."""

    def change(body: Body) -> Body:
        if named not in (body.slug, *(key.key for key in body.keys)):
            return body
        states = tuple(msgspec.structs.replace(state, name=name) for state in body.states)
        return msgspec.structs.replace(body, states=states)

    return change


def moved(key: str, to: str, on: date) -> Change:
    """The body with a key holds another one from a day on."""

    def change(body: Body) -> Body:
        if key not in (held.key for held in body.keys):
            return body
        kept = tuple(msgspec.structs.replace(held, until=on) for held in body.keys)
        return msgspec.structs.replace(body, keys=(*kept, Key(to, body.keys[0].level, on, None)))

    return change
