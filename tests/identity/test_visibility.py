"""Every route as every kind of caller, compared with the one table that says who may what."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from litestar.routes import HTTPRoute

from registry.app import create_app
from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.identity.visibility import (
    KINDS,
    SAME_AS,
    STRANGERS,
    CallerKind,
    Rule,
    visibility,
)
from registry.settings import Settings
from registry.site.rendering import static_digest
from tests.agreements.drafts import framework
from tests.audit.signed import sign_events
from tests.client import PROVIDER, ApiClient
from tests.identity.test_issuing import forgotten, issued
from tests.reuse.conftest import add_service
from tests.reuse.drafts import reuse
from tests.versions.published import interfaces, version

KOELN = "05315"
SERVICES = ("bauantrag", "ewa", "third", "fourth", "fifth")
SCOPES = ("reuse", "usage", "agreements", "subscribe", "publish:*")
PARAMETERS = {"rate": 7, "mailbox": "geheim-fach"}
SCHEMA = {
    "type": "object",
    "properties": {"rate": {"type": "number"}, "mailbox": {"type": "string"}},
}
PARTIES = [{"organisation": "05"}, {"organisation": "13"}]
CREATE, CHANGE = {"If-None-Match": "*"}, {"If-Match": "*"}
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A thousand calls may meet a busy machine; they are to be answered all the same."""
    return msgspec.structs.replace(
        settings, statement_timeout_ms=120_000, public_url="https://registry.example"
    )


class World(msgspec.Struct, kw_only=True):
    """A registry with something private of Köln, and a client of every kind."""

    client: ApiClient
    callers: dict[CallerKind, ApiClient]
    names: dict[str, str]
    secrets: dict[str, tuple[str, ...]]


async def taken(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


async def publish(api: ApiClient) -> None:
    builder = await api.as_body("13", "publish:*")
    bodies = {"bauantrag": version(), "ewa": interfaces(parameters=SCHEMA)}
    for slug, body in bodies.items():
        await taken(await builder.put(f"/v1/services/{slug}/versions/1.0.0", json=body))
    end = "/v1/services/ewa/versions/1.0.0/deprecation"
    await taken(await builder.put(end, json={"sunset": "2099-02-01"}))


async def agree(api: ApiClient) -> None:
    admin = await api.as_admin()
    rahmen = framework(parties=PARTIES)
    await taken(await admin.put("/v1/agreements/rahmen", json=rahmen, headers=CREATE))
    joined = {"valid_from": "2022"}
    path = f"/v1/agreements/rahmen/accessions/{KOELN}"
    await taken(await admin.put(path, json=joined, headers=CREATE))
    journey = {"slug": "bauen", "names": {"de": "Bauen"}, "services": ["bauantrag"]}
    await taken(await admin.put("/v1/journeys/bauen", json=journey, headers=CREATE))


async def use(api: ApiClient) -> dict[str, str]:
    """Reuses of Köln: two it only asked for, and one that its Land recorded as live."""
    koeln, land = await api.as_body(KOELN, *SCOPES), await api.as_body("05", *SCOPES)
    asked = reuse(KOELN, stage="interest", date="2024-01-01")
    private = await taken(await koeln.post("/v1/reuses", json=asked))
    other = await taken(await koeln.post("/v1/reuses", json=asked | {"service": "fifth"}))
    live = await taken(await land.post("/v1/reuses", json=reuse(KOELN, "ewa", version="1.0.0")))
    bare = await taken(await land.post("/v1/reuses", json=reuse("05314", "ewa", version="1.0.0")))
    await taken(await land.post("/v1/reuses", json=reuse("05", "ewa", version="1.0.0")))
    note = {"kind": "remark", "text": "unter-uns-notiz"}
    await taken(await koeln.post(f"/v1/reuses/{private['id']}/notes", json=note))
    path = f"/v1/reuses/{live['id']}/parameters"
    await taken(await koeln.put(path, json=PARAMETERS, headers=CREATE))
    return {
        "pipeline": await let_publish(api),
        "private": private["id"],
        "private_step": private["steps"][0]["id"],
        "other": other["id"],
        "other_step": other["steps"][0]["id"],
        "live": live["id"],
        "bare": bare["id"],
        "live_step": live["steps"][0]["id"],
    }


async def let_publish(api: ApiClient) -> str:
    """A pipeline of Köln, for a service of its own."""
    koeln = await api.as_body(KOELN, *SCOPES)
    draft = {"slug": "koeln", "names": {"de": "Köln"}, "builders": [{"organisation": KOELN}]}
    await taken(await koeln.put("/v1/services/koeln", json=draft, headers=CREATE))
    pipeline = {"service": "koeln", "issuer": "https://gitlab.example", "project": "koeln/koeln"}
    pipeline |= {"note": "pipeline-notiz"}
    return (await taken(await koeln.post("/v1/pipelines", json=pipeline)))["id"]


async def let_act(api: ApiClient) -> None:
    koeln = await api.as_body(KOELN, *SCOPES)
    scopes = ["reuse", "usage", "agreements"]
    for delegate, services in (("bund", []), ("fitko", ["third"]), ("07", [])):
        draft = {"scopes": scopes, "services": services}
        await taken(await koeln.put(f"/v1/delegations/{KOELN}/{delegate}", json=draft))
    await forgotten(api)


async def callers(api: ApiClient) -> dict[CallerKind, ApiClient]:
    """A client of each kind, with every scope its kind may have."""
    own = await api.as_body(KOELN, *SCOPES)
    ended = [await issued(own, scopes=list(SCOPES)) for _ in range(2)]
    await own.delete(f"/v1/tokens/{ended[0]['issued']['id']}")
    past = "update tokens set expires_at = now() - interval '1 s' where id = $1::uuid"
    await api.owner.execute(past, ended[1]["issued"]["id"])
    return {
        "anonymous": api,
        "revoked": api.with_token(ended[0]["token"]),
        "expired": api.with_token(ended[1]["token"]),
        "other": await api.as_body("06", *SCOPES),
        "own": own,
        "person": await api.as_person(KOELN, *SCOPES),
        "land": await api.as_body("05", *SCOPES),
        "builder": await api.as_body("13", *SCOPES),
        "delegate": await api.as_body("bund", *SCOPES),
        "delegate_elsewhere": await api.as_body("fitko", *SCOPES),
        "auditor": await api.as_auditor("bund", within=["05"]),
        "auditor_elsewhere": await api.as_auditor("fitko", within=["06"]),
        "operator": await api.as_admin(),
    }


@pytest.fixture
async def world(client: ApiClient, conn: Connection, settings: Settings) -> World:
    async with begin(conn, operator()) as tx:
        for slug in SERVICES:
            await add_service(tx, slug, "13")
    await publish(client)
    await agree(client)
    names = await use(client)
    await let_act(client)
    known = await callers(client)
    token = await issued(known["own"], scopes=["reuse"], note="token-notiz")
    refused = await issued(known["own"], scopes=["read"])
    answer = await client.with_token(refused["token"]).post(
        "/v1/tokens", json={"scopes": ["usage"]}
    )
    assert answer.status_code == 403
    transport: Any = client.http._transport
    await transport.app.state.watch.flush(transport.app.state.database)
    await sign_events(settings)
    names |= {"token": token["issued"]["id"], "event": await first_event(client)}
    names |= await subscribe(client, known["own"])
    colleague = await client.as_person(KOELN, *SCOPES, account="bert")
    names["person"] = (await colleague.get("/v1/me")).json()["person"]
    me = (await known["person"].get("/v1/me")).json()
    secrets = {
        "sessions": (names["person"], me["person"]),
        "interest": (names["private"], "unter-uns-notiz"),
        "parameters": ("geheim-fach",),
        "tokens": ("token-notiz",),
        "pipelines": ("pipeline-notiz",),
        "attempts": (refused["issued"]["id"],),
        "subscriptions": ("abo-notiz",),
    }
    return World(client=client, callers=known, names=names, secrets=secrets)


async def subscribe(api: ApiClient, own: ApiClient) -> dict[str, str]:
    """A webhook of Köln, with the question that is to be sent to it first; and a notice."""
    draft = {"url": "https://empfaenger.example/", "note": "abo-notiz"}
    made = await taken(await own.post("/v1/subscriptions", json=draft))
    subscription = made["subscription"]["id"]
    sent = "select id::text from deliveries where subscription_id = $1::uuid"
    return {
        "subscription": subscription,
        "delivery": await api.owner.fetchval(sent, subscription),
        "notice": await api.owner.fetchval(
            "select id::text from events where action = 'impact.deprecate'"
        ),
    }


async def first_event(api: ApiClient) -> str:
    return (await api.get("/v1/events?limit=1")).json()["items"][0]["id"]


def routes() -> list[str]:
    """Every method and path template the application answers."""
    app = create_app(Settings(database_url="postgresql://nowhere"), b"secret")
    return [
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
        if method not in ("OPTIONS", "HEAD")
    ]


# What fills the path of a route, by the route where the common names do not fit.
COMMON = {
    "digest": static_digest(), "verb": "streichen",
    "slug": "bauantrag", "version": "1.0.0", "interface": "application", "key": KOELN,
    "rule": "EFA-INT-01", "delegator": KOELN, "delegate": "07", "name": "themes",
    "which": "version.svg", "provider": "test", "code": "not-found", "file": "service.json",
    "place": "entries/000.p/1",
}  # fmt: skip
OWN_NAMES: Mapping[str, dict[str, str]] = {
    "/badges/services/": {"file": f"{KOELN}.svg"},
    "/feeds/services/": {"file": "bauantrag.atom"},
    "/feeds/builders/": {"file": "13.atom"},
    "/feeds/areas/": {"file": "05.atom"},
    "/static/": {"file": "site.css"},
    "/v1/journeys/": {"slug": "bauen"},
    "/v1/agreements/": {"slug": "rahmen"},
    "/v1/procedures/": {"key": "99012001001000"},
    "/v1/sign-in-providers/": {"slug": "test"},
    "/leistungen/": {"key": "99012001001000"},
    "/en/leistungen/": {"key": "99012001001000"},
    "/vereinbarungen/": {"slug": "rahmen"},
    "/dienste/{slug:str}/veroeffentlichen": {"slug": "koeln"},
    "/en/dienste/{slug:str}/veroeffentlichen": {"slug": "koeln"},
    "/en/vereinbarungen/": {"slug": "rahmen"},
}
# What is asked of a route, or sent to it, so that it is answered to those who may.
QUERIES = {
    "GET /v1/services/{slug:str}/comparison": {"from": "1.0.0", "to": "1.0.0"},
    "GET /dienste/{slug:str}/vergleich": {"from": "1.0.0", "to": "1.0.0"},
    "GET /en/dienste/{slug:str}/vergleich": {"from": "1.0.0", "to": "1.0.0"},
    "GET /v1/reuses": {"service": "bauantrag"},
    "GET /v1/reports/cost-shares": {
        "rule": "2021/24", "amount_eur": "1000.01", "charged_year": "2025",
        "service": "ewa", "key_year": "2019",
    },
    "GET /v1/security-log": {"limit": "200"},
    "GET /v1/log/consistency": {"from": "1"},
}  # fmt: skip
BEGUN = {"organisation": KOELN, "stage": "interest", "date": "2024-01-01", "basis": "since"}
LIVE = {"organisation": KOELN, "service": "ewa", "month": "2024-05", "channel": "online"}
SENT: Mapping[str, dict[str, Any]] = {
    "GET /v1/events/stream": {"headers": {"Prefer": "wait=0"}},
    "POST /v1/tokens": {"json": {"scopes": ["read"]}},
    "POST /v1/token-reports": {"json": {"token": "x"}},
    "POST /v1/token-exchange": {"json": {"id_token": "x"}},
    "POST /v1/pipelines": {
        "json": {
            "service": "bauantrag",
            "issuer": "https://gitlab.example",
            "project": "land/bauantrag",
        }
    },
    "PUT /v1/sign-in-providers/{slug:str}": {"json": msgspec.to_builtins(PROVIDER)},
    "PUT /v1/delegations/{delegator:str}/{delegate:str}": {"json": {"scopes": ["reuse"]}},
    "PUT /v1/services/{slug:str}": {
        "json": {
            "slug": "bauantrag",
            "names": {"de": "Bauantrag"},
            "builders": [{"organisation": "13"}],
        },
        "headers": CHANGE,
    },
    "PUT /v1/journeys/{slug:str}": {
        "json": {"slug": "bauen", "names": {"de": "Ein Haus bauen"}, "services": ["bauantrag"]},
        "headers": CHANGE,
    },
    "PUT /v1/services/{slug:str}/versions/{version:str}": {"json": version()},
    "PUT /v1/services/{slug:str}/versions/{version:str}/deprecation": {
        "json": {"sunset": "2099-02-01"}
    },
    "PUT /v1/services/{slug:str}/versions/{version:str}/revocation": {"json": {"reason": "falsch"}},
    "POST /v1/services/{slug:str}/checks": {"json": version()},
    "PUT /v1/agreements/{slug:str}": {
        "json": framework(parties=PARTIES, note="berichtigt"),
        "headers": CHANGE,
    },
    "PUT /v1/agreements/{slug:str}/accessions/{key:str}": {
        "json": {"valid_from": "2023"},
        "headers": CHANGE,
    },
    "POST /v1/subscriptions/{subscription_id:uuid}/confirmation": {"json": {"code": "x"}},
    "POST /v1/subscriptions": {"json": {"service": "bauantrag"}},
    "POST /v1/reuses": {"json": reuse(KOELN, "fourth")},
    "POST /v1/reuses/{reuse_id:uuid}/steps": {"json": {"stage": "interest", "date": "2024-01-01"}},
    "POST /v1/reuses/{reuse_id:uuid}/steps/{step_id:uuid}/void": {"json": {"reason": "falsch"}},
    "POST /v1/reuses/{reuse_id:uuid}/steps/{step_id:uuid}/corrections": {
        "json": {"stage": "interest", "date": "2024-02-01", "reason": "falsch"}
    },
    "POST /v1/reuses/{reuse_id:uuid}/steps/{step_id:uuid}/dispute": {"json": {"reason": "falsch"}},
    "POST /v1/reuses/{reuse_id:uuid}/notes": {
        "json": {"kind": "remark", "text": "unter-uns-notiz"}
    },
    "PUT /v1/reuses/{reuse_id:uuid}/parameters": {"json": PARAMETERS, "headers": CHANGE},
    "POST /v1/reuses/batches": {
        "content": f"organisation;service;stage;date\n{KOELN};fourth;live;2023-03-01\n".encode(),
        "headers": CSV,
    },
    **{
        f"POST {language}{path}": {"data": BEGUN}
        for language in ("", "/en")
        for path in (
            "/dienste/{slug:str}/nachnutzen",
            "/nachnutzungen/{reuse_id:uuid}/schritt",
            "/nachnutzungen/datei",
        )
    },
    **{
        f"POST {language}/dienste/{{slug:str}}/veroeffentlichen": {"files": {"x": ("", b"")}}
        for language in ("", "/en")
    },
    **{
        f"POST {language}/nachnutzungen/{{reuse_id:uuid}}/parameter": {
            "data": {"/rate": "7", "/mailbox": "geheim-fach", "revision": "1"}
        }
        for language in ("", "/en")
    },
    **{
        f"POST {language}/nachnutzungen/{{reuse_id:uuid}}/schritte/{{step_id:uuid}}/{{verb:str}}": {
            "data": {"reason": "falsch"}
        }
        for language in ("", "/en")
    },
    "POST /v1/usage": {"json": LIVE | {"completed": 3}},
    "POST /v1/usage/batches": {
        "content": (
            f"organisation;service;month;channel;completed\n{KOELN};ewa;2024-06;online;3\n"
        ).encode(),
        "headers": CSV,
    },
}


def address(route: str, world: World, *, missing: bool = False) -> str:
    """The path of a route about what the world holds, or about what nobody ever recorded."""
    path = route.split(" ", 1)[1]
    own: dict[str, str] = {}
    filled = COMMON | next((v for k, v in OWN_NAMES.items() if path.startswith(k)), own)
    on_live = path.endswith(("/confirmation", "/dispute", "/parameters", "/parameter"))
    which = "live" if on_live else "other" if path.endswith("/void") else "private"
    names = world.names
    # That the reuse is there is public; whether anything is set for it is not.
    nobodys = names["bare"] if path.endswith("/parameters") else str(uuid4())
    filled |= {
        "reuse_id": nobodys if missing else names[which],
        "step_id": str(uuid4()) if missing else names[f"{which}_step"],
        "token_id": str(uuid4()) if missing else names["token"],
        "pipeline_id": str(uuid4()) if missing else names["pipeline"],
        "event_id": names["notice" if path.endswith("/acknowledgement") else "event"],
        "subscription_id": str(uuid4()) if missing else names["subscription"],
        "delivery_id": str(uuid4()) if missing else names["delivery"],
        "person": f"p_{uuid4().hex}" if missing else names["person"],
    }
    if path.startswith("/feeds/subscriptions/"):
        filled["file"] = f"{filled['subscription_id']}.atom"
    for name, value in filled.items():
        for kind in ("str", "uuid", "path"):
            path = path.replace(f"{{{name}:{kind}}}", value)
    return path


async def call(world: World, route: str, kind: CallerKind, path: str) -> httpx.Response:
    """One call, past the watch over events: a refused change is as well seen by its status."""
    caller, options = world.callers[kind], dict(SENT.get(route, {}))
    method = route.split(" ", 1)[0]
    if (
        method == "POST"
        and not options
        and not path.endswith(
            ("/confirmation", "/secret", "/test", "/redelivery", "/acknowledgement")
        )
    ):
        options["json"] = {}
    headers = dict(options.pop("headers", {}))
    headers |= caller.browser
    if caller.token:
        headers["Authorization"] = f"Bearer {caller.token}"
    params = QUERIES.get(route.removesuffix(".csv"), QUERIES.get(route))
    return await world.client.http.request(method, path, headers=headers, params=params, **options)


ORDER: tuple[CallerKind, ...] = tuple(
    sorted(KINDS, key=lambda kind: (kind not in STRANGERS, kind == "own"))
)
REFUSALS = {401, 403, 404}
# Found by nobody in the world that the tests make; answered alike to all.
ABSENT = {"GET /.well-known/security.txt"}


def test_every_route_is_in_the_table_and_nothing_else() -> None:
    table, answered = visibility().routes.keys(), set(routes())
    assert answered - table == set(), "routes the table does not know"
    assert table - answered == set(), "lines of the table without a route"


async def _checked(world: World, route: str, rule: Rule, kind: CallerKind) -> list[str]:
    """What of one call differs from the table."""
    answer = await call(world, route, kind, address(route, world))
    expected = visibility().statuses(rule, kind)
    wrong: list[str] = []
    reads = route.startswith("GET") and route not in ABSENT
    refused = answer.status_code in REFUSALS and route not in ABSENT
    refused = refused or (reads and answer.status_code != 200)
    if expected and answer.status_code not in expected:
        wrong.append(f"{route} as {kind}: {answer.status_code} instead of {sorted(expected)}")
    if not expected and (refused or answer.status_code >= 500):
        wrong.append(f"{route} as {kind}: {answer.status_code} {answer.text[:300]}")
    if answer.status_code == 404 and 404 in expected:
        unknown = await call(world, route, kind, address(route, world, missing=True))
        if (unknown.status_code, unknown.text) != (404, answer.text):
            wrong.append(f"{route} as {kind}: tells what exists from what does not")
    return wrong + _leaks(world, rule, kind, route, answer)


def _leaks(
    world: World, rule: Rule, kind: CallerKind, route: str, answer: httpx.Response
) -> list[str]:
    """Private parts shown to who may not see them, or kept from who may."""
    wrong: list[str] = []
    kind = SAME_AS.get(kind, kind)
    doing = rule.may is not None and (rule.may == "known" or kind in rule.may)
    for name, part in visibility().parts.items():
        found = any(secret in answer.text for secret in world.secrets[name])
        if found and not (kind in part.sees or doing):
            wrong.append(f"{route} as {kind}: shows {name}")
        if name in rule.shows and kind in part.sees and not found:
            wrong.append(f"{route} as {kind}: does not show {name}: {answer.text[:200]}")
    return wrong


async def test_every_route_as_every_kind_of_caller(world: World) -> None:
    table = visibility().routes
    reads = [route for route in table if route.startswith("GET")]
    ended = [route for route in table if route.endswith(("/revocation", "/void"))]
    taken_back = [route for route in table if route.startswith("DELETE")]
    changes = [route for route in table if route not in (*reads, *ended, *taken_back)]
    wrong: list[str] = []
    calls = 0
    for route in (*reads, *changes, *ended, *taken_back):
        for kind in ORDER:
            wrong += await _checked(world, route, table[route], kind)
            calls += 1
    assert not wrong, "\n".join(wrong)
    assert calls == len(table) * len(KINDS)
