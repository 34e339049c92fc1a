"""Answers as once known call bodies as they were called then, and find them where they lay."""

from datetime import date

from registry.db import Connection
from registry.settings import Settings
from tests.client import ApiClient
from tests.organisations.newer import load_changed, moved, renamed
from tests.reuse.drafts import reuse
from tests.reuse.test_lists import ask, stages
from tests.templates import number_events


async def test_what_was_known_keeps_its_bytes_when_a_body_is_renamed(
    told: ApiClient, conn: Connection, settings: Settings
) -> None:
    size = await number_events(settings)
    (nrw,) = (await ask(told, "organisation=05"))["items"]
    addresses = (
        f"/v1/reuses?known_at={size}",
        f"/v1/reuses?organisation=05&known_at={size}",
        f"/v1/reuses/{nrw['id']}?known_at={size}",
        f"/v1/reuse-notes?known_at={size}",
    )
    before = [(await told.get(address)).content for address in addresses]
    assert all(b"Nordrhein-Westfalen" in answer for answer in before)
    await load_changed(conn, "territory", renamed("05", "Rhein-Ruhr"))
    await number_events(settings)
    assert [(await told.get(address)).content for address in addresses] == before
    for address in addresses:
        now = (await told.get(address.replace(f"known_at={size}", ""))).text
        assert ("Rhein-Ruhr" in now, "Nordrhein-Westfalen" in now) == (True, False)


async def test_a_body_is_found_in_the_territory_it_lay_in_by_the_knowledge_of_then(
    api: ApiClient, conn: Connection, settings: Settings
) -> None:
    admin = await api.as_admin()
    assert (await admin.post("/v1/reuses", json=reuse("05315"))).status_code == 201
    size = await number_events(settings)
    await load_changed(conn, "territory", moved("05315", "05999", date(2090, 1, 1)))
    for key, day, found in (
        ("05999", "2090-06-01", True),
        ("05999", "2089-12-31", False),
        ("05315", "2090-06-01", False),
        ("05315", "2089-12-31", True),
        ("05", "2090-06-01", True),
    ):
        assert bool(await stages(api, f"within={key}&as_of={day}")) is found, (key, day)
        services = await api.get(f"/v1/services?reused_within={key}&as_of={day}")
        assert (services.json()["total"] == 1) is found, (key, day)
        question = f"within={key}&as_of={day}&known_at={size}"
        if key == "05999":
            assert (await api.get(f"/v1/reuses?{question}")).status_code == 404
        else:
            assert await stages(api, question), (key, day)


async def test_the_area_of_a_body_without_territory_counts_where_it_lies(
    api: ApiClient, settings: Settings
) -> None:
    admin = await api.as_admin()
    used = reuse("dataport", "bauantrag", area=["01", "03"])
    assert (await admin.post("/v1/reuses", json=used)).status_code == 201
    size = await number_events(settings)
    for known_at in ("", f"&known_at={size}"):
        for key, found in (("01", True), ("03", True), ("02", False), ("01051", False)):
            assert bool(await stages(api, f"within={key}{known_at}")) is found, key
            services = await api.get(f"/v1/services?reused_within={key}{known_at}")
            assert (services.json()["total"] == 1) is found, key
