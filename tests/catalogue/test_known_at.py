"""The same `known_at` gives the same bytes, whatever is recorded afterwards."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from registry import audit
from registry.catalogue.actions import REPLAY, put_journey, put_service
from registry.catalogue.datasets import content
from registry.catalogue.model import EditionFacts, JourneyDraft, ServiceDraft
from registry.db import LEGAL_TIME, Connection, Tx, begin
from registry.identity.operator import operator
from registry.settings import Settings
from tests.catalogue.drafts import CREATE, draft
from tests.client import ApiClient
from tests.templates import number_events

KEY = "99012001001000"
SERVICE = draft("umzug", builders=[], procedures=[KEY], portals=[{"portal": "wsp-nrw"}])
JOURNEY = {"slug": "umziehen", "names": {"de": "Umziehen"}, "services": ["umzug"]}
PATHS = (
    "/v1/services/umzug",
    "/v1/services/umzug/revisions",
    "/v1/services/umzug/versions",
    "/v1/services/abmelden/versions",
    "/v1/services?procedure=" + KEY,
    "/v1/journeys",
    "/v1/journeys/umziehen",
    "/v1/codelists",
    "/v1/codelists/portals?history=true",
    "/v1/portals",
    "/v1/procedures?q=Abbruchgenehmigung",
    f"/v1/procedures/{KEY}",
)


async def record(tx: Tx, service: dict[str, Any], journey: dict[str, Any]) -> None:
    await put_service(tx, service["slug"], msgspec.convert(service, ServiceDraft))
    await put_journey(tx, journey["slug"], msgspec.convert(journey, JourneyDraft))


async def load_edition(tx: Tx, action: str, name: str, old: str, new: str) -> None:
    """A second edition of a data set, with a word changed."""
    changed = content(name).replace(old.encode(), new.encode())
    assert changed != content(name)
    sha256 = (await audit.keep(tx, changed)).hex()
    facts = EditionFacts(dataset=name, edition=2, sha256=sha256)
    event_id = await audit.record(tx, action, f"codelists/{name}", facts)
    await REPLAY[action].apply(tx, event_id, facts)


async def change_everything(conn: Connection) -> None:
    async with begin(conn, operator()) as tx:
        await record(tx, draft("abmelden", builders=[], procedures=[KEY]), JOURNEY)
        await record(
            tx,
            draft("umzug", builders=[], names={"de": "Umziehen"}, status="live"),
            JOURNEY | {"names": {"de": "Anders"}, "services": ["umzug", "abmelden"]},
        )
        await load_edition(tx, "catalogue.load_codelist", "portals", "Wirtschafts-Service", "WSP")
        await load_edition(
            tx, "catalogue.load_procedures", "leika", "Abbruchgenehmigung", "Rueckbaugenehmigung"
        )


async def answers(client: ApiClient, paths: Iterable[str], known_at: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for path in paths:
        joint = "&" if "?" in path else "?"
        answer = await client.get(f"{path}{joint}known_at={known_at}")
        found[path] = answer.content
    return found


@pytest.fixture
async def size(client: ApiClient, conn: Connection, settings: Settings) -> int:
    async with begin(conn, operator()) as tx:
        await record(tx, SERVICE, JOURNEY)
    await number_events(settings)
    return (await client.get("/v1/log/position")).json()["size"]


async def test_what_was_known_stays_the_same_bytes(
    client: ApiClient, conn: Connection, settings: Settings, size: int
) -> None:
    then = await answers(client, PATHS, str(size))
    await change_everything(conn)
    await number_events(settings)
    assert await answers(client, PATHS, str(size)) == then
    now = (await client.get("/v1/log/position")).json()["size"]
    later = await answers(client, PATHS, str(now))
    assert [path for path in PATHS if later[path] == then[path]] == []
    bodies = [msgspec.json.decode(body) for body in then.values()]
    named = [body["known_at"]["size"] for body in bodies if "status" not in body or "slug" in body]
    assert named == [size] * (len(PATHS) - 1)


async def test_the_later_catalogue_of_procedures_is_searched(
    client: ApiClient, conn: Connection, settings: Settings, size: int
) -> None:
    await change_everything(conn)
    await number_events(settings)
    shown = (await client.get(f"/v1/procedures/{KEY}")).json()
    assert shown["name"].startswith("Rueckbaugenehmigung")
    assert [one["slug"] for one in shown["services"]] == ["abmelden"]
    then = (await client.get(f"/v1/procedures/{KEY}", params={"known_at": str(size)})).json()
    assert then["name"].startswith("Abbruchgenehmigung")
    assert [one["slug"] for one in then["services"]] == ["umzug"]
    listed = (await client.get("/v1/procedures", params={"q": "Rueckbaugenehmigung"})).json()
    assert listed["total"] > 0


async def test_without_a_day_it_is_the_day_of_the_position(
    client: ApiClient, conn: Connection, settings: Settings, size: int
) -> None:
    """Else a change recorded ahead would alter the answer on its day."""
    await client.owner.execute(
        "update checkpoints set sealed_at = sealed_at - interval '400 days' where size = $1", size
    )
    moved = await client.owner.fetchval("select sealed_at from checkpoints where size = $1", size)
    listed = (await client.get("/v1/journeys", params={"known_at": str(size)})).json()
    assert listed["as_of"] == moved.astimezone(LEGAL_TIME).date().isoformat()
    assert listed["items"] == []
    absent = await client.get("/v1/journeys/umziehen", params={"known_at": str(size)})
    assert absent.json()["type"] == "/problems/unknown-journey"
    day = moved.isoformat().replace("+00:00", "Z")
    by_instant = (await client.get("/v1/portals", params={"known_at": day})).json()
    assert by_instant["as_of"] == listed["as_of"]


async def test_a_change_writes_only_the_card_that_is_new_and_the_end_that_moved(
    client: ApiClient, conn: Connection
) -> None:
    admin = await client.as_admin()

    async def cards_after(day: str) -> list[str]:
        known = {"If-Match": "*"} if day > "2020-01-01" else CREATE
        document, query = draft("umzug", summary={"de": day}), {"valid_from": day}
        answer = await admin.put("/v1/services/umzug", json=document, headers=known, params=query)
        assert answer.is_success, answer.text
        rows = await conn.fetch(
            "select xmin::text from document_cards where slug = 'umzug' order by revision"
        )
        return [row[0] for row in rows]

    await cards_after("2020-01-01")
    before = await cards_after("2021-01-01")
    after = await cards_after("2022-01-01")
    assert [new == old for new, old in zip(after, before, strict=False)] == [True, False]
