import msgspec

from registry.audit import blob
from registry.db import Connection, Tx, begin, connect
from registry.identity.operator import operator
from registry.organisations import register, store
from registry.organisations.actions import REPLAY, load_data_set, load_register
from registry.organisations.model import Organisation, RegisterFacts, organisation_id
from registry.organisations.register import Body, DataSet, Key, Sources, State
from registry.settings import Settings

TABLES = {
    "organisation_data_sets": "name, territory_date, sources_sha256, content_sha256",
    "organisations": "id, slug",
    "organisation_keys": "organisation_id, key, level, valid_from, valid_to",
    "organisation_states": "organisation_id, valid_from, valid_to, name, sort_key, search_text, "
    "kind, levels, ags, legal_form, population, population_on, area_km2, postcode, longitude, "
    "latitude",
    "organisation_successions": "organisation_id, heir_id, effective_on, kind, share, basis",
}


async def digests(conn: Connection) -> dict[str, str]:
    """A digest of the content of every table of this room."""
    found: dict[str, str] = {}
    for table, columns in TABLES.items():
        found[table] = await conn.fetchval(
            f"select md5(string_agg(r::text, '' order by r::text)) from (select {columns} from {table}) r"  # noqa: E501, S608
        )
    return found


async def facts_of_loads(conn: Connection) -> list[RegisterFacts]:
    rows = await conn.fetch(
        """
        select f.facts from events e join event_facts f on f.event_id = e.id
        where e.action = 'organisations.load_register' order by e.seq
        """
    )
    return [msgspec.json.decode(row[0], type=RegisterFacts) for row in rows]


async def test_each_data_set_is_one_event_that_names_its_content(conn: Connection) -> None:
    loads = await facts_of_loads(conn)
    assert [load.data_set for load in loads] == ["territory", "others"]
    for load in loads:
        content = await blob(conn, bytes.fromhex(load.content))
        assert content is not None
        assert len(register.decode(content).bodies) == load.organisations


async def test_loading_the_same_files_again_changes_nothing(tx: Tx) -> None:
    assert await load_register(tx) == []


async def test_replaying_the_events_gives_the_same_rows(
    conn: Connection, empty_settings: Settings
) -> None:
    await load_demo(conn, "Musterland")
    await load_demo(conn, "Beispielland")
    expected, loads = await digests(conn), await facts_of_loads(conn)
    contents = [await blob(conn, bytes.fromhex(load.content)) for load in loads]
    events = await conn.fetch(
        """
        select id, recorded_at from events
        where action = 'organisations.load_register' order by seq
        """
    )
    empty = await connect(empty_settings.owner_url)
    async with begin(empty, operator()) as tx:
        for event, facts, content in zip(events, loads, contents, strict=True):
            await copy_event(conn, tx, event[0], bytes.fromhex(facts.content), content)
            then = Tx(empty, event[1], tx.actor)
            await REPLAY["organisations.load_register"].apply(then, event[0], facts)
    assert await digests(empty) == expected
    await empty.close()


async def copy_event(
    conn: Connection, tx: Tx, event_id: object, sha256: bytes, content: bytes | None
) -> None:
    row = await conn.fetchrow(
        """
        select id, action, subject, organisation, public, recorded_at, leaf
        from events where id = $1
        """,
        event_id,
    )
    assert row is not None
    await tx.execute(
        """
        insert into events (id, action, subject, organisation, public, recorded_at, leaf)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        *row.values(),
    )
    await tx.execute("insert into blobs (sha256, content) values ($1, $2)", sha256, content)


def demo(name: str) -> DataSet:
    """A Land that does not exist."""
    land = Body(
        id=organisation_id("state/99"),
        slug=None,
        keys=(Key("99", "state", None, None),),
        states=(State(None, None, name, "Land", ("state",)),),
    )
    return DataSet(name="demo", territory_date=None, bodies=(land,))


async def load_demo(conn: Connection, name: str) -> Organisation:
    sources = Sources({"demo": name.encode()})
    async with begin(conn, operator()) as tx:
        assert await load_data_set(tx, "demo", sources, lambda _: demo(name))
        assert await load_data_set(tx, "demo", sources, lambda _: demo(name)) is None
        return await store.resolve(tx, "99")


async def test_a_new_version_answers_in_place_of_the_former_one_and_keeps_the_bodies(
    conn: Connection,
) -> None:
    first = await load_demo(conn, "Musterland")
    second = await load_demo(conn, "Beispielland")
    assert (first.name, second.name) == ("Musterland", "Beispielland")
    assert first.id == second.id
    assert len(await facts_of_loads(conn)) == 4
    assert (await store.resolve(conn, "05")).name == "Nordrhein-Westfalen"
