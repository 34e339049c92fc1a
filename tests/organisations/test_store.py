from datetime import date

import pytest

from registry.db import Connection
from registry.errors import MalformedKey
from registry.organisations import store
from registry.organisations.model import UnknownOrganisation


@pytest.mark.parametrize(
    "key", ["05315", "053150000", "053150000000", "05315000", "0531500000000"[:12]]
)
async def test_any_key_of_a_city_leads_to_it(conn: Connection, key: str) -> None:
    cologne = await store.resolve(conn, key)
    assert (cologne.key, cologne.name) == ("05315", "Köln, Stadt")
    assert cologne.levels == ("district", "association", "municipality")
    assert cologne.keys == ("05315", "053150000", "053150000000")


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("050000000000", "Nordrhein-Westfalen"),
        ("05000000", "Nordrhein-Westfalen"),
        ("053", "Reg.-Bez. Köln"),
        ("053000000000", "Reg.-Bez. Köln"),
        ("053340000000", "Städteregion Aachen"),
        ("05334000", "Städteregion Aachen"),
        ("010515163000", "Burg-St. Michaelisdonn"),
        ("020000000000", "Hamburg, Freie und Hansestadt"),
        ("021010101101", "Hamburg, Freie und Hansestadt"),
        ("bund", "Bundesrepublik Deutschland"),
    ],
)
async def test_padded_keys_and_slugs(conn: Connection, key: str, name: str) -> None:
    assert (await store.resolve(conn, key)).name == name


async def test_the_key_of_a_municipality_has_twelve_digits(conn: Connection) -> None:
    buxtehude = await store.resolve(conn, "03359010")
    assert buxtehude.key == "033590010010"
    assert buxtehude.keys == ("033590010", "033590010010")


async def test_association_digits_of_former_times_still_lead_to_the_municipality(
    conn: Connection,
) -> None:
    found = await store.resolve(conn, "120646410190")
    assert found.name == "Gusow-Platkow"


async def test_a_vanished_key_leads_to_its_last_holder(conn: Connection) -> None:
    dissolved = await store.resolve(conn, "01051040")
    assert (dissolved.name, dissolved.status) == ("Hägen", "ended")
    assert dissolved.key == "01051040"
    assert (await store.resolve(conn, "16056")).name == "Eisenach, Stadt"


async def test_the_holder_on_the_day_asked_for_is_preferred(conn: Connection) -> None:
    today = await store.resolve(conn, "15001000")
    then = await store.resolve(conn, "15001000", date(1990, 12, 31))
    assert (today.name, then.name) == ("Dessau-Roßlau, Stadt", "Dessau, Stadt")


async def test_a_body_is_shown_as_it_was_on_the_day(conn: Connection) -> None:
    before = await store.resolve(conn, "05117", date(1991, 3, 26))
    after = await store.resolve(conn, "05117", date(1991, 3, 27))
    assert (before.name, after.name) == (
        "Mülheim a. d. Ruhr, Stadt",
        "Mülheim an der Ruhr, Stadt",
    )
    assert before.id == after.id


async def test_a_body_that_came_later_is_shown_as_it_begins(conn: Connection) -> None:
    coming = await store.resolve(conn, "bmds", date(2024, 1, 1))
    assert coming.status == "not-yet"


async def test_what_no_body_ever_held_is_unknown(conn: Connection) -> None:
    with pytest.raises(UnknownOrganisation):
        await store.resolve(conn, "99")


async def test_what_is_no_key_is_malformed(conn: Connection) -> None:
    with pytest.raises(MalformedKey):
        await store.resolve(conn, "0531")


async def test_many_keys_are_found_at_once(conn: Connection) -> None:
    keys = ["05315", "053150000000", "bund", "99", "0531"]
    found = await store.find(conn, keys)
    ids = await store.find_ids(conn, keys)
    assert {key: found[key].id for key in found} == ids
    assert set(ids) == {"05315", "053150000000", "bund"}
    assert ids["05315"] == ids["053150000000"]
