from typing import Any

import pytest

from registry.settings import Settings
from tests.catalogue.drafts import CREATE, FULL, draft
from tests.client import ApiClient
from tests.templates import number_events

Body = dict[str, Any]

SERVICES = (
    FULL,
    draft(
        "wohngeld-sh",
        names={"de": "Online-Antrag Wohngeld", "en": "Housing benefit"},
        ozg_ids=["10092"],
        theme="arbeit_ruhestand",
        status="live",
        model="efa",
    ),
    draft(
        "umzugsservice",
        names={"de": "Digitaler Umzugsservice"},
        builders=[{"organisation": "05974040"}],
        model="municipal",
        status="pilot",
    ),
    draft("waermeplan", names={"de": "Übersicht der Wärmepläne"}, theme="bauen_wohnen"),
    draft("covid", names={"de": "Zertifikat"}, builders=[], origin="EU", model="reference"),
)


@pytest.fixture
async def filled(client: ApiClient) -> ApiClient:
    """The client, over five services in force since 2020."""
    admin = await client.as_admin()
    for document in SERVICES:
        path = f"/v1/services/{document['slug']}"
        answer = await admin.put(
            path, json=document, headers=CREATE, params={"valid_from": "2020-01-01"}
        )
        assert answer.status_code == 201, answer.text
    return client


async def listed(client: ApiClient, **query: str) -> Body:
    answer = await client.get("/v1/services", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def slugs(client: ApiClient, **query: str) -> list[str]:
    return [item["slug"] for item in (await listed(client, **query))["items"]]


def counts(answer: Body, facet: str) -> dict[str, int]:
    return {entry["value"]: entry["count"] for entry in answer["facets"].get(facet, [])}


async def test_all_services_are_listed_in_the_order_of_names(filled: ApiClient) -> None:
    answer = await listed(filled)
    assert [item["names"]["de"] for item in answer["items"]] == [
        "Digitaler Bauantrag",
        "Digitaler Umzugsservice",
        "Online-Antrag Wohngeld",
        "Übersicht der Wärmepläne",
        "Zertifikat",
    ]
    assert (answer["total"], answer["next"], answer["known_at"]) == (5, None, None)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Wohngeld", ["wohngeld-sh"]),
        ("wohngelder", ["wohngeld-sh"]),
        ("housing", ["wohngeld-sh"]),
        ("Anträge", ["wohngeld-sh", "bauantrag"]),
        ("geld", ["wohngeld-sh"]),
        ("waermeplan", ["waermeplan"]),
        ("Wärmepl", ["waermeplan"]),
        ("10092", ["wohngeld-sh"]),
        ("99012001001000", ["bauantrag"]),
        ("Mecklenburg", ["bauantrag"]),
        ("Soest", ["umzugsservice"]),
        ("05974040", ["umzugsservice"]),
        ("020000000000", ["bauantrag"]),
        ("05", ["umzugsservice"]),
        ("059740040040", ["umzugsservice"]),
        ("bauantrag", ["bauantrag"]),
        ("nichts davon", []),
        ("ab", []),
    ],
)
async def test_words_find_names_stems_parts_keys_and_builders(
    filled: ApiClient, words: str, found: list[str]
) -> None:
    assert await slugs(filled, q=words) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"theme": "bauen_wohnen"}, ["bauantrag", "waermeplan"]),
        ({"builder": "01"}, ["wohngeld-sh", "waermeplan"]),
        ({"builder": "02000000"}, ["bauantrag"]),
        ({"procedure": "99012001001000"}, ["bauantrag"]),
        ({"ozg": "10092"}, ["wohngeld-sh"]),
        ({"model": "municipal"}, ["umzugsservice"]),
        ({"status": "live"}, ["bauantrag", "wohngeld-sh"]),
        ({"origin": "EU"}, ["covid"]),
        ({"account": "bundid"}, ["bauantrag"]),
        ({"trust_level": "ozg:substanziell"}, ["bauantrag"]),
        ({"component": "fit-connect"}, ["bauantrag"]),
        ({"component_kind": "transport"}, ["bauantrag"]),
        ({"requirement": "R1"}, ["bauantrag"]),
        ({"funding": "Konjunkturpaket"}, ["bauantrag"]),
        ({"portal": "wsp-nrw"}, ["bauantrag"]),
        ({"maturity": "2.0:5"}, ["bauantrag"]),
        ({"status": "live", "theme": "bauen_wohnen"}, ["bauantrag"]),
        ({"without_key": "true"}, ["umzugsservice", "waermeplan", "covid"]),
        ({"without_key": "false"}, ["bauantrag", "wohngeld-sh"]),
        ({"has_versions": "true"}, []),
        ({"has_versions": "false", "origin": "EU"}, ["covid"]),
        ({"status": "live", "q": "Wohngeld"}, ["wohngeld-sh"]),
        ({"status": "live", "theme": "umwelt"}, []),
    ],
)
async def test_filters_narrow_the_list(
    filled: ApiClient, query: dict[str, str], found: list[str]
) -> None:
    answer = await listed(filled, **query)
    assert [item["slug"] for item in answer["items"]] == found
    assert answer["total"] == len(found)


async def test_a_facet_is_counted_without_its_own_filter(filled: ApiClient) -> None:
    answer = await listed(filled, theme="bauen_wohnen", status="live")
    assert counts(answer, "theme") == {"arbeit_ruhestand": 1, "bauen_wohnen": 1}
    assert counts(answer, "status") == {"live": 1}
    assert counts(answer, "builder") == {"13": 1, "02": 1}


async def test_facets_are_named_and_ordered_by_count(filled: ApiClient) -> None:
    facets = (await listed(filled))["facets"]
    assert facets["theme"] == [
        {"value": "bauen_wohnen", "label": NAMES["bauen_wohnen"], "count": 2},
        {"value": "arbeit_ruhestand", "label": NAMES["arbeit_ruhestand"], "count": 1},
    ]
    assert facets["builder"][0] == {
        "value": "01",
        "label": {"de": "Schleswig-Holstein", "en": None},
        "count": 2,
    }
    assert "procedure" not in facets


NAMES = {
    "bauen_wohnen": {"de": "Bauen & Wohnen", "en": "Building & housing"},
    "arbeit_ruhestand": {"de": "Arbeit & Ruhestand", "en": "Work & retirement"},
}


async def test_dated_facets_are_those_of_the_day(filled: ApiClient) -> None:
    assert await slugs(filled, account="servicekonto-nrw") == []
    assert await slugs(filled, account="servicekonto-nrw", as_of="2024-06-30") == ["bauantrag"]
    before = await listed(filled, as_of="2024-06-30")
    assert counts(before, "account") == {"servicekonto-nrw": 1}
    assert counts(before, "maturity") == {"1.1:3": 1}


async def test_the_day_of_the_answer_is_named(filled: ApiClient) -> None:
    assert (await listed(filled, as_of="2024-06-30"))["as_of"] == "2024-06-30"
    today = await filled.owner.fetchval("select legal_today()::text")
    for query in ({}, {"q": "nichts davon"}):
        assert (await listed(filled, **query))["as_of"] == today


async def test_a_builder_is_the_body_that_held_the_key_on_the_day(client: ApiClient) -> None:
    admin = await client.as_admin()
    document = draft(builders=[{"organisation": "073375006"}])
    early = {"valid_from": "2012-01-01"}
    await admin.put("/v1/services/wohngeld-sh", json=document, headers=CREATE, params=early)
    assert await slugs(client, builder="073375006") == ["wohngeld-sh"]
    assert await slugs(client, builder="073375006", as_of="2020-01-01") == ["wohngeld-sh"]
    assert await slugs(client, builder="073375006", as_of="2013-01-01") == []


async def test_nothing_is_listed_before_it_was(filled: ApiClient) -> None:
    assert await slugs(filled, as_of="2019-12-31") == []


async def test_a_journey_is_a_facet(filled: ApiClient) -> None:
    admin = await filled.as_admin()
    journey = {
        "slug": "umzug",
        "names": {"de": "Umzug", "en": "Moving"},
        "services": ["umzugsservice", "wohngeld-sh"],
    }
    await admin.put("/v1/journeys/umzug", json=journey, headers=CREATE)
    assert await slugs(filled, journey="umzug") == ["umzugsservice", "wohngeld-sh"]
    facets = (await listed(filled))["facets"]
    assert facets["journey"] == [
        {"value": "umzug", "label": {"de": "Umzug", "en": "Moving"}, "count": 2}
    ]


async def test_pages_follow_each_other_without_gap_or_repeat(filled: ApiClient) -> None:
    for query in ({}, {"q": "antrag"}):
        whole = await slugs(filled, **query)
        answer = await filled.get("/v1/services", params={"limit": "1", **query})
        seen: list[str] = []
        while True:
            body = answer.json()
            assert body["total"] == len(whole)
            seen += [item["slug"] for item in body["items"]]
            if body["next"] is None:
                break
            assert answer.headers["Link"] == f'<{body["next"]}>; rel="next"'
            answer = await filled.get(body["next"])
        assert seen == whole


async def test_a_cursor_of_another_query_is_refused(filled: ApiClient) -> None:
    cursor = (await listed(filled, limit="1"))["next"].split("cursor=")[1]
    answer = await filled.get(f"/v1/services?status=live&cursor={cursor}")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-cursor")


async def test_the_list_is_the_same_for_ever_as_known_at_a_position(
    filled: ApiClient, settings: Settings
) -> None:
    await number_events(settings)
    size = (await filled.get("/v1/log/position")).json()["size"]
    then = await filled.get("/v1/services", params={"known_at": str(size)})
    admin = await filled.as_admin()
    etag = (await filled.get("/v1/services/covid")).headers["ETag"]
    changed = draft("covid", builders=[], origin="EU", status="ended", theme="gesundheit")
    await admin.put("/v1/services/covid", json=changed, headers={"If-Match": etag})
    await number_events(settings)
    again = await filled.get("/v1/services", params={"known_at": str(size)})
    assert again.content == then.content
    assert again.json()["known_at"]["size"] == size
    assert await slugs(filled, status="ended") == ["covid"]
    earlier = await listed(filled, known_at=str(size - 2))
    assert earlier["total"] == 3


async def test_an_unchanged_list_is_not_sent_again(filled: ApiClient) -> None:
    first = await filled.get("/v1/services")
    again = await filled.get("/v1/services", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "query",
    ["themes=umwelt", "theme=Um%20welt", "procedure=1", "ozg=1", "limit=0", "as_of=1", "q="],
)
async def test_a_filter_that_means_nothing_is_refused(client: ApiClient, query: str) -> None:
    answer = await client.get(f"/v1/services?{query}")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-request")


async def test_an_unknown_builder_is_told(client: ApiClient) -> None:
    answer = await client.get("/v1/services", params={"builder": "nobody"})
    assert answer.json()["type"] == "/problems/unknown-organisation"


@pytest.mark.parametrize("words", ["'", "& | !", "der die das", "a:*b", "\\", "<->", "%00"])
async def test_no_words_break_the_search(filled: ApiClient, words: str) -> None:
    assert (await filled.get("/v1/services", params={"q": words})).status_code == 200


async def test_a_compound_in_the_name_is_better_than_the_word_in_the_text(
    filled: ApiClient,
) -> None:
    admin = await filled.as_admin()
    document = draft("kredit", names={"de": "Kredite"}, summary={"de": "Hilft mit Geld."})
    await admin.put("/v1/services/kredit", json=document, headers=CREATE)
    document = draft("foerdergeld", names={"de": "Fördergeldstelle"})
    await admin.put("/v1/services/foerdergeld", json=document, headers=CREATE)
    found = await slugs(filled, q="Geld")
    assert found.index("foerdergeld") < found.index("kredit")


async def test_the_basis_and_the_money_of_a_service_are_facets_that_change_with_time(
    client: ApiClient,
) -> None:
    admin = await client.as_admin()
    states = (
        ("2021-01-01", {"agreement_basis": "dachabkommen", "funding": [{"reference": "OZG"}]}),
        ("2023-01-01", {"funding": [{"reference": "OZG"}, {"reference": "Land"}]}),
    )
    for day, fields in states:
        known = {"If-Match": "*"} if day > "2021-01-01" else CREATE
        document = draft("bauantrag", **fields)
        path, query = "/v1/services/bauantrag", {"valid_from": day}
        answer = await admin.put(path, json=document, headers=known, params=query)
        assert answer.is_success, answer.text
    assert await slugs(client, agreement_basis="dachabkommen", as_of="2022-12-31") == ["bauantrag"]
    assert await slugs(client, agreement_basis="dachabkommen", as_of="2023-01-01") == []
    assert await slugs(client, funding="Land", as_of="2022-12-31") == []
    assert await slugs(client, funding="Land", as_of="2023-01-01") == ["bauantrag"]
    facets = (await listed(client, as_of="2022-12-31"))["facets"]
    (basis,) = facets["agreement_basis"]
    assert (basis["value"], basis["count"]) == ("dachabkommen", 1)
    assert basis["label"]["de"] != "dachabkommen"
    later = (await listed(client, as_of="2023-01-01"))["facets"]
    assert "agreement_basis" not in later
    assert {one["value"] for one in later["funding"]} == {"OZG", "Land"}
