"""Own use follows who builds the service, on the day and by the knowledge asked for."""

import msgspec

from registry.catalogue.actions import put_service
from registry.catalogue.model import ServiceDraft
from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.reuse.store import rebuild_projections
from registry.settings import Settings
from tests.catalogue.drafts import draft
from tests.client import ApiClient
from tests.reuse.drafts import reuse
from tests.reuse.test_lists import ask
from tests.templates import number_events


async def built_by(conn: Connection, builder: str, days: int) -> None:
    """Have `bauantrag` built by another body, some days from now on."""
    document = draft("bauantrag", builders=[{"organisation": builder}])
    async with begin(conn, operator()) as tx:
        day = tx.today.fromordinal(tx.today.toordinal() + days)
        await put_service(tx, "bauantrag", msgspec.convert(document, ServiceDraft), day)


async def own(api: ApiClient, query: str = "") -> dict[str, bool]:
    found = await ask(api, f"service=bauantrag{query}")
    return {item["organisation"]["key"]: item["own_use"] for item in found["items"]}


async def used(api: ApiClient, *bodies: str) -> None:
    admin = await api.as_admin()
    for body in bodies:
        assert (await admin.post("/v1/reuses", json=reuse(body))).status_code == 201


async def test_it_changes_hands_with_the_service(
    api: ApiClient, conn: Connection, settings: Settings
) -> None:
    await used(api, "05", "13", "06")
    size = await number_events(settings)
    await built_by(conn, "05", days=30)
    before = {"05": False, "06": False, "13": True}
    after = {"05": True, "06": False, "13": False}
    assert await own(api) == before
    assert await own(api, "&as_of=2099-01-01") == after
    assert await own(api, f"&as_of=2099-01-01&known_at={size}") == before
    size += await number_events(settings)
    assert await own(api, f"&as_of=2099-01-01&known_at={size}") == after
    periods = "select count(*) from reuse_periods"
    assert await api.owner.fetchval(periods) == 5  # the one of 06 stays whole


async def test_the_area_of_a_body_without_territory_tells_whose_use_it_is(api: ApiClient) -> None:
    admin = await api.as_admin()
    for body, area in (("dataport", ["13"]), ("d-nrw", ["13", "05"])):
        answer = await admin.post("/v1/reuses", json=reuse(body, area=area))
        assert answer.status_code == 201, answer.text
    assert await own(api) == {"dataport": True, "d-nrw": False}


async def test_totals_follow(api: ApiClient, conn: Connection) -> None:
    await used(api, "05", "13", "06", "13074")
    await built_by(conn, "05", days=30)
    counters = "select day, stage, own_use, periods from reuse_counters order by 1, 2, 3"
    written = await api.owner.fetch(counters)
    for day, counts in (("2023-01-01", (0, 0)), ("2024-01-01", (2, 2)), ("2099-01-01", (3, 1))):
        for query in (f"as_of={day}", f"service=bauantrag&as_of={day}", f"stage=live&as_of={day}"):
            found = (await ask(api, query))["counts"]
            assert (found["reuses"], found["own_use"]) == counts, query
    async with begin(conn, operator()) as tx:
        await rebuild_projections(tx)
    assert await api.owner.fetch(counters) == written
