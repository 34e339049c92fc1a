"""People sign in at the provider of their body; attacks on the way there and back are refused.

The provider is a process of its own (`provider.py`): real HTTP, real signatures.
"""

import json
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

from registry.identity.openid import begun
from registry.identity.sign_in_model import ProviderDraft
from registry.settings import Settings
from tests.client import ApiClient, open_client, pointers
from tests.identity.browser import CALLBACK, SITE, Browser, callback, query_of
from tests.identity.issuer import TestIssuer, running_issuer
from tests.identity.test_security_log import entries
from tests.replayed import digests, replay_emptied
from tests.versions.published import SERVICE, leave_undecided, service, version

CLIENT, SECRET = "efa registry", "s/e+c:r%et"
ROLES = {
    "sachbearbeitung": ("publish:wohngeld-sh", "reuse"),
    "leitung": ("admin",),
    "pruefung": ("audit",),
}
PROVIDERS = ("land", "bodies", "honest", "evil")
RETURNS = [callback(slug) for slug in PROVIDERS]
CLERK = {"sub": "anna", "roles": ["sachbearbeitung", "kantine"]}
CHIEF = {"sub": "berta", "roles": ["leitung", "sachbearbeitung"], "acr": "2fa"}


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestIssuer]:
    with running_issuer(tmp_path_factory.mktemp("provider")) as running:
        running.register(CLIENT, SECRET, *RETURNS)
        yield running


@pytest.fixture(scope="module")
async def world(
    shared_settings: Settings, issuer: TestIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ApiClient]:
    """A registry that people of Schleswig-Holstein sign in to, with a service of theirs."""
    secrets = tmp_path_factory.mktemp("secrets")
    for slug in PROVIDERS:
        (secrets / slug).write_text(f"{SECRET}\n")
    settings = msgspec.structs.replace(
        shared_settings,
        public_url=SITE,
        egress_allowed="127.0.0.0/8",
        sign_in_secrets=str(secrets),
    )
    async with open_client(settings) as client:
        builder = await service(client)
        await taken(
            await builder.put(f"{SERVICE}/versions/1.0.0", json=version('{"maxLength": 5}'))
        )
        await record(client, draft(issuer), "land")
        yield client


@pytest.fixture
def browser(world: ApiClient, issuer: TestIssuer) -> Browser:
    issuer.expect(CLERK)
    return Browser(world)


def draft(at: TestIssuer, /, **fields: Any) -> dict[str, Any]:
    made = ProviderDraft(
        name="Land Schleswig-Holstein",
        issuer=at.address,
        client_id=CLIENT,
        organisation="01",
        roles=ROLES,
        admin_acr=("2fa", "smartcard"),
    )
    return msgspec.to_builtins(made) | fields


async def taken(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


async def record(client: ApiClient, told: dict[str, Any], slug: str) -> None:
    admin = await client.as_admin()
    await taken(await admin.put(f"/v1/sign-in-providers/{slug}", json=told))


def reasons(answer: httpx.Response) -> tuple[int, list[str]]:
    return answer.status_code, [place["rule"] for place in answer.json().get("errors", [])]


async def test_a_clerk_signs_in_acts_and_signs_out(browser: Browser) -> None:
    answer = await browser.sign_in(query=f"&next={quote('/dienste?q=wohn')}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/dienste?q=wohn")
    made = next(c for c in answer.headers.get_list("set-cookie") if "efa-session" in c)
    parts = {part.strip().lower() for part in made.split(";")[1:]}
    assert parts == {"path=/", "httponly", "secure", "samesite=lax"}
    assert list(browser.cookies) == ["__Host-efa-session"]
    clerk = await browser.client.in_browser(browser.session)
    me = (await clerk.get("/v1/me")).json()
    assert (me["keys"], me["token"]) == (["01"], None)
    assert me["scopes"] == ["publish:wohngeld-sh", "read", "reuse"]
    assert me["person"].startswith("p_")
    changed = await clerk.post("/v1/tokens", json={"scopes": ["reuse"]})
    assert changed.status_code == 201, changed.text
    shown = await browser.get("/dienste")
    page = shown.text
    assert shown.headers["referrer-policy"] == "same-origin", "else forms send no Origin"
    assert "Schleswig-Holstein" in page
    assert me["session"]["csrf_token"] in page
    form = {"csrf_token": me["session"]["csrf_token"]}
    out = await browser.call("POST", "/abmelden", data=form, headers={"Origin": SITE})
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert browser.cookies == {}
    assert (await clerk.get("/v1/me")).status_code == 401
    assert (await clerk.post("/v1/tokens", json={"scopes": ["read"]})).status_code == 401


async def test_the_registry_keeps_no_name_no_account_and_no_cookie(
    browser: Browser, world: ApiClient
) -> None:
    person = await browser.signed_in()
    number = (await person.get("/v1/me")).json()["person"]
    rows: Any = await world.owner.fetch(
        """
        select t::text from sessions t
        union all select convert_from(f.facts, 'UTF8') from event_facts f
        union all select s::text from security_log s
        """
    )
    kept = "\n".join(row[0] for row in rows)
    assert number in kept
    for secret in ("Mustermann", "erika@", "anna", browser.session, SECRET):
        assert secret not in kept


async def test_a_person_has_one_number_and_every_account_another(
    world: ApiClient, issuer: TestIssuer
) -> None:
    numbers: list[str] = []
    for account in ("anna", "anna", "clara"):
        issuer.expect(CLERK | {"sub": account})
        person = await Browser(world).signed_in()
        numbers.append((await person.get("/v1/me")).json()["person"])
    assert numbers[0] == numbers[1] != numbers[2]


@pytest.mark.parametrize(
    ("claims", "wrong", "rule"),
    [
        ({"nonce": "other"}, {}, "sign-in-nonce"),
        ({"nonce": None}, {}, "sign-in-nonce"),
        ({"aud": "another client"}, {}, "id-token-audience"),
        ({"aud": [CLIENT, "another client"]}, {}, "id-token-audience"),
        ({"azp": "another client"}, {}, "id-token-audience"),
        ({"exp": int(time.time()) - 600}, {}, "id-token-time"),
        ({"iat": int(time.time()) + 600}, {}, "id-token-time"),
        ({"iss": "https://elsewhere.example"}, {}, "id-token-other-issuer"),
        ({"sub": None}, {}, "id-token-claim"),
        ({"sub": 7}, {}, "id-token-claim"),
        ({"roles": ["kantine"]}, {}, "sign-in-no-role"),
        ({"roles": {"sachbearbeitung": True}}, {}, "sign-in-no-role"),
        ({}, {"alg": "none"}, "id-token-algorithm"),
        ({}, {"alg": "HS256"}, "id-token-algorithm"),
        ({}, {"answer": {"iss": "https://elsewhere.example"}}, "sign-in-other-issuer"),
        ({}, {"answer": {"iss": None}}, "sign-in-other-issuer"),
        ({}, {"answer": {"state": "other"}}, "sign-in-other-browser"),
        ({}, {"answer": {"state": None}}, "sign-in-other-browser"),
        ({}, {"answer": {"state": "ü"}}, "sign-in-other-browser"),
        ({}, {"answer": {"code": "made-up"}}, "sign-in-code"),
        ({}, {"answer": {"code": None}}, "sign-in-denied"),
        ({}, {"error": "access_denied"}, "sign-in-denied"),
    ],
)
async def test_an_answer_that_is_not_ours_signs_nobody_in(
    browser: Browser, issuer: TestIssuer, claims: Any, wrong: Any, rule: str
) -> None:
    issuer.expect(CLERK | claims, **wrong)
    assert reasons(await browser.sign_in()) == (403, [rule])
    assert browser.session == ""


async def test_a_signature_of_others_signs_nobody_in(browser: Browser, issuer: TestIssuer) -> None:
    private = issuer.folder / "private.json"
    kept = private.read_text()
    private.write_text(json.dumps(issuer.made_key("first").as_dict(private=True)))
    answer = await browser.sign_in()
    private.write_text(kept)
    assert reasons(answer) == (403, ["id-token-signature"])


async def test_an_answer_counts_once(browser: Browser) -> None:
    back = await browser.start()
    attempt = dict(browser.cookies)
    assert (await browser.get(back)).status_code == 303
    assert reasons(await browser.get(back)) == (403, ["sign-in-not-begun"])
    browser.cookies = attempt
    assert reasons(await browser.get(back)) == (403, ["sign-in-used"])


async def test_an_answer_counts_in_the_browser_alone_that_asked(
    browser: Browser, world: ApiClient
) -> None:
    """A link that would sign the victim in as the attacker; with an attempt of its own or none."""
    back, victim = await browser.start(), Browser(world)
    assert reasons(await victim.get(back)) == (403, ["sign-in-not-begun"])
    await victim.start()
    assert reasons(await victim.get(back)) == (403, ["sign-in-other-browser"])
    name, kept = next(iter(victim.cookies.items()))
    victim.cookies = {name: kept[:-2] + "xx"}
    assert reasons(await victim.get(back)) == (403, ["sign-in-not-begun"])
    assert (await browser.get(back)).status_code == 303


async def test_an_answer_to_a_sign_in_elsewhere_is_not_taken(
    browser: Browser, world: ApiClient, issuer: TestIssuer
) -> None:
    """IdP mix-up (RFC 9700, 4.4): one provider sends the browser on to another, with its state."""
    await record(world, draft(issuer), "honest")
    await record(world, draft(issuer), "evil")
    asked = (await browser.get("/anmelden?provider=evil")).headers["location"]
    assert query_of(asked)["redirect_uri"] == callback("evil")
    back = await browser.at_provider(asked.replace("rueckkehr%2Fevil", "rueckkehr%2Fhonest"))
    assert back.startswith(f"{callback('honest')}?")
    assert reasons(await browser.get(back)) == (403, ["sign-in-other-issuer"])
    moved = back.replace("/honest?", "/evil?")
    assert reasons(await browser.get(moved)) == (403, ["sign-in-code"]), "the code is for honest"
    assert browser.session == ""


def test_state_nonce_and_verifier_are_of_one_provider() -> None:
    one = begun("land", 1, "/", 0.0, admin=False)
    other = msgspec.structs.replace(one, provider="bodies")
    for name in ("state", "nonce", "verifier"):
        assert getattr(one, name) != getattr(other, name)


async def test_without_a_provider_nobody_comes_back(browser: Browser) -> None:
    back = await browser.start()
    assert (await browser.get(back.replace("/land?", "?"))).status_code == 404
    answer = await browser.get(back.replace("/land?", "/nobody?"))
    assert reasons(answer) == (403, ["sign-in-other-issuer"])


async def test_an_answer_that_says_things_twice_is_not_read(browser: Browser) -> None:
    back = await browser.start()
    answer = await browser.get(f"{back}&code=other")
    assert (answer.status_code, pointers(answer.json())) == (400, ["?code"])


async def test_what_is_asked_of_the_provider(browser: Browser) -> None:
    answer = await browser.get("/anmelden?provider=land")
    asked = query_of(answer.headers["location"])
    assert (asked["redirect_uri"], asked["scope"]) == (CALLBACK, "openid")
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert min(len(asked["state"]), len(asked["nonce"])) == 43
    assert "acr_values" not in asked
    again = query_of((await browser.get("/anmelden?provider=land")).headers["location"])
    for name in ("state", "nonce", "code_challenge"):
        assert again[name] != asked[name]
    strong = query_of(
        (await browser.get("/anmelden?provider=land&scope=admin")).headers["location"]
    )
    assert (strong["acr_values"], strong["max_age"]) == ("2fa smartcard", "300")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%09/evil.example".replace("%09", "\t"),
        "evil.example",
        "/" + "x" * 500,
    ],
)
async def test_nobody_is_led_elsewhere(browser: Browser, address: str) -> None:
    answer = await browser.get(f"/anmelden?provider=land&next={quote(address, safe='')}")
    assert answer.status_code == 400
    assert "location" not in answer.headers


async def test_a_session_begins_anew_whatever_the_browser_held(
    browser: Browser, world: ApiClient
) -> None:
    """A cookie that was planted is never adopted; one of an earlier session ends."""
    await browser.signed_in()
    planted = browser.session
    other = Browser(world)
    other.cookies["__Host-efa-session"] = planted
    await other.signed_in()
    assert other.session != planted
    assert (await browser.get("/v1/me")).status_code == 401
    made_up = f"efa_session_{'a' * 36}"
    other.cookies["__Host-efa-session"] = made_up
    assert (await other.get("/v1/me")).status_code == 401


async def test_admin_is_for_who_asked_and_signed_in_strongly(
    browser: Browser, issuer: TestIssuer
) -> None:
    issuer.expect(CHIEF)
    usual = await browser.signed_in()
    assert "admin" not in (await usual.get("/v1/me")).json()["scopes"]
    refused = await usual.delete("/v1/sign-in-providers/land")
    assert (refused.status_code, refused.json()["missing_scope"]) == (403, "admin")
    chief = await browser.signed_in(query="&scope=admin")
    me = (await chief.get("/v1/me")).json()
    assert "admin" in me["scopes"]
    left = datetime.fromisoformat(me["session"]["expires_at"]) - datetime.now(UTC)
    assert 3_500 < left.total_seconds() <= 3_600
    lasting = await chief.post("/v1/tokens", json={"scopes": ["admin"], "days": 9})
    assert (lasting.status_code, lasting.json()["type"]) == (403, "/problems/not-yours")
    for acr in ("1fa", None, ["2fa"]):
        issuer.expect(CHIEF | {"acr": acr})
        answer = await browser.sign_in(query="&scope=admin")
        assert reasons(answer) == (403, ["sign-in-too-weak"])
    for signed_in in (int(time.time()) - 3_600, None, True):
        issuer.expect(CHIEF | {"auth_time": signed_in})
        answer = await browser.sign_in(query="&scope=admin")
        assert reasons(answer) == (403, ["sign-in-not-fresh"])
    issuer.expect(CLERK | {"acr": "2fa"})
    answer = await browser.sign_in(query="&scope=admin")
    assert reasons(answer) == (403, ["sign-in-no-admin"])


@pytest.mark.parametrize(
    ("headers", "rule"),
    [
        ({"X-CSRF-Token": ""}, "no-csrf-token"),
        ({"X-CSRF-Token": "0" * 64}, "no-csrf-token"),
        ({"X-CSRF-Token": "%ff"}, "no-csrf-token"),
        ({"Origin": "https://evil.example"}, "other-origin"),
        ({"Origin": "null"}, "other-origin"),
        ({"Origin": "http://registry.example"}, "other-origin"),
        ({"Origin": None}, "other-origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "other-site"),
        ({"Sec-Fetch-Site": "same-site"}, "other-site"),
        ({"Sec-Fetch-Site": "none"}, "other-site"),
        ({"Origin": None, "Sec-Fetch-Site": "cross-site"}, "other-site"),
    ],
)
async def test_a_change_that_a_foreign_page_asks_for_is_refused(
    browser: Browser, headers: dict[str, str | None], rule: str
) -> None:
    clerk = await browser.signed_in()
    sent = clerk.browser | headers
    clerk.browser = {name: text for name, text in sent.items() if text is not None}
    answer = await clerk.post("/v1/tokens", json={"scopes": ["read"]})
    assert reasons(answer) == (403, [rule])
    assert answer.json()["type"] == "/problems/foreign-request"


async def test_the_token_of_another_session_is_none(browser: Browser, world: ApiClient) -> None:
    clerk, colleague = await browser.signed_in(), await Browser(world).signed_in()
    clerk.browser["X-CSRF-Token"] = colleague.browser["X-CSRF-Token"]
    assert reasons(await clerk.post("/v1/tokens", json={})) == (403, ["no-csrf-token"])


async def test_signing_out_too_needs_a_page_of_ours(browser: Browser) -> None:
    clerk = await browser.signed_in()
    for form in ({}, {"csrf_token": "x"}):
        answer = await browser.call("POST", "/abmelden", data=form, headers={"Origin": SITE})
        assert answer.status_code == 403
    assert (await clerk.get("/v1/me")).status_code == 200


async def test_who_shows_no_session_is_not_told_to_forget_one(world: ApiClient) -> None:
    """A form on a foreign page comes without the cookie; the answer would take it away."""
    form, foreign = {"csrf_token": "x"}, {"Origin": "https://evil.example"}
    answer = await world.call("POST", "/abmelden", data=form, headers=foreign)
    assert (answer.status_code, answer.headers.get("set-cookie")) == (303, None)


async def test_a_token_is_no_cookie_and_a_cookie_is_no_token(
    browser: Browser, world: ApiClient
) -> None:
    await browser.signed_in()
    assert (await world.with_token(browser.session).get("/v1/me")).status_code == 401
    token = (await world.as_body("01", "reuse")).token
    browser.cookies["__Host-efa-session"] = token
    assert (await browser.get("/v1/me")).status_code == 401


async def test_a_session_ends_by_time_and_by_idling(browser: Browser, world: ApiClient) -> None:
    """What is over is told to the security log; pages are those of everybody then."""
    for change in (
        "expires_at = now(), started_at = now() - interval '1 day'",
        "used_at = now() - interval '31 minutes'",
    ):
        clerk = await browser.signed_in()
        session = (await clerk.get("/v1/me")).json()["session"]["id"]
        statement = f"update sessions set {change} where id = $1::uuid"  # noqa: S608 - ours
        await world.owner.execute(statement, session)
        assert (await clerk.get("/v1/me")).status_code == 401
        answer = await clerk.post("/v1/tokens", json={"scopes": ["read"]})
        assert answer.status_code == 401
        assert "Angemeldet" not in (await browser.get("/dienste")).text
    told = await entries(world, await world.as_body("01", "read"))
    assert "session-expired" in {entry["code"] for entry in told}


async def test_using_a_session_keeps_it(browser: Browser, world: ApiClient) -> None:
    clerk = await browser.signed_in()
    session = (await clerk.get("/v1/me")).json()["session"]["id"]
    aged = "update sessions set used_at = now() - interval '20 minutes' where id = $1::uuid"
    await world.owner.execute(aged, session)
    assert (await clerk.get("/v1/me")).status_code == 200
    await entries(world, await world.as_body("01", "read"))
    left = "select now() - used_at < interval '1 minute' from sessions where id = $1::uuid"
    assert await world.owner.fetchval(left, session)


async def test_a_failed_sign_in_is_told_to_the_body(browser: Browser, issuer: TestIssuer) -> None:
    issuer.expect(CLERK | {"roles": []})
    await browser.sign_in()
    land = await browser.client.as_body("01", "read")
    found = [e for e in await entries(browser.client, land) if e["code"] == "sign-in-refused"]
    assert found[0]["route"] == "/anmelden/rueckkehr/{provider}"


async def test_all_sessions_of_a_person_end_on_demand(
    browser: Browser, world: ApiClient, issuer: TestIssuer
) -> None:
    issuer.expect(CLERK | {"sub": "dora"})
    first, second = await browser.signed_in(), await Browser(world).signed_in()
    person = (await first.get("/v1/me")).json()["person"]
    listed = (await first.get("/v1/sessions")).json()["items"]
    assert [one["person"] for one in listed] == [person, person]
    issuer.expect(CLERK)
    colleague = await Browser(world).signed_in()
    assert person not in (await colleague.get("/v1/sessions")).text
    address = f"/v1/persons/{person}/sessions"
    for stranger in (await world.as_body("02", "reuse"), await world.as_body("01", "read")):
        answer = await stranger.delete(address)
        assert answer.status_code in (403, 404)
    assert (await second.delete(address, events=0)).json() == {"ended": 2}
    for ended in (first, second):
        assert (await ended.get("/v1/me")).status_code == 401
    assert (await colleague.get("/v1/me")).status_code == 200
    body = await world.as_body("01", "publish:*", "reuse")
    number = (await colleague.get("/v1/me")).json()["person"]
    assert number in (await body.get("/v1/sessions")).text
    assert (await body.delete(f"/v1/persons/{number}/sessions", events=0)).json()["ended"] >= 1
    assert (await body.delete(f"/v1/persons/{number}/sessions", events=0)).json()["ended"] == 0
    assert (await colleague.get("/v1/me")).status_code == 401
    told = await entries(world, await world.as_body("01", "read"))
    by = {one["token"]: one["count"] for one in told if one["code"] == "sessions-ended"}
    assert by == {None: 1, (await body.get("/v1/me")).json()["token"]: 1}


async def test_a_provider_that_is_changed_or_ended_signs_its_people_out(
    browser: Browser, world: ApiClient, issuer: TestIssuer
) -> None:
    admin, told = await world.as_admin(), draft(issuer, client_id=CLIENT, note="eins")
    await record(world, told, "bodies")
    address = "/v1/sign-in-providers/bodies"
    clerk, back = await browser.signed_in("bodies"), await Browser(world).start("bodies")
    assert (await admin.put(address, json=told, events=0)).status_code == 200
    assert (await clerk.get("/v1/me")).status_code == 200
    assert (await admin.put(address, json=told | {"note": "zwei"})).status_code == 201
    assert (await clerk.get("/v1/me")).status_code == 401
    again, late = await browser.signed_in("bodies"), Browser(world)
    back = await late.start("bodies")
    assert (await admin.delete(address)).status_code == 200
    assert (await admin.delete(address, events=0)).status_code == 200
    assert (await again.get("/v1/me")).status_code == 401
    assert (await late.get(back)).status_code == 404
    assert (await late.get("/anmelden?provider=bodies")).status_code == 404
    assert (await world.get(address)).status_code == 404
    assert await admin.put(address, json=told)


async def test_a_claim_says_of_which_body_a_person_is(world: ApiClient, issuer: TestIssuer) -> None:
    told = draft(
        issuer,
        organisation=None,
        organisation_claim="/verwaltung/ags",
        organisations={"01001": "01001", "01003": "01003"},
        role_claim="/realm_access/roles",
    )
    await record(world, told, "bodies")
    who = {"sub": "anna", "realm_access": {"roles": ["sachbearbeitung"]}}
    issuer.expect(who | {"verwaltung": {"ags": "01003"}})
    person = await Browser(world).signed_in("bodies")
    assert (await person.get("/v1/me")).json()["keys"][0].startswith("01003")
    for named in ("01002", ["01001", "01003"], None, ""):
        issuer.expect(who | {"verwaltung": {"ags": named}})
        answer = await Browser(world).sign_in("bodies")
        assert reasons(answer) == (403, ["sign-in-no-body"])


@pytest.mark.parametrize(
    ("fields", "places"),
    [
        ({"issuer": "http://login.example"}, ["/issuer"]),
        ({"issuer": "https://login.example?x=1"}, ["/issuer"]),
        ({"issuer": "javascript:alert(1)"}, ["/issuer"]),
        ({"organisation": None}, ["/organisation"]),
        ({"organisation": "nobody"}, ["/organisation"]),
        ({"organisation_claim": "ags"}, ["/organisation", "/organisations"]),
        ({"organisations": {"x": "01"}}, ["/organisations"]),
        ({"roles": {"a/b": ["publish"]}}, ["/roles/a~1b/0"]),
        ({"admin_acr": []}, ["/admin_acr"]),
        ({"reach": {"within": ["9"]}}, ["/reach/within/0"]),
    ],
)
async def test_a_wrong_provider_is_refused_with_its_places(
    world: ApiClient, issuer: TestIssuer, fields: dict[str, Any], places: list[str]
) -> None:
    admin = await world.as_admin()
    answer = await admin.put("/v1/sign-in-providers/wrong", json=draft(issuer, **fields))
    assert (answer.status_code, pointers(answer.json())) == (422, places)


async def test_who_signed_in_vouches_for_what_could_not_be_decided(
    browser: Browser, world: ApiClient
) -> None:
    """What no token may: the number of the person stays with the version."""
    fingerprint = await leave_undecided(world.conn, '{"maxLength": 5}', '{"maxLength": 6}')
    vouched = {
        "interface": "application",
        "version": "1.0.0",
        "fingerprint": fingerprint,
        "reason": "Von Hand geprüft: nur erweitert.",
    }
    told = version('{"maxLength": 6}', overrides=[vouched])
    address = f"{SERVICE}/versions/1.1.0"
    token = await world.as_body("01", "publish:wohngeld-sh")
    assert (await token.put(address, json=told)).json()["type"] == "/problems/override-needs-person"
    clerk = await browser.signed_in()
    without = await clerk.put(address, json=version('{"maxLength": 6}'))
    assert without.json()["type"] == "/problems/version-number-too-small"
    checked = await clerk.post(f"{SERVICE}/checks", json=told, events=0)
    assert checked.status_code == 200, checked.text
    assert (await clerk.put(address, json=told)).status_code == 201
    assert (await world.get(address)).json()["overrides"] == [vouched]
    facts: Any = await world.owner.fetchval(
        """
        select f.facts from events e join event_facts f on f.event_id = e.id
        where e.subject = 'services/wohngeld-sh/versions/1.1.0'
        """
    )
    me = (await clerk.get("/v1/me")).json()
    assert json.loads(facts)["verdict"]["person"] == me["person"]


async def test_answers_for_a_person_are_kept_by_nobody(browser: Browser) -> None:
    """What row security lets a person see must not be answered to others from memory."""
    clerk = await browser.signed_in()
    for address in ("/v1/me", "/v1/sessions", "/dienste"):
        answer = await clerk.get(address)
        assert answer.headers["cache-control"] == "no-store"
        assert "cookie" in answer.headers["vary"].lower()
    past = "/v1/reuses?as_of=2024-01-01&known_at=2024-01-01T00:00:00Z"
    answer = await clerk.get(past)
    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_providers_are_listed_on_a_page_and_as_data(world: ApiClient) -> None:
    for address, word in (("/anmelden", "Anmelden"), ("/en/anmelden", "Sign in")):
        page = (await world.get(f"{address}?next=/dienste")).text
        assert word in page
        assert "provider=land&amp;next=%2Fdienste" in page
    (land,) = [
        one
        for one in (await world.get("/v1/sign-in-providers")).json()["items"]
        if one["slug"] == "land"
    ]
    assert (land["organisation"]["key"], land["links"]["redirect_uri"]) == ("01", CALLBACK)
    assert SECRET not in json.dumps(land)


async def test_without_a_public_address_nobody_signs_in(settings: Settings) -> None:
    async with open_client(settings) as client:
        answer = await client.get("/anmelden", headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/no-sign-in")
        assert "anmelden" not in (await client.get("/dienste")).text


async def test_on_ones_own_machine_cookies_need_no_encryption(
    world: ApiClient, issuer: TestIssuer, settings: Settings
) -> None:
    """`__Host-` and `Secure` are left out there alone; a provider may know no secret, too."""
    own = "http://127.0.0.1:8000"
    issuer.register(CLIENT, "", f"{own}/anmelden/rueckkehr/land")
    issuer.expect(CLERK)
    local = msgspec.structs.replace(settings, public_url=own, egress_allowed="127.0.0.0/8")
    async with open_client(local) as client:
        await record(client, draft(issuer), "land")
        browser = Browser(client)
        back = await browser.start()
        assert back.startswith(f"{own}/")
        answer = await browser.get(back.removeprefix(own))
    issuer.register(CLIENT, SECRET, *RETURNS)
    made = [line for line in answer.headers.get_list("set-cookie") if "efa-session=efa_" in line]
    assert len(made) == 1
    assert "secure" not in made[0].lower()


async def test_providers_are_replayed_from_the_log(client: ApiClient) -> None:
    admin = await client.as_admin()
    told = msgspec.to_builtins(
        ProviderDraft(
            name="Bund",
            issuer="https://login.example/",
            client_id="x",
            organisation="bund",
            roles={"pruefung": ("audit",), "alle": ("read",)},
        )
    )
    reach = {"reach": {"within": ["05"], "services": []}}
    assert (await admin.put("/v1/sign-in-providers/bund", json=told | reach)).status_code == 201
    assert (await admin.delete("/v1/sign-in-providers/bund")).status_code == 200
    before = await digests(client.owner, ["sign_in_providers"])
    await replay_emptied(client.owner)
    assert await digests(client.owner, ["sign_in_providers"]) == before
