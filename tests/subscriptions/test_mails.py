"""Mails: asked first, one a day, reminded of ends, ended where the server refuses."""

import asyncio
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from registry.settings import Settings
from tests.client import ApiClient
from tests.replayed import replay_emptied
from tests.reuse.drafts import reuse
from tests.subscriptions.mailbox import Mailbox, mailbox, write_mails
from tests.subscriptions.receiver import deliver
from tests.versions.published import publish

PATH = "/v1/subscriptions"
ADDRESS = "it-leitung@koeln.example"
BASE = "https://register.example"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(
        settings,
        smtp_url="smtp+plain://127.0.0.1:9",
        mail_from="register@register.example",
        public_url=BASE,
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mailbox]:
    with mailbox(tmp_path_factory.mktemp("mails")) as running:
        yield running


@pytest.fixture
def box(server: Mailbox) -> Mailbox:
    server.empty()
    return server


async def subscribed(api: ApiClient, box: Mailbox, **draft: Any) -> tuple[ApiClient, str]:
    """A body whose address said that it wants to hear."""
    koeln = await api.as_body("05315", "subscribe", "reuse")
    made = await koeln.post(PATH, json={"mail": ADDRESS, **draft})
    assert made.status_code == 201, made.text
    path = made.json()["subscription"]["links"]["self"]
    await write_mails(api, box)
    code = re.search(r"^    ([A-Z2-7]{12})$", box.text(), re.MULTILINE)
    assert code
    answer = await koeln.post(f"{path}/confirmation", json={"code": code[1]})
    assert (answer.status_code, answer.json()["state"]) == (200, "active")
    return koeln, path


async def test_an_address_is_asked_first_and_then_told_once_a_day(
    api: ApiClient, box: Mailbox, settings: Settings
) -> None:
    koeln, path = await subscribed(api, box, service="bauantrag")
    question = box.came[0]
    assert (question["To"], question["Auto-Submitted"]) == (ADDRESS, "auto-generated")
    assert f"POST {BASE}{path}/confirmation" in box.text()
    assert (await koeln.post(f"{path}/confirmation", json={"code": "X"})).status_code == 422
    builder = await api.as_body("13", "publish:*")
    await publish(builder, "1.0.0", "1.1.0", slug="bauantrag")
    await publish(builder, "1.0.0", slug="ewa")
    await deliver(api, settings)
    await write_mails(api, box)
    assert len(box.came) == 1
    await write_mails(api, box, daily=True)
    assert box.came[1]["Subject"] == "EfA-Register: 2 Neuigkeiten"
    assert "bauantrag 1.1.0: Version veröffentlicht" in box.text()
    assert _paths(box.text()) == []
    told = re.findall(rf"^  {BASE}(/v1/events/\S+)$", box.text(), re.MULTILINE)
    assert [(await api.get(link)).status_code for link in told] == [200, 200]
    assert "ewa" not in box.text()
    await write_mails(api, box, daily=True)
    assert len(box.came) == 2
    told = (await koeln.get(f"{path}/deliveries")).json()["items"]
    assert [(one["kind"], one["state"]) for one in told] == [
        ("event", "delivered"), ("event", "delivered"), ("handshake", "delivered"),
    ]  # fmt: skip
    assert told[0]["attempts"][0]["status"] == 250
    tomorrow = await api.owner.fetchval("select digest_at > now() from mail_states")
    assert tomorrow


async def test_without_the_code_nothing_is_told(
    api: ApiClient, box: Mailbox, settings: Settings
) -> None:
    koeln = await api.as_body("05315", "subscribe")
    made = await koeln.post(PATH, json={"mail": ADDRESS, "service": "bauantrag"})
    assert made.json()["subscription"]["state"] == "unverified"
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="bauantrag")
    await deliver(api, settings)
    await write_mails(api, box)
    await write_mails(api, box, daily=True)
    assert len(box.came) == 1
    assert "Code" in box.text()


async def test_ends_of_versions_are_told_of_four_times(
    api: ApiClient, box: Mailbox, settings: Settings
) -> None:
    koeln, _ = await subscribed(api, box, service="ewa")
    await publish(await api.as_body("13", "publish:*"), "1.0.0", "2.0.0", slug="bauantrag")
    await koeln.post("/v1/reuses", json=reuse("05315", version="1.0.0"))
    admin = await api.as_admin()
    today: date = await api.owner.fetchval("select legal_today()")
    end = "/v1/services/bauantrag/versions/1.0.0/deprecation"
    sunset = today + timedelta(days=200)
    await admin.put(end, json={"sunset": sunset.isoformat(), "successor": "2.0.0"})
    subjects: list[str] = []
    for days in (200, 180, 150, 90, 31, 30, 8, 7, 1):
        await api.owner.execute(
            "update version_deprecations set sunset = $1", today + timedelta(days=days)
        )
        await api.owner.execute("update mail_reminders set sunset = $1", today + timedelta(days))
        before = len(box.came)
        await write_mails(api, box, daily=True)
        subjects += [f"{days}: {mail['Subject']}" for mail in box.came[before:]]
    assert subjects == [f"{days}: EfA-Register: 1 endende Versionen" for days in (180, 90, 30, 7)]
    assert "bauantrag 1.0.0 endet am" in box.text()
    assert f"\n  {BASE}/dienste/bauantrag/1.0.0\n" in box.text()
    assert "Nachfolgerin 2.0.0" in box.text()


async def test_who_is_refused_for_good_is_written_to_no_more(
    api: ApiClient, box: Mailbox, settings: Settings
) -> None:
    koeln, path = await subscribed(api, box, service="bauantrag")
    await publish(await api.as_body("13", "publish:*"), "1.0.0", slug="bauantrag")
    await deliver(api, settings)
    box.refuse(ADDRESS, "451 later")
    await write_mails(api, box, daily=True)
    told = (await koeln.get(f"{path}/deliveries")).json()["items"][0]
    assert (told["state"], told["attempts"][0]["status"]) == ("readable", 451)
    box.refuse(ADDRESS, "550 no such mailbox")
    await write_mails(api, box, daily=True)
    shown = (await koeln.get(path)).json()
    assert (shown["state"], shown["ended_because"]) == ("ended", "gone")
    told = (await koeln.get(f"{path}/deliveries")).json()["items"][0]
    assert (told["state"], told["attempts"][-1]["status"]) == ("dead", 550)
    assert len(box.came) == 1


async def test_a_server_that_is_not_there_is_tried_again(
    api: ApiClient, box: Mailbox, settings: Settings, tmp_path: Path
) -> None:
    koeln = await api.as_body("05315", "subscribe")
    await koeln.post(PATH, json={"mail": ADDRESS})
    await write_mails(api, Mailbox("smtp+plain://127.0.0.1:1", tmp_path))
    later = await api.owner.fetchval("select next_at - now() from mail_states")
    assert timedelta(minutes=10) < later < timedelta(minutes=20)
    await api.owner.execute("update mail_states set next_at = now()")
    await write_mails(api, box)
    assert len(box.came) == 1


async def test_one_way_only_and_none_where_no_server_is_set(
    api: ApiClient, settings: Settings
) -> None:
    koeln = await api.as_body("05315", "subscribe")
    both = await koeln.post(PATH, json={"mail": ADDRESS, "url": "https://empfaenger.example/"})
    assert both.json()["errors"][0]["rule"] == "one-channel"
    transport: Any = api.http._transport
    state = transport.app.state
    state.settings = msgspec.structs.replace(settings, smtp_url="")
    none = await koeln.post(PATH, json={"mail": ADDRESS})
    assert none.json()["errors"][0]["rule"] == "no-mail"


async def test_a_log_replayed_asks_no_address_again_that_was_confirmed(
    api: ApiClient, box: Mailbox
) -> None:
    await subscribed(api, box, service="bauantrag")
    await replay_emptied(api.owner)
    await write_mails(api, box)
    assert len(box.came) == 1


def _paths(text: str) -> list[str]:
    """Addresses without the registry they lead to."""
    return re.findall(r"(?<![\w/.])/(?:v1|dienste)/\S*", text)


async def refused(answer: httpx.Response) -> str:
    """The rule or the kind of a refusal."""
    told = answer.json()
    return told["errors"][0]["rule"] if "errors" in told else told["type"].split("/")[-1]


async def test_an_address_that_has_not_answered_is_not_asked_again(
    api: ApiClient, box: Mailbox
) -> None:
    koeln = await api.as_body("05315", "subscribe")
    first = {"mail": ADDRESS, "service": "bauantrag"}
    made = await koeln.post(PATH, json=first)
    assert (await koeln.post(PATH, json=first, events=0)).status_code == 200
    other = await koeln.post(PATH, json={"mail": ADDRESS.upper(), "service": "ewa"})
    assert (other.status_code, await refused(other)) == (422, "mail-unconfirmed")
    await koeln.delete(made.json()["subscription"]["links"]["self"])
    assert (await koeln.post(PATH, json={"mail": ADDRESS, "service": "ewa"})).status_code == 201


async def test_an_address_is_asked_three_times_a_day_by_whom_ever(api: ApiClient) -> None:
    for key in ("05315", "05111"):
        city = await api.as_body(key, "subscribe")
        made = await city.post(PATH, json={"mail": ADDRESS, "service": "bauantrag"})
        await city.delete(made.json()["subscription"]["links"]["self"])
    spelled = {"mail": ADDRESS.replace("it-", "IT-"), "service": "bauantrag"}
    land = await api.as_body("06", "subscribe")
    assert (await land.post(PATH, json=spelled)).status_code == 201
    another = await api.as_body("13", "subscribe")
    answer = await another.post(PATH, json=spelled)
    assert (answer.status_code, await refused(answer)) == (429, "too-many-confirmations")
    assert 86_000 < int(answer.headers["retry-after"]) <= 86_400
    assert answer.headers["ratelimit-policy"] == '"confirmations";q=3;w=86400'
    await api.owner.execute("update subscriptions set recorded_at = now() - interval '25 hours'")
    assert (await another.post(PATH, json=spelled)).status_code == 201


async def test_a_token_has_few_addresses_asked_a_day_for_all_it_acts_for(api: ApiClient) -> None:
    city = await api.as_body("05315", "admin")
    answer = await city.put("/v1/delegations/05315/06", json={"scopes": ["subscribe"]})
    assert answer.status_code == 201, answer.text
    land = await api.as_body("06", "subscribe")
    in_place_of = [None, "05315"] * 10
    for number, key in enumerate(in_place_of):
        draft = {"mail": f"stelle{number}@example.org", "service": "ewa", "organisation": key}
        assert (await land.post(PATH, json=draft)).status_code == 201
    for key in (None, "05315"):
        draft = {"mail": "noch-eine@example.org", "service": "ewa", "organisation": key}
        answer = await land.post(PATH, json=draft)
        assert (answer.status_code, await refused(answer)) == (429, "too-many-confirmations")
    plain = await land.post(PATH, json={"service": "ewa"})
    assert plain.status_code == 201, "who asks no address is not limited"


async def test_calls_at_once_do_not_slip_through(api: ApiClient) -> None:
    cities = [await api.as_body(key, "subscribe") for key in ("05315", "05111", "06", "13", "07")]
    answers = await asyncio.gather(
        *(
            city.http.post(
                PATH,
                json={"mail": ADDRESS, "service": "ewa"},
                headers={"Authorization": f"Bearer {city.token}"},
            )
            for city in cities
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 429, 429]
