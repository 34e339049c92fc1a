"""What a body wants to hear of, and whose business that is."""

from typing import Any

import pytest

from tests.client import ApiClient, pointers
from tests.reuse.drafts import reuse

PATH = "/v1/subscriptions"
HOOK = "https://empfaenger.example/hook"


async def taken(answer: Any, status: int = 201) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_webhook_gets_a_secret_once(api: ApiClient) -> None:
    koeln = await api.as_body("05315", "subscribe")
    draft = {"service": "bauantrag", "range": "^2", "url": HOOK}
    answer = await koeln.post(PATH, json=draft)
    made = await taken(answer)
    assert made["secret"].startswith("whsec_")
    shown = made["subscription"]
    assert (shown["state"], shown["waiting"], shown["range"]) == ("unverified", 1, "^2")
    assert answer.headers["Location"] == shown["links"]["self"] == f"{PATH}/{shown['id']}"
    again = await taken(await koeln.post(PATH, json=draft, events=0), 200)
    assert (again["secret"], again["subscription"]["id"]) == (None, shown["id"])
    assert (await koeln.get(shown["links"]["self"])).json() == shown


async def test_every_secret_is_another(api: ApiClient) -> None:
    koeln = await api.as_body("05315", "subscribe")
    made = [
        await taken(await koeln.post(PATH, json={"service": slug, "url": HOOK}))
        for slug in ("ewa", "bauantrag")
    ]
    rotated = await koeln.post(f"{made[0]['subscription']['links']['self']}/secret")
    secrets = {one["secret"] for one in (*made, await taken(rotated))}
    assert len(secrets) == 3


async def test_others_neither_see_nor_end_it(api: ApiClient) -> None:
    koeln = await api.as_body("05315", "subscribe")
    made = (await taken(await koeln.post(PATH, json={"url": HOOK})))["subscription"]
    own = made["links"]["self"]
    for other in (await api.as_body("05", "subscribe"), await api.as_body("06", "subscribe")):
        assert (await other.get(own)).status_code == 404
        assert (await other.delete(own)).status_code == 404
        assert (await other.get(made["links"]["deliveries"])).status_code == 404
        assert (await other.get(PATH)).json()["items"] == []
        assert (await other.get(f"{PATH}?organisation=05315")).status_code == 403
    for_koeln = {"organisation": "05315", "service": "ewa"}
    land = await api.as_body("05", "subscribe")
    assert (await land.post(PATH, json=for_koeln)).status_code == 403
    await koeln.put("/v1/delegations/05315/05", json={"scopes": ["subscribe"]})
    assert (await land.post(PATH, json=for_koeln)).status_code in (201, 403)


async def test_an_end_is_an_end(api: ApiClient) -> None:
    koeln = await api.as_body("05315", "subscribe")
    made = (await taken(await koeln.post(PATH, json={"url": HOOK})))["subscription"]
    own = made["links"]["self"]
    ended = await taken(await koeln.delete(own), 200)
    assert (ended["state"], ended["ended_because"]) == ("ended", "cancelled")
    assert (ended["waiting"], ended["dead"]) == (0, 1)
    assert (await koeln.delete(own, events=0)).status_code == 200
    assert (await koeln.post(f"{own}/test")).status_code == 409
    listed = (await koeln.get(PATH)).json()
    assert [one["state"] for one in listed["items"]] == ["ended"]


async def test_what_is_reused_is_told_by_default(api: ApiClient) -> None:
    koeln = await api.as_body("05315", "reuse", "subscribe")
    assert (await koeln.get(PATH)).json()["by_default"] == []
    await koeln.post("/v1/reuses", json=reuse("05315"))
    assert (await koeln.get(PATH)).json()["by_default"] == ["bauantrag"]


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        ({"service": "nirgends"}, "/service"),
        ({"range": "^^2"}, "/range"),
        ({"actions": ["versions.publish", "identity.create_token"]}, "/actions/1"),
        ({"builder": "0599999"}, "/builder"),
        ({"theme": "gibt-es-nicht"}, "/theme"),
        ({"area": "0531"}, "/area"),
        ({"url": "https://user:secret@a.example/"}, "/url"),
    ],
)
async def test_what_is_unknown_is_refused_with_its_place(
    api: ApiClient, draft: dict[str, Any], pointer: str
) -> None:
    koeln = await api.as_body("05315", "subscribe")
    answer = await koeln.post(PATH, json=draft)
    assert answer.status_code in (400, 422), answer.text
    assert pointers(answer.json()) == [pointer]


async def test_reading_alone_does_not_subscribe(api: ApiClient) -> None:
    koeln = await api.as_body("05315", "read")
    assert (await koeln.post(PATH, json={})).status_code == 403
