from typing import Any

from registry.settings import Settings
from tests.agreements.drafts import CREATE, PRESS, contract, framework
from tests.client import ApiClient, pointers
from tests.templates import number_events


async def recorded(api: ApiClient, document: dict[str, Any]) -> dict[str, Any]:
    answer = await api.put(f"/v1/agreements/{document['slug']}", json=document, headers=CREATE)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def slugs(api: ApiClient, query: str = "") -> list[str]:
    answer = await api.get(f"/v1/agreements?{query}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["total"] == len(found["items"])
    return [item["slug"] for item in found["items"]]


async def test_a_party_records_an_agreement(api: ApiClient) -> None:
    nrw = await api.as_body("05", "agreements")
    sent = framework("05", "13", number="2021/1", deed={"reference": "Az. 4", "sha256": "0" * 64})
    answer = await nrw.put("/v1/agreements/rahmen", json=sent, headers=CREATE)
    assert answer.status_code == 201
    assert answer.headers["location"] == "/v1/agreements/rahmen"
    body = answer.json()
    assert {name: body[name] for name in ("number", "deed", "in_force_from")} == {
        "number": "2021/1",
        "deed": {"reference": "Az. 4", "sha256": "0" * 64},
        "in_force_from": "2021-01-30",
    }
    assert body["status"] == "in_force"
    assert body["record"]["revision"] == 1
    assert [party["key"] for party in body["record"]["parties"]] == ["bund", "05", "13"]
    read = await api.get("/v1/agreements/rahmen")
    assert (read.json(), read.headers["etag"]) == (body, answer.headers["etag"])


async def test_a_correction_names_what_it_corrects_and_the_same_again_is_no_event(
    api: ApiClient,
) -> None:
    nrw = await api.as_body("05", "agreements")
    path, sent = "/v1/agreements/rahmen", framework("05")
    first = await nrw.put(path, json=sent, headers=CREATE)
    assert (await nrw.put(path, json=sent)).status_code == 428
    assert (await nrw.put(path, json=sent, headers=CREATE)).status_code == 412
    old = {"If-Match": first.headers["etag"]}
    second = await nrw.put(path, json=framework("05", "06"), headers=old)
    assert (second.status_code, second.json()["record"]["revision"]) == (200, 2)
    assert (await nrw.put(path, json=sent, headers=old)).status_code == 412
    again = await nrw.put(path, json=framework("05", "06"), headers=old, events=0)
    assert (again.status_code, again.json()) == (200, second.json())


async def test_only_a_party_or_who_stands_above_one_records(api: ApiClient) -> None:
    path = "/v1/agreements/vertrag"
    await recorded(await api.as_admin(), framework("05"))
    sent = contract("vertrag", "05315", "fitko", services=["bauantrag"])
    for stranger in (await api.as_body("06", "agreements"), await api.as_body("05", "reuse")):
        refused = await stranger.put(path, json=sent, headers=CREATE)
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-yours")
    assert (await api.put(path, json=sent, headers=CREATE)).status_code == 401
    assert (await api.get(path)).status_code == 404
    answer = await (await api.as_body("05", "agreements")).put(path, json=sent, headers=CREATE)
    assert answer.status_code == 201
    other = contract("vertrag", "06", "13", services=["bauantrag"])
    thief = await (await api.as_body("06", "agreements")).put(
        path, json=other, headers={"If-Match": answer.headers["etag"]}
    )
    assert thief.status_code == 403
    out = await (await api.as_body("05", "agreements")).put(
        path, json=other, headers={"If-Match": answer.headers["etag"]}
    )
    assert out.status_code == 403


async def test_everything_wrong_is_named_at_once(api: ApiClient) -> None:
    admin = await api.as_admin()
    await recorded(admin, framework("05"))
    by_itself = contract(
        "vertrag",
        "05",
        signed_on="2021-02-30",
        parties=[{"role": "party"}, {"organisation": "05", "name": "NRW"}],
        projects=["a", "a"],
        amount_eur="12.50",
        sources=[{}],
        parent="vertrag",
    )
    answer = await admin.put("/v1/agreements/vertrag", json=by_itself, headers=CREATE)
    assert answer.status_code == 422
    assert set(pointers(answer.json())) == {
        "/signed_on",
        "/parties/0",
        "/parties/1",
        "/projects/1",
        "/amount_source",
        "/sources/0",
        "/parent",
    }
    unknown = contract(
        "vertrag",
        "05",
        "nirgendwo",
        services=["nichts"],
        themes=["weltraum"],
        decisions=["rahmen"],
        parent="oben",
        in_force_to="2022",
    )
    answer = await admin.put("/v1/agreements/vertrag", json=unknown, headers=CREATE)
    assert set(pointers(answer.json())) == {
        "/parties/1/organisation",
        "/services/0",
        "/themes/0",
        "/decisions/0",
        "/parent",
        "/in_force_to",
    }


async def test_a_body_is_a_party_once_whichever_key_names_it(api: ApiClient) -> None:
    admin = await api.as_admin()
    twice = framework("05", "05000")
    answer = await admin.put("/v1/agreements/rahmen", json=twice, headers=CREATE)
    assert answer.status_code == 422
    assert len(pointers(answer.json())) == 1


async def test_an_amount_is_exact_and_has_a_public_source(api: ApiClient) -> None:
    admin = await api.as_admin()
    sent = framework("05", amount_eur="154900000.10", amount_source=PRESS)
    assert (await recorded(admin, sent))["amount_eur"] == "154900000.10"
    inexact = framework("05", amount_eur="1.234", amount_source=PRESS)
    assert (await admin.put("/v1/agreements/rahmen", json=inexact)).status_code == 422


async def test_agreements_do_not_stand_above_themselves(api: ApiClient) -> None:
    admin = await api.as_admin()
    first = await recorded(admin, contract("a", "05", parent=None))
    await recorded(admin, contract("b", "05", parent="a"))
    etag = (await api.get("/v1/agreements/a")).headers["etag"]
    looped = await admin.put(
        "/v1/agreements/a", json=contract("a", "05", parent="b"), headers={"If-Match": etag}
    )
    assert (looped.status_code, pointers(looped.json())) == (422, ["/parent"])
    assert (await api.get("/v1/agreements/a")).json() == first


async def test_a_body_joins_and_leaves(api: ApiClient) -> None:
    await recorded(await api.as_admin(), framework("05"))
    hessen = await api.as_body("06", "agreements")
    path = "/v1/agreements/rahmen/accessions/06"
    answer = await hessen.put(path, json={"valid_from": "2022-03"}, headers=CREATE)
    assert answer.status_code == 201
    assert answer.headers["location"] == path
    assert answer.json()["organisation"] == {"key": "06", "name": "Hessen"}
    (joined,) = (await api.get("/v1/agreements/rahmen")).json()["accessions"]
    assert joined == answer.json() == (await api.get(path)).json()
    assert await slugs(api, "party=06&as_of=2022-03-01") == ["rahmen"]
    assert await slugs(api, "party=06&as_of=2022-02-28") == []
    until = {"valid_from": "2022-03", "valid_to": "2024-01-01"}
    assert (await hessen.put(path, json=until)).status_code == 428
    etag = {"If-Match": answer.headers["etag"]}
    left = await hessen.put(path, json=until, headers=etag)
    assert (left.status_code, left.json()["valid_to"]) == (200, "2024-01-01")
    again = await hessen.put(path, json=until, headers=etag, events=0)
    assert again.json() == left.json()
    assert await slugs(api, "party=06&as_of=2023-12-31") == ["rahmen"]
    assert await slugs(api, "party=06&as_of=2024-01-01") == []
    counted = (await api.get("/v1/agreements?as_of=2023-01-01")).json()["items"][0]
    later = (await api.get("/v1/agreements?as_of=2024-01-01")).json()["items"][0]
    assert (counted["accessions"], later["accessions"]) == (1, 0)


async def test_nobody_joins_for_others(api: ApiClient) -> None:
    await recorded(await api.as_admin(), framework("05"))
    nrw = await api.as_body("05", "agreements")
    joins = {"valid_from": "2022"}
    foreign = await nrw.put("/v1/agreements/rahmen/accessions/06", json=joins, headers=CREATE)
    assert foreign.status_code == 403
    nowhere = await nrw.put("/v1/agreements/nichts/accessions/05", json=joins, headers=CREATE)
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, "/problems/unknown-agreement")
    own = "/v1/agreements/rahmen/accessions/05315"
    backwards = {"valid_from": "2022", "valid_to": "2021"}
    refused = await nrw.put(own, json=backwards, headers=CREATE)
    assert (refused.status_code, pointers(refused.json())) == (422, ["/valid_to"])
    assert (await api.get(own)).json()["type"] == "/problems/unknown-accession"
    assert (await nrw.put(own, json=joins, headers=CREATE)).status_code == 201


async def test_lists_are_filtered_and_paged(api: ApiClient) -> None:
    admin = await api.as_admin()
    await recorded(admin, framework("05", "13"))
    await recorded(admin, contract("a", "05315", "fitko", services=["bauantrag"]))
    await recorded(admin, contract("b", "06", "fitko", themes=["bauen_wohnen"]))
    decision = {"slug": "d", "kind": "decision", "names": {"de": "Beschluss"}, "signed_on": "2021"}
    await recorded(admin, decision)
    demo = contract("muster", "bund", parties=[{"organisation": "05"}], in_force_from="2030")
    await recorded(admin, demo)
    assert await slugs(api) == ["d", "a", "b", "rahmen"]
    assert await slugs(api, "kind=decision") == ["d"]
    assert await slugs(api, "party=fitko") == ["a", "b"]
    assert await slugs(api, "within=05") == ["a", "rahmen"]
    assert await slugs(api, "service=bauantrag") == ["a"]
    assert await slugs(api, "theme=bauen_wohnen") == ["b"]
    assert await slugs(api, "status=upcoming") == ["muster"]
    assert await slugs(api, "as_of=2022-06-01") == ["d", "rahmen"]
    assert await slugs(api, "as_of=2021-06-01&status=concluded") == []
    assert await slugs(api, "as_of=2021-12-31&status=concluded") == ["d"]
    first = (await api.get("/v1/agreements?limit=3")).json()
    rest = (await api.get(first["next"])).json()
    assert [item["slug"] for item in first["items"] + rest["items"]] == ["d", "a", "b", "rahmen"]
    assert (first["total"], rest["next"]) == (4, None)


async def test_what_was_known_before_a_correction_stays(api: ApiClient, settings: Settings) -> None:
    admin = await api.as_admin()
    await recorded(admin, framework("05"))
    size = await number_events(settings)
    before = await api.get(f"/v1/agreements/rahmen?known_at={size}")
    listed = await api.get(f"/v1/agreements?known_at={size}")
    etag = (await api.get("/v1/agreements/rahmen")).headers["etag"]
    corrected = framework("05", "06", in_force_from="2021-02")
    answer = await admin.put("/v1/agreements/rahmen", json=corrected, headers={"If-Match": etag})
    assert answer.status_code == 200
    hessen = await api.as_body("06", "agreements")
    path = "/v1/agreements/rahmen/accessions/06"
    assert (await hessen.put(path, json={"valid_from": "2022"}, headers=CREATE)).status_code == 201
    await number_events(settings)
    after = await api.get(f"/v1/agreements/rahmen?known_at={size}")
    assert after.content == before.content
    assert after.json()["known_at"]["size"] == size
    assert (await api.get(f"/v1/agreements?known_at={size}")).content == listed.content
    assert (await api.get(f"{path}?known_at={size}")).status_code == 404
    now = (await api.get("/v1/agreements/rahmen")).json()
    assert (now["in_force_from"], len(now["parties"]), len(now["accessions"])) == ("2021-02", 3, 1)
