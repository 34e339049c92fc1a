"""A newer data set answers for now; what was known before stays as it was known."""

from collections.abc import Sequence
from datetime import date

import msgspec
import pytest

from registry.db import Connection
from registry.errors import SetupProblem
from registry.settings import Settings
from tests.client import ApiClient
from tests.organisations.newer import load, load_changed, moved, present, renamed
from tests.templates import number_events

TABLES = (
    "organisation_data_sets",
    "organisations",
    "organisation_keys",
    "organisation_states",
    "organisation_successions",
)


async def answers(client: ApiClient, addresses: Sequence[str], known_at: str) -> list[bytes]:
    found = [await client.get(f"{address}known_at={known_at}") for address in addresses]
    assert all(answer.status_code == 200 for answer in found), [one.text for one in found]
    return [answer.content for answer in found]


async def test_what_was_known_keeps_its_bytes_when_a_newer_data_set_renames_a_body(
    client: ApiClient, conn: Connection, settings: Settings
) -> None:
    size = await number_events(settings)
    addresses = (
        "/v1/organisations/05315?",
        "/v1/organisations/05315?as_of=1995-01-01&",
        "/v1/organisations/05?",
        "/v1/organisations?level=district&limit=200&",
        "/v1/organisations?q=Koeln&",
        "/v1/organisations?within=05315&as_of=2020-01-01&",
    )
    before = await answers(client, addresses, str(size))
    await load_changed(conn, "territory", renamed("05315", "Colonia"))
    assert await answers(client, addresses, str(size)) == before
    later = await number_events(settings)
    assert await answers(client, addresses, str(size)) == before
    now = await answers(client, addresses, str(later))
    assert [one == other for one, other in zip(now, before, strict=True)] == [False] * 6
    assert (await client.get("/v1/organisations/05315")).json()["name"] == "Colonia"
    found = (await client.get("/v1/organisations?q=Koeln")).json()["items"]
    assert "Köln, Stadt" not in [body["name"] for body in found]
    assert (await client.get("/v1/organisations?q=Colonia")).json()["total"] == 1


async def test_an_answer_names_the_position_of_the_log_it_rests_on(
    client: ApiClient, settings: Settings
) -> None:
    size = await number_events(settings)
    for address in ("/v1/organisations/05", "/v1/organisations?limit=1"):
        assert (await client.get(address)).json()["known_at"] is None
        separator = "&" if "?" in address else "?"
        known = (await client.get(f"{address}{separator}known_at={size}")).json()["known_at"]
        assert (known["size"], set(known)) == (size, {"size", "sealed_at", "root"})
        beyond = await client.get(f"{address}{separator}known_at={size + 1}")
        assert beyond.json()["type"] == "/problems/unknown-log-position"


async def test_a_key_leads_where_it_led_then(
    client: ApiClient, conn: Connection, settings: Settings
) -> None:
    size = await number_events(settings)
    await load_changed(conn, "territory", moved("05315", "05399", date(2024, 1, 1)))
    new = "/v1/organisations/05399"
    assert (await client.get(f"{new}?known_at={size}")).status_code == 404
    assert (await client.get(new)).json()["name"] == "Köln, Stadt"
    then = (await client.get(f"/v1/organisations/05315?known_at={size}")).json()
    assert (then["key"], (await client.get("/v1/organisations/05315")).json()["key"]) == (
        "05315",
        "05399",
    )


async def test_a_body_is_not_known_before_the_data_set_that_brings_it(
    client: ApiClient, settings: Settings
) -> None:
    await number_events(settings)
    assert (await client.get("/v1/organisations/05?known_at=1")).status_code == 200
    assert (await client.get("/v1/organisations/bund?known_at=1")).status_code == 404
    assert (await client.get("/v1/organisations/bund?known_at=2")).status_code == 200
    assert (await client.get("/v1/organisations?q=bmds&known_at=1")).json()["total"] == 0


async def test_a_data_set_that_lacks_a_body_is_refused(conn: Connection) -> None:
    data_set = await present(conn, "others")
    fewer = msgspec.structs.replace(
        data_set, bodies=tuple(body for body in data_set.bodies if body.slug != "bund")
    )
    with pytest.raises(SetupProblem, match="Bundesrepublik Deutschland"):
        await load(conn, fewer)
    assert await conn.fetchval("select count(*) from organisation_data_sets") == 2


async def test_rows_are_only_added(conn: Connection) -> None:
    for table in TABLES:
        for right in ("update", "delete", "truncate"):
            granted = "select has_table_privilege('efa_app', $1, $2)"
            assert await conn.fetchval(granted, table, right) is False, (table, right)
