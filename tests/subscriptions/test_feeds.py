"""Atom feeds, as a feed reader reads them."""

from typing import Any, cast

import feedparser

from registry.settings import Settings
from tests.client import ApiClient
from tests.reuse.drafts import reuse
from tests.subscriptions.receiver import deliver
from tests.versions.published import publish


async def read(api: ApiClient, path: str, **headers: str) -> Any:
    answer = await api.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/atom+xml")
    parsed: Any = cast("Any", feedparser).parse(
        answer.content, response_headers=dict(answer.headers)
    )
    assert not parsed.bozo, parsed.bozo_exception
    assert parsed.version == "atom10"
    return parsed


async def used(api: ApiClient) -> None:
    builder = await api.as_body("13", "publish:*")
    await publish(builder, "1.0.0", slug="bauantrag")
    await publish(builder, "1.0.0", slug="ewa")
    koeln = await api.as_body("05315", "reuse")
    await koeln.post("/v1/reuses", json=reuse("05315", version="1.0.0"))


async def test_a_service_a_builder_and_an_area_have_feeds(
    api: ApiClient, settings: Settings
) -> None:
    await used(api)
    await deliver(api, settings)
    service = await read(api, "/feeds/services/bauantrag.atom")
    assert [entry.title for entry in service.entries] == [
        "bauantrag: Nachnutzung verzeichnet",
        "bauantrag 1.0.0: Version veröffentlicht",
        "bauantrag: Dienst verzeichnet oder berichtigt",
    ]
    assert service.entries[1].links[0].href == "/dienste/bauantrag"
    english = await read(api, "/feeds/services/bauantrag.atom", **{"Accept-Language": "en"})
    assert english.entries[1].title == "bauantrag 1.0.0: Version published"
    assert [entry.id for entry in english.entries] == [entry.id for entry in service.entries]
    event = (await api.get(service.entries[0].links[-1].href)).json()
    assert service.entries[0].id == f"urn:uuid:{event['id']}"
    builder = await read(api, "/feeds/builders/13.atom")
    assert {entry.title.split(":")[0].split()[0] for entry in builder.entries} == {
        "bauantrag",
        "ewa",
    }
    area = await read(api, "/feeds/areas/05.atom")
    assert {entry.title.split(":")[0].split()[0] for entry in area.entries} == {"bauantrag"}
    assert (await read(api, "/feeds/areas/06.atom")).entries == []
    for path in ("services/nie.atom", "builders/nie.atom", "areas/17.atom", "services/ewa"):
        assert (await api.get(f"/feeds/{path}")).status_code in (400, 404), path


async def test_a_feed_has_pages_and_is_sent_once(api: ApiClient, settings: Settings) -> None:
    builder = await api.as_body("13", "publish:*")
    numbers = [f"1.{minor}.0" for minor in range(4)]
    await publish(builder, *numbers, slug="bauantrag")
    await api.owner.execute(
        "insert into events (id, action, subject, organisation, public, recorded_at, leaf)"
        " select gen_random_uuid(), 'usage.record', 'usage/bauantrag', 'x', true, now(), ''"
        " from generate_series(1, 60)"
    )
    await api.owner.execute("update events set leaf_idx = seq + 1000000 where leaf_idx is null")
    path: str | None = "/feeds/services/bauantrag.atom"
    seen: list[str] = []
    while path:
        page = await read(api, path)
        seen += [entry.id for entry in page.entries]
        path = next((link.href for link in page.feed.links if link.rel == "next"), None)
    assert len(seen) == len(set(seen)) == 65
    first = await api.get("/feeds/services/bauantrag.atom")
    again = {"If-None-Match": first.headers["etag"]}
    unchanged = await api.get("/feeds/services/bauantrag.atom", headers=again)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert first.headers["last-modified"].endswith("GMT")


async def test_the_feed_of_a_subscription_opens_to_whose_it_is_or_who_has_its_address(
    api: ApiClient, settings: Settings
) -> None:
    koeln = await api.as_body("05315", "subscribe")
    made = (await koeln.post("/v1/subscriptions", json={"service": "ewa"})).json()
    await used(api)
    await deliver(api, settings)
    address = made["subscription"]["links"]["feed"]
    for reader, path in ((api, address), (koeln, address.partition("?")[0])):
        feed = await read(reader, path)
        assert [entry.title for entry in feed.entries] == ["ewa 1.0.0: Version veröffentlicht"]
    other = await api.as_body("06", "subscribe")
    path, _, key = address.partition("?")
    for reader, wrong in ((api, path), (other, path), (api, f"{path}?key={'0' * 40}")):
        assert (await reader.get(wrong)).status_code == 404
    nobodys = address.replace(made["subscription"]["id"], "0" * 8 + made["subscription"]["id"][8:])
    assert (await api.get(nobodys)).status_code == 404
    assert key
    assert (await koeln.delete(made["subscription"]["links"]["self"])).status_code < 300
    assert (await api.get(address)).status_code == 404
