"""A body's own affairs on pages: what it hears of, its tokens, who acts for it."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from registry.db import begin
from registry.identity.operator import operator
from registry.settings import Settings
from registry.site.routes.acting import _bodies
from tests.client import ApiClient, open_client
from tests.reuse.conftest import add_service
from tests.site.test_forms import HTML, SITE, location, send, sound

OWN = "/meine-stelle"
SUBSCRIPTIONS = f"{OWN}/abonnements"
TOKENS = f"{OWN}/token"
DELEGATIONS = f"{OWN}/vertretungen"
SCOPES = ("reuse", "usage", "subscribe")


@pytest.fixture(scope="module")
async def world(shared_settings: Settings) -> AsyncIterator[ApiClient]:
    """A registry with a service; nothing is sent, since nobody delivers."""
    settings = msgspec.structs.replace(shared_settings, public_url=SITE)
    async with open_client(settings) as opened:
        async with begin(opened.conn, operator()) as tx:
            await add_service(tx, "bauantrag", "13")
        yield opened


@pytest.fixture
async def clerk(world: ApiClient) -> ApiClient:
    return await world.as_person("05315", *SCOPES)


async def shown(person: ApiClient, path: str, status: int = 200) -> str:
    answer = await person.get(path, headers=HTML)
    assert answer.status_code == status, answer.text
    return sound(answer)


async def html(person: ApiClient, path: str) -> str:
    answer = await person.get(path, headers=HTML)
    assert answer.status_code == 200, answer.text
    return answer.text


async def subscribed(clerk: ApiClient, **fields: Any) -> str:
    """The page of a subscription that is read, not sent."""
    return location(await send(clerk, f"{SUBSCRIPTIONS}/neu", events=1, **fields))


async def secret_page(person: ApiClient, made: httpx.Response) -> str:
    """What the page says to which the browser takes a secret just made; it says so only once."""
    name, _, carried = made.headers["set-cookie"].partition(";")[0].partition("=")
    page = location(made)
    taken = {"Cookie": f"{person.browser['Cookie']}; {name}={carried}"}
    answer = await person.get(page, headers=HTML | taken)
    assert re.search(rf"{name}=.*Max-Age=0", answer.headers["set-cookie"])
    assert "Schon gezeigt" in await shown(person, page)
    stranger = {"Cookie": f"efa-session=none; {name}={carried}"}
    assert (await person.get(page, headers=HTML | stranger)).status_code == 401
    return sound(answer) + " " + " ".join(re.findall('href="([^"]*)"', answer.text))


async def test_a_subscription_is_made_changed_and_ended(clerk: ApiClient) -> None:
    wrong = await send(clerk, f"{SUBSCRIPTIONS}/neu", service="gibt-es-nicht", range="^^")
    assert wrong.status_code == 422
    assert 'value="gibt-es-nicht"' in wrong.text
    assert wrong.text.count('aria-invalid="true"') == 2
    asked: Any = {"service": "bauantrag", "note": "<b>", "actions": ["usage.record"]}
    page = await subscribed(clerk, **asked)
    text = await shown(clerk, page)
    assert "Fallzahlen verzeichnet" in text
    again = await send(clerk, f"{SUBSCRIPTIONS}/neu", **asked)
    assert location(again) == page
    form = (await clerk.get(f"{page}/aendern", headers=HTML)).text
    assert 'value="bauantrag"' in form
    assert re.search(r'value="usage.record" checked', form)
    other = location(await send(clerk, f"{page}/aendern", events=2, **asked, range="^2"))
    assert other != page
    assert "beendet: von Ihnen" in await shown(clerk, page)
    assert "^2" in await shown(clerk, other)
    assert "wirklich beenden?" in await shown(clerk, f"{other}/beenden")
    unsure = await send(clerk, f"{other}/beenden")
    assert (unsure.status_code, "wirklich beenden?" in unsure.text) == (200, True)
    assert location(await send(clerk, f"{other}/beenden", events=1, answer="yes")) == other
    assert "beendet" in await shown(clerk, SUBSCRIPTIONS)


async def test_a_webhook_shows_its_secret_once_and_sends_again(
    world: ApiClient, clerk: ApiClient
) -> None:
    made = await send(clerk, f"{SUBSCRIPTIONS}/neu", events=1, url="https://empfang.example/")
    told = await secret_page(clerk, made)
    secret = re.search(r"whsec_[A-Za-z0-9+/=_-]+", told)
    assert secret
    (link,) = set(re.findall(rf"{SUBSCRIPTIONS}/[0-9a-f-]{{36}}", told))
    text = await shown(clerk, link)
    assert secret[0] not in text
    assert "wartet auf Bestätigung" in text
    assert "Frage, ob die Adresse annimmt" in text
    known = (await clerk.get(f"/v1/subscriptions/{link.rpartition('/')[2]}/deliveries")).json()
    delivery = known["items"][0]["id"]
    done = await send(clerk, f"{link}/zustellungen/{delivery}/erneut", events=1)
    assert location(done) == link
    assert location(await send(clerk, f"{link}/test", events=1)) == link
    assert "Probe" in await shown(clerk, link)
    renewed = await send(clerk, f"{link}/geheimnis", events=1, answer="yes")
    told = await secret_page(clerk, renewed)
    assert "whsec_" in told
    assert secret[0] not in told
    stranger = await world.as_person("06", *SCOPES, account="fremd")
    for path in (link, f"{link}/aendern", f"{link}/beenden"):
        assert "Abonnement" in await shown(stranger, path, 404)
    for path in ("test", "beenden", "aendern", f"zustellungen/{delivery}/erneut"):
        refused = await send(stranger, f"{link}/{path}", answer="yes")
        assert refused.status_code == 404, path


async def test_a_token_is_shown_once_works_and_is_taken_back(
    world: ApiClient, clerk: ApiClient
) -> None:
    empty = await send(clerk, f"{TOKENS}/neu", days="bald")
    assert empty.status_code == 422
    assert "days" in empty.text
    long = await send(clerk, f"{TOKENS}/neu", days="400")
    assert "Ein Token gilt höchstens 90 Tage, eines nur zum Lesen höchstens 365" in sound(long)
    assert "höchstens 90 Tage" in sound(
        await send(clerk, f"{TOKENS}/neu", days="91", scopes=["usage"])
    )
    asked: Any = {"scopes": ["usage"], "days": "7", "note": "Fachverfahren", "cidrs": ""}
    made = await send(clerk, f"{TOKENS}/neu", events=1, **asked)
    assert "efa_write" not in made.headers["set-cookie"]
    text = await secret_page(clerk, made)
    token = re.search(r"efa_[A-Za-z0-9_]{30,}", text)
    assert token, text
    me = (await world.with_token(token[0]).get("/v1/me")).json()
    assert (me["organisation"], me["scopes"]) == ("05315", ["usage"])
    listed = await clerk.get(TOKENS, headers=HTML)
    assert token[0] not in listed.text
    (way,) = set(re.findall(rf"{TOKENS}/[0-9a-f-]{{36}}/zuruecknehmen", listed.text))
    assert "Fachverfahren" in await shown(clerk, way)
    assert location(await send(clerk, way, events=1, answer="yes")) == TOKENS
    assert "kein gültiges Token" in await shown(clerk, TOKENS)
    stolen = made.headers["set-cookie"].partition(";")[0]
    other = await world.as_person("05315", *SCOPES, account="zweite")
    cookies = {"Cookie": f"{other.browser['Cookie']}; {stolen}"}
    assert token[0] not in (await other.get(location(made), headers=HTML | cookies)).text
    more = await send(clerk, f"{TOKENS}/neu", scopes=["publish:*"])
    assert more.status_code == 403
    stranger = await world.as_person("06", *SCOPES, account="fremd")
    assert (await stranger.get(way, headers=HTML)).status_code == 404
    assert (await send(stranger, way, answer="yes")).status_code == 404


async def test_a_delegation_is_given_and_ended_by_the_body_alone(
    world: ApiClient, clerk: ApiClient
) -> None:
    wrong = await send(clerk, f"{DELEGATIONS}/neu", delegate="999", scopes=["reuse"])
    assert wrong.status_code == 422
    assert 'href="#f-delegate"' in wrong.text
    asked: Any = {"delegate": "fitko", "scopes": ["reuse"], "valid_to": "31.12.2099"}
    assert location(await send(clerk, f"{DELEGATIONS}/neu", events=1, **asked)) == DELEGATIONS
    text = await shown(clerk, DELEGATIONS)
    assert "Nachnutzungen eintragen" in text
    assert "31.12.2099" in text
    taker = await world.as_person("fitko", "reuse", account="fit")
    assert "Köln, Stadt" in await shown(taker, DELEGATIONS)
    own = f"{OWN}?fuer=05315"
    assert "In Vertretung für Köln, Stadt (05315)" in await shown(taker, OWN)
    assert "In Vertretung für: Köln, Stadt" in await shown(taker, own)
    assert "In Vertretung für Köln, Stadt" in await shown(taker, "/dienste/bauantrag")
    start = "/dienste/bauantrag/nachnutzen"
    form = (await taker.get(f"{start}?fuer=05315", headers=HTML)).text
    assert 'name="organisation" value="05315"' in form
    assert re.search(r'<option value="05315">Köln', form)
    told: Any = {"organisation": "05315", "stage": "agreed", "date": "1.3.2024", "basis": "since"}
    page = location(await send(taker, start, events=1, **told))
    assert page.rpartition("/")[2] in (await taker.get(own, headers=HTML)).text
    assert page.rpartition("/")[2] not in (await taker.get(OWN, headers=HTML)).text
    stranger = await world.as_person("06", *SCOPES, account="fremd")
    for path in (own, f"{start}?fuer=05315"):
        assert (await stranger.get(path, headers=HTML)).status_code == 403
    end = f"{DELEGATIONS}/fitko/beenden"
    nothing = await send(stranger, end, answer="yes")
    assert nothing.status_code == 404
    assert "wirklich beenden?" in await shown(clerk, end)
    assert location(await send(clerk, end, events=1, answer="yes")) == DELEGATIONS
    assert "niemand" in await shown(clerk, DELEGATIONS)


async def test_tokens_and_subscriptions_are_made_for_a_body_that_lets_another_act(
    world: ApiClient, clerk: ApiClient
) -> None:
    asked: Any = {"delegate": "dataport", "scopes": ["reuse", "subscribe"]}
    location(await send(clerk, f"{DELEGATIONS}/neu", events=1, **asked))
    taker = await world.as_person("dataport", *SCOPES, account="vertretung")
    for path in (TOKENS, SUBSCRIPTIONS):
        assert "In Vertretung für Köln, Stadt (05315)" in await shown(taker, path)
        assert f'href="{path}/neu?fuer=05315"' in await html(taker, f"{path}?fuer=05315")
        form = await html(taker, f"{path}/neu?fuer=05315")
        assert '<option value="05315" selected>Köln, Stadt</option>' in form
        assert "Für welche Stelle" not in await html(clerk, f"{path}/neu")
    whose: Any = {"organisation": "05315"}
    told: Any = whose | {"scopes": ["reuse"], "note": "Rechenzentrum"}
    text = await secret_page(taker, await send(taker, f"{TOKENS}/neu", events=1, **told))
    token = re.search(r"efa_[A-Za-z0-9_]{30,}", text)
    assert token, text
    me = (await world.with_token(token[0]).get("/v1/me")).json()
    assert (me["organisation"], me["scopes"]) == ("05315", ["reuse"])
    assert "Rechenzentrum" in await shown(taker, f"{TOKENS}?fuer=05315")
    assert "Rechenzentrum" in await shown(clerk, TOKENS)
    assert "Rechenzentrum" not in await shown(taker, TOKENS)
    page = await subscribed(taker, service="bauantrag", note="Fremd", **whose)
    assert "Köln, Stadt" in await shown(taker, page)
    assert page in await html(taker, f"{SUBSCRIPTIONS}?fuer=05315")
    assert page in await html(clerk, SUBSCRIPTIONS)
    assert page not in await html(taker, SUBSCRIPTIONS)
    told = {"service": "bauantrag", "range": "^3", "organisation": "dataport"}
    other = location(await send(taker, f"{page}/aendern", events=2, **told))
    assert "Köln, Stadt" in await shown(taker, other)
    location(await send(clerk, f"{DELEGATIONS}/dataport/beenden", events=1, answer="yes"))
    for path in (f"{TOKENS}?fuer=05315", f"{SUBSCRIPTIONS}?fuer=05315"):
        assert (await taker.get(path, headers=HTML)).status_code == 403
    assert (await taker.get(other, headers=HTML)).status_code == 404


async def test_the_form_of_a_token_offers_what_the_body_lets_one_do_and_leads_to_its_list(
    world: ApiClient, clerk: ApiClient
) -> None:
    asked: Any = {"delegate": "d-nrw", "scopes": ["reuse"]}
    location(await send(clerk, f"{DELEGATIONS}/neu", events=1, **asked))
    taker = await world.as_person("d-nrw", *SCOPES, account="angebot")
    whose: Any = {"organisation": "05315"}
    made = await send(taker, f"{TOKENS}/neu", events=1, scopes=["reuse"], **whose)
    text = await secret_page(taker, made)
    assert "Wer es hat, handelt für Köln, Stadt. Legen" in text
    assert f" {TOKENS}?fuer=05315" in text
    form = await html(taker, f"{TOKENS}/neu?fuer=05315")
    assert ('value="reuse"' in form, 'value="usage"' in form) == (True, False)
    assert 'value="usage"' in await html(taker, f"{TOKENS}/neu")
    too_much = await send(taker, f"{TOKENS}/neu", scopes=["usage"], **whose)
    assert too_much.status_code == 422
    assert 'href="#f-scopes"' in too_much.text
    assert "umfasst die Vertretung für Köln, Stadt nicht" in sound(too_much)
    foreign = await send(taker, f"{TOKENS}/neu", scopes=["reuse"], organisation="06")
    assert (foreign.status_code, 'href="#f-organisation"' in foreign.text) == (403, True)
    listed = await html(taker, f"{TOKENS}?fuer=05315")
    (way,) = set(re.findall(rf"{TOKENS}/[0-9a-f-]{{36}}/zuruecknehmen", listed))
    gone = await send(taker, way, events=1, answer="yes")
    assert location(gone) == f"{TOKENS}?fuer=05315"
    location(await send(clerk, f"{DELEGATIONS}/d-nrw/beenden", events=1, answer="yes"))


def test_a_body_is_offered_for_each_territory_that_lies_in_no_other_of_its_own() -> None:
    found = _bodies(str(uuid4()), "Stadt", ("05315", "053150000000", "06412"), "", own=True)
    assert [one.key for one in found] == ["05315", "06412"]
    assert [one.key for one in _bodies(str(uuid4()), "Amt", (), "amt", own=False)] == ["amt"]


async def test_nobody_else_sees_these_pages(world: ApiClient) -> None:
    for path in (SUBSCRIPTIONS, TOKENS, DELEGATIONS, f"{TOKENS}/neu", f"{SUBSCRIPTIONS}/neu"):
        assert (await world.get(path, headers=HTML)).status_code == 401
        assert (await world.get(f"/en{path}", headers=HTML)).status_code == 401
