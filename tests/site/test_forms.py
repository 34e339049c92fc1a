"""Forms of who signed in: shown, sent, refused at the field, carried out by the action."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest

from registry.db import begin
from registry.identity.operator import operator
from registry.settings import Settings
from registry.site.notices import notice_text
from tests.client import ApiClient, open_client
from tests.reuse.conftest import add_service
from tests.site.test_pages import Outline, mistakes
from tests.versions.published import interfaces, leave_undecided

HTML = {"Accept": "text/html"}
SITE = "https://registry.example"
START = "/dienste/bauantrag/nachnutzen"
PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rate": {"type": "number", "title": "Gebühr <b>in</b> Euro", "maximum": 100},
        "box": {"type": "string", "title": "Postfach", "minLength": 3},
        "more": {"type": "array", "items": {"type": "object"}},
        "key": {"type": "string", "writeOnly": True},
    },
    "required": ["rate", "box"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
async def world(shared_settings: Settings) -> AsyncIterator[ApiClient]:
    """A registry with services that Mecklenburg-Vorpommern builds."""
    settings = msgspec.structs.replace(shared_settings, public_url=SITE)
    async with open_client(settings) as opened:
        async with begin(opened.conn, operator()) as tx:
            for slug in ("bauantrag", "ewa", "third", "vierter"):
                await add_service(tx, slug, "13")
        builder = await opened.as_body("13", "publish:*")
        first = interfaces(parameters=PARAMETERS)
        answer = await builder.put("/v1/services/ewa/versions/1.0.0", json=first)
        assert answer.status_code == 201, answer.text
        yield opened


async def clerk_of(world: ApiClient, key: str) -> ApiClient:
    return await world.as_person(key, "reuse", account=f"clerk of {key}")


def form(person: ApiClient, **fields: Any) -> dict[str, Any]:
    """The form of a page as a browser sends it, with the token that the page holds."""
    data = {"csrf_token": person.browser["X-CSRF-Token"]} | fields
    return {"data": data, "headers": person.browser | {"X-CSRF-Token": ""} | HTML}


async def send(person: ApiClient, path: str, *, events: int = 0, **fields: Any) -> httpx.Response:
    return await person.post(path, events=events, **form(person, **fields))


def sound(answer: httpx.Response) -> str:
    """The page as text, once it is seen to be a page as it should be."""
    outline = Outline(answer.text)
    assert mistakes(answer.text) == []
    assert len(outline.ids) == len(set(outline.ids))
    anchors = {link[1:] for link in outline.links if link.startswith("#")}
    assert anchors <= set(outline.ids)
    assert answer.headers["cache-control"] == "no-store"
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text.partition("<main")[2])).split())


def location(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def started(world: ApiClient, key: str, slug: str = "bauantrag") -> tuple[ApiClient, str]:
    """A clerk of a body, and the page of the reuse that they just recorded."""
    clerk = await clerk_of(world, key)
    told: Any = {"organisation": key, "stage": "interest", "date": "1.3.2024", "basis": "since"}
    done = await send(clerk, f"/dienste/{slug}/nachnutzen", events=1, **told)
    return clerk, location(done)


async def test_a_clerk_records_a_reuse_and_is_told_once(world: ApiClient) -> None:
    clerk = await clerk_of(world, "05315")
    asked = await clerk.get(START, headers=HTML)
    assert "Nachnutzung eintragen" in sound(asked)
    assert 'value="05315"' in asked.text
    told: Any = {"organisation": "05315", "stage": "interest", "date": "1.3.2024", "basis": "since"}
    told |= {"note": "a\r\nb", "evidence.kind": "contract"}
    done = await send(clerk, START, events=1, **told)
    carried = {"Cookie": f"{clerk.browser['Cookie']}; {done.headers['set-cookie']}"}
    shown = await clerk.get(location(done), headers=HTML | carried)
    assert "Eingetragen." in sound(shown)
    assert 'efa-notice=""' in shown.headers["set-cookie"]
    assert "Max-Age=0" in shown.headers["set-cookie"]
    again = await clerk.get(location(done), headers=HTML)
    assert "Eingetragen." not in sound(again)
    assert "01.03.2024 Interesse nicht öffentlich nicht verzeichnet Vertrag a b" in sound(again)
    recorded = await clerk.get(location(done), headers={"Accept": "application/json"})
    step = (await clerk.get(recorded.headers["location"])).json()["steps"][0]
    assert (step["note"], step["evidence"]) == ("a\nb", {"kind": "contract"} | _NOTHING)
    assert "Interesse" in sound(await clerk.get("/dienste/bauantrag", headers=HTML))
    assert "interest" in sound(await clerk.get("/en/meine-stelle", headers=HTML))


_NOTHING = {"reference": None, "sha256": None}


async def test_the_same_form_twice_records_once(world: ApiClient) -> None:
    clerk, there = await started(world, "05314")
    told: Any = {"organisation": "05314", "stage": "interest", "date": "1.3.2024", "basis": "since"}
    again = await send(clerk, START, events=0, **told)
    assert location(again) == there
    assert "efa-notice=unchanged" in again.headers["set-cookie"]
    both = await asyncio.gather(
        *(clerk.http.post(f"{there}/schritt", **form(clerk, stage="agreed")) for _ in range(2))
    )
    assert [answer.status_code for answer in both] == [303, 303]
    assert {answer.headers["set-cookie"].partition(";")[0][-9:] for answer in both} == {
        "=recorded",
        "unchanged",
    }


async def test_what_is_wrong_stands_at_its_field_and_input_is_kept(world: ApiClient) -> None:
    clerk = await clerk_of(world, "05316")
    evil = '"><script>alert(1)</script>'
    wrong: Any = {
        "organisation": "05316",
        "date": "31.2.2024",
        "area": evil,
        "note": f"</textarea>{evil}",
    }
    clerk.browser["If-None-Match"] = "*"
    answer = await send(clerk, START, **wrong)
    assert answer.status_code == 422
    text = sound(answer)
    assert "Bitte prüfen Sie Ihre Angaben Stufe : Diese Angabe fehlt." in text
    assert "Gebiet : Ein Regionalschlüssel hat" in text
    assert "<script" not in answer.text
    assert 'value="31.2.2024"' in answer.text
    fields = Outline(answer.text).links
    assert {"#f-stage", "#f-area"} <= set(fields)
    wrong |= {"stage": "contracted", "area": "05316 05", "date": "31.2.2024", "version": "9.9.9"}
    answer = await send(clerk, START, **wrong)
    text = sound(answer)
    assert answer.status_code == 422
    for told in ("Datum : ", "Version : ", "Gebiet : "):
        assert told in text
    english = sound(await send(clerk, f"/en{START}", **wrong | {"stage": ""}))
    assert "Stage : This is missing." in english


async def test_refusals_speak_in_the_words_of_pages(world: ApiClient) -> None:
    clerk, there = await started(world, "05334")
    answer = await send(clerk, f"{there}/schritt", stage="ended", basis="since", answer="yes")
    assert answer.status_code == 422
    assert "kann nicht „beendet“ stehen; davor steht: Interesse" in sound(answer)
    told: Any = {"organisation": "05334", "stage": "agreed", "date": "2024", "basis": "since"}
    answer = await send(clerk, START, **told)
    assert answer.status_code == 409
    assert "Öffnen Sie unter „Meine Stelle“ die Nachnutzung" in sound(answer)
    assert "/v1/" not in sound(answer)


async def test_an_end_is_asked_for_again_and_only_where_it_would_be_taken(world: ApiClient) -> None:
    clerk, there = await started(world, "05366")
    given: Any = {
        "stage": "withdrawn",
        "date": "2.3.2024",
        "basis": "since",
        "note": "<b>doch nicht",
    }
    asked = await send(clerk, f"{there}/schritt", **given)
    assert asked.status_code == 200
    assert "Wirklich „zurückgezogen“ eintragen?" in sound(asked)
    assert "<b>doch" not in asked.text
    back = await send(clerk, f"{there}/schritt", **given, answer="back")
    assert "doch nicht" in sound(back)
    assert "Weiteren Schritt eintragen" in sound(back)
    wrong = await send(clerk, f"{there}/schritt", **given | {"version": "9.9.9"})
    assert (wrong.status_code, "Wirklich" in wrong.text) == (422, False)
    done = await send(clerk, f"{there}/schritt", events=1, **given, answer="yes")
    assert location(done) == there


async def test_only_who_signed_in_and_only_from_a_page_of_ours(world: ApiClient) -> None:
    clerk, there = await started(world, "05370")
    for path in (START, f"{there}/schritt", "/meine-stelle"):
        asked = await world.get(path, headers=HTML)
        assert asked.status_code == 401
        assert asked.text.count(f'href="/anmelden?next={quote(path, safe="")}"') == 2
    token = await world.as_body("05370", "reuse")
    assert (await token.get(f"{there}/schritt", headers=HTML)).status_code == 401
    told: Any = {"stage": "agreed"}
    sent: list[tuple[int, dict[str, Any], dict[str, str]]] = [
        (401, told, {"Cookie": ""}),
        (403, told, {}),
        (403, told | {"csrf_token": "0" * 64}, {}),
        (403, form(clerk, **told)["data"], {"Origin": "https://evil.example"}),
        (403, form(clerk, **told)["data"], {"Origin": "null"}),
        (403, form(clerk, **told)["data"], {"Sec-Fetch-Site": "cross-site"}),
    ]
    for status, data, headers in sent:
        answer = await clerk.post(
            f"{there}/schritt", data=data, headers=HTML | {"X-CSRF-Token": ""} | headers
        )
        assert answer.status_code == status, (data, headers)
    token = clerk.browser["X-CSRF-Token"]
    for body, kind, status in (
        (b'{"stage":"agreed"}', "application/json", 415),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=y", 400),
        (broken_part(token), "multipart/form-data; boundary=y", 400),
        (f"csrf_token={token}&stage=%ff".encode(), "application/x-www-form-urlencoded", 422),
    ):
        answer = await clerk.post(
            f"{there}/schritt", content=body, headers=HTML | {"Content-Type": kind}
        )
        assert answer.status_code == status, (kind, answer.text)


def broken_part(token: str) -> bytes:
    """A form in parts, one of them in letters that nobody knows."""
    head = "--y\r\nContent-Disposition: form-data; name=stage\r\nContent-Type: text/plain; charset="
    return f"{head}klingon\r\n\r\nagreed\r\n--y--\r\n".encode()


async def test_nobody_records_for_a_body_that_is_not_theirs(world: ApiClient) -> None:
    _, there = await started(world, "05374")
    other = await clerk_of(world, "05378")
    told: Any = {"organisation": "05374", "stage": "live", "basis": "since"}
    answer = await send(other, "/dienste/ewa/nachnutzen", **told)
    assert (answer.status_code, "Das gehört nicht" in answer.text) == (403, False)
    assert 'value="05374"' in answer.text
    for path in (there, f"{there}/schritt"):
        assert (await other.get(path, headers=HTML)).status_code == 404
    forged = form(other, stage="agreed", organisation="05378", reuse="x", service="ewa")
    assert (await other.post(f"{there}/schritt", **forged)).status_code == 404
    reader = await world.as_person("05374", account="reader")
    assert (await reader.get(f"{there}/schritt", headers=HTML)).status_code == 403
    assert "Nachnutzung eintragen" not in (await reader.get("/dienste/ewa", headers=HTML)).text


async def test_fields_that_a_form_does_not_have_change_nothing(world: ApiClient) -> None:
    clerk, there = await started(world, "05382")
    forged: Any = {"organisation": "05", "service": "ewa", "evidence.sha256": "x", "reuse_id": "x"}
    done = await send(clerk, f"{there}/schritt", events=1, stage="agreed", basis="since", **forged)
    shown = sound(await clerk.get(location(done), headers=HTML))
    assert "Stelle Rhein-Sieg-Kreis Stufe vereinbart" in shown


def upload(content: bytes, name: str = "Nachnutzungen März.csv") -> dict[str, Any]:
    return {"file": (name, content, "application/vnd.ms-excel")}


async def send_file(person: ApiClient, content: bytes | None, *, events: int = 0) -> httpx.Response:
    sent = form(person)
    files = upload(content) if content is not None else {"file": ("", b"")}
    return await person.post("/nachnutzungen/datei", events=events, files=files, **sent)


async def test_a_file_is_recorded_whole_and_twice_is_once(world: ApiClient) -> None:
    land = await clerk_of(world, "05")
    rows = "\r\n".join(f"{key};third;interest;1.3.2024" for key in ("05513", "05515", "05512"))
    content = f"Stelle;Dienst;Stufe;Datum\r\n{rows}\r\n".encode("windows-1252")
    done = await send_file(land, content, events=3)
    assert location(done) == "/meine-stelle"
    assert "efa-notice=batch.3.0" in done.headers["set-cookie"]
    again = await send_file(land, content)
    assert "efa-notice=batch.0.3" in again.headers["set-cookie"]
    assert notice_text("batch.0.3", "de") == "Neu eingetragen: 0. Schon vorher eingetragen: 3."
    assert "Gelsenkirchen" in sound(await land.get("/meine-stelle", headers=HTML))


async def test_what_is_wrong_in_a_file_is_told_by_line_and_column(world: ApiClient) -> None:
    land = await clerk_of(world, "05")
    asked = await land.get("/en/nachnutzungen/datei", headers=HTML)
    assert "stufe" in sound(asked)
    lines = (
        "Stelle;Dienst;Stufe;Datum;Anmerkung",
        "05562;third;interest;2024;",
        "05566;third;läuft;2024;<script>alert(1)</script>",
        "13;third;live;2024;",
        "05554;third;ended;2024;",
        "05558;<i>x</i>;live;31.2.2024;",
    )
    answer = await send_file(land, "\n".join(lines).encode())
    text = sound(answer)
    assert answer.status_code == 422
    assert "<script" not in answer.text
    for told in (
        "3 Stufe „läuft“ gibt es hier nicht; möglich sind:",
        "4 Stelle Für die Stelle 13 dürfen Sie nicht handeln.",
        "5 Stufe Ab 01.01.2024 kann nicht „beendet“ stehen",
        "6 Dienst ",
        "Die Tabelle enthält Fehler Datei : Zeilen mit Fehlern: 4; Fehler: ",
    ):
        assert told in text, (told, text)
    assert (await send_file(land, "\n".join(lines[:2]).encode(), events=1)).status_code == 303


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (None, 422, "Diese Angabe fehlt."),
        (b"", 422, "Diese Angabe fehlt."),
        (b"stelle;dienst;stufe\n", 422, "Zeile"),
        (b"PK\x03\x04" + bytes(range(256)), 422, "Zeile 2: die Datei ist weder"),
        (b"a;b\n1;2\n", 422, "Spalte"),
        (b"x" * 9_000_000, 413, "zu gro"),
    ],
)
async def test_what_is_no_table_is_told(
    world: ApiClient, content: bytes | None, status: int, said: str
) -> None:
    clerk = await clerk_of(world, "05570")
    answer = await send_file(clerk, content)
    assert answer.status_code == status
    assert said in answer.text, sound(answer)


async def test_a_file_of_strangers_is_not_even_read(world: ApiClient) -> None:
    files = upload(b"stelle;dienst;stufe\n")
    answer = await world.post("/nachnutzungen/datei", files=files, headers=HTML)
    assert answer.status_code == 401
    clerk = await clerk_of(world, "05570")
    foreign = HTML | {"Origin": "https://evil.example", "X-CSRF-Token": ""}
    data = form(clerk)["data"]
    answer = await clerk.post("/nachnutzungen/datei", files=files, data=data, headers=foreign)
    assert answer.status_code == 403


async def test_a_step_is_taken_out_only_after_a_question(world: ApiClient) -> None:
    clerk, there = await started(world, "05770")
    shown = (await clerk.get(there, headers=HTML)).text
    (path,) = re.findall(r'href="(/nachnutzungen/[^"]*/streichen)"', shown)
    assert "bestaetigen" not in shown
    asked = await clerk.get(path, headers=HTML)
    assert "Schritt streichen" in sound(asked)
    empty = await send(clerk, path, reason=" ")
    assert (empty.status_code, "Grund : Diese Angabe fehlt." in sound(empty)) == (422, True)
    question = await send(clerk, path, reason="<i>Tippfehler")
    assert "Schritt wirklich streichen?" in sound(question)
    assert "<i>" not in question.text
    done = await send(clerk, path, events=1, reason="Tippfehler", answer="yes")
    assert location(done) == there
    again = await send(clerk, path, reason="Tippfehler", answer="yes")
    assert "efa-notice=unchanged" in again.headers["set-cookie"]
    stranger = await clerk_of(world, "05774")
    for known in (path, path.replace(path.split("/")[4], there.split("/")[2])):
        answer = await send(stranger, known, reason="x", answer="yes")
        assert answer.status_code in (403, 404)
    missing = path.replace(path.split("/")[4], there.split("/")[2])
    assert (await clerk.get(missing, headers=HTML)).status_code == 404
    assert (await clerk.get(path.replace("streichen", "x"), headers=HTML)).status_code in (400, 404)


async def test_a_body_confirms_or_disputes_what_its_land_recorded(world: ApiClient) -> None:
    land, body = await clerk_of(world, "05"), await clerk_of(world, "05915")
    told: Any = {"organisation": "05915", "stage": "agreed", "date": "2024", "basis": "since"}
    there = location(await send(land, START, events=1, **told))
    assert "bestaetigen" not in (await land.get(there, headers=HTML)).text
    shown = (await body.get(there, headers=HTML)).text
    (path,) = re.findall(r'href="(/nachnutzungen/[^"]*/bestaetigen)"', shown)
    assert "Stimmt dieser Eintrag?" in sound(await body.get(path, headers=HTML))
    assert (await send(land, path, answer="yes")).status_code == 403
    assert "Stimmt dieser Eintrag?" in sound(await send(body, path))
    assert location(await send(body, path, events=1, answer="yes")) == there
    path = path.replace("bestaetigen", "bestreiten")
    done = await send(body, path, events=1, reason="nie vereinbart", answer="yes")
    assert "nie vereinbart" in sound(await body.get(location(done), headers=HTML))


PUBLISH = "/dienste/{}/veroeffentlichen"


async def check(person: ApiClient, slug: str, files: Any, **fields: Any) -> httpx.Response:
    sent = form(person, **fields)
    given = {name: _as_file(name, text) for name, text in files.items()} or {"x": ("", b"")}
    return await person.post(PUBLISH.format(slug), events=0, files=given, **sent)


def _as_file(name: str, content: bytes | tuple[str, bytes]) -> tuple[str, bytes]:
    return content if isinstance(content, tuple) else (f"{name}.json", content)


def carried(answer: httpx.Response) -> dict[str, Any]:
    """What the page of a check carries on to its publishing."""
    return dict(re.findall(r'type="hidden" name="(draft)" value="([^"]*)"', answer.text))


async def test_a_version_is_checked_shown_and_published_as_it_was_uploaded(
    world: ApiClient,
) -> None:
    await running(world, "05766")
    builder = await world.as_person("13", "publish:*", account="builder")
    asked = await builder.get(PUBLISH.format("ewa"), headers=HTML)
    assert "Schema der Schnittstelle parameters" in sound(asked)
    assert "Als JSON oder YAML (.yaml, .yml). Höchstens" in sound(asked)
    assert "veroeffentlichen" in (await builder.get("/dienste/ewa", headers=HTML)).text
    schema = '{\r\n  "type": "object", "required": ["müll"],\n\t"title": "</b>" }'.encode()
    found = await check(builder, "ewa", {"/interfaces/parameters": schema}, version="1.1.0")
    text = sound(found)
    assert found.status_code == 200
    assert "Kleinste erlaubte Nummer: 2.0.0 – eingegeben war 1.1.0" in text
    assert "1 Hinweis Hinweis Das Dokument: title änderte sich. Regel EFA-ANN-01" in text
    assert "Gemessen an der Version, die dort läuft: Sie kann älter sein als die" in text
    assert "1 Nachnutzung in 1 Land. Nordrhein-Westfalen: Lippe (1.0.0)" in text
    assert "Neue Hauptversion" in text or "neue Hauptversion" in text
    assert 'name="version" value="2.0.0"' in found.text
    small = await send(builder, PUBLISH.format("ewa"), **carried(found), version="1.1.0")
    assert small.status_code == 422
    assert "Nummer der Version : Gegenüber 1.0.0 verlangen die Änderungen" in sound(small)
    assert "Kleinste erlaubte Nummer: 2.0.0" in sound(small)
    odd = await send(builder, PUBLISH.format("ewa"), **carried(small), version="zwei <b>")
    assert (odd.status_code, "zwei &lt;b&gt;" in odd.text) == (400, True)
    done = await send(builder, PUBLISH.format("ewa"), events=1, **carried(odd), version="2.0.0")
    assert location(done) == "/dienste/ewa/2.0.0"
    again = await send(builder, PUBLISH.format("ewa"), **carried(odd), version="2.0.0")
    assert "efa-notice=unchanged" in again.headers["set-cookie"]
    kept = await world.get("/v1/services/ewa/versions/2.0.0/interfaces/parameters")
    assert kept.content == schema


async def test_a_person_answers_beside_the_finding_for_what_is_undecided(world: ApiClient) -> None:
    builder = await world.as_person("13", "publish:*", account="builder")
    path, texts = PUBLISH.format("vierter"), ('{"maxLength": 5}', '{"maxLength": 6}')
    old = {"parameters": {"direction": "accepts", "schema_text": texts[0]}}
    made = await builder.put("/v1/services/vierter/versions/1.0.0", json={"interfaces": old})
    assert made.status_code == 201, made.text
    fingerprint = await leave_undecided(world.conn, *texts)
    asked = await check(builder, "vierter", {OF_KNOWN: texts[1].encode()})
    label = "Warum das in parameters mit 1.0.0 verträglich ist"
    assert label in sound(asked)
    assert 'name="version" value="2.0.0"' in asked.text
    small = await send(builder, path, **carried(asked), version="1.1.0")
    assert (small.status_code, label in sound(small)) == (422, True)
    field = f"vouching parameters/1.0.0/{fingerprint}"
    long: Any = {field: "x" * 4_001, "version": "1.1.0"}
    refused = await send(builder, path, **carried(asked), **long)
    assert (refused.status_code, "x" * 4_001 in refused.text) == (422, True)
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', refused.text)
    for odd in ("vouching ", "vouching a/b", f"vouching status/1.0.0/{fingerprint}"):
        fields: Any = {odd: "nur erweitert", "version": "1.1.0"}
        assert (await send(builder, path, **carried(asked), **fields)).status_code == 422, odd
    reason: Any = {field: "Von Hand geprüft: <b>nur</b> erweitert.", "version": "1.1.0"}
    still = await send(builder, path, **carried(asked), **reason | {"version": "1.0.1"})
    assert (still.status_code, "&lt;b&gt;nur&lt;/b&gt; erweitert." in still.text) == (422, True)
    done = await send(builder, path, events=1, **carried(still), **reason)
    assert location(done) == "/dienste/vierter/1.1.0"
    (given,) = (await world.get("/v1/services/vierter/versions/1.1.0")).json()["overrides"]
    assert (given["fingerprint"], given["reason"]) == (fingerprint, reason[field])
    page = await world.get("/dienste/vierter/1.1.0", headers=HTML)
    assert "&lt;b&gt;nur&lt;/b&gt; erweitert." in page.text


async def test_a_schema_in_yaml_is_taken_as_the_json_that_it_means(world: ApiClient) -> None:
    builder = await world.as_person("13", "publish:*", account="builder")
    file = b"type: object\nrequired: [m\xc3\xbcll]\n"
    new: Any = {"new.name": "antrag", "new.direction": "accepts"}
    found = await check(builder, "bauantrag", {"new.file": ("Antrag.YAML", file)}, **new)
    assert found.status_code == 200, sound(found)
    draft = json.loads(base64.b64decode(carried(found)["draft"]))
    text = '{\n  "type": "object",\n  "required": [\n    "müll"\n  ]\n}\n'
    assert draft["interfaces"] == {"antrag": {"direction": "accepts", "schema_text": text}}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: &x {type: string}\nb: *x\n", "Verweise wie *x werden nicht gelesen"),
        (b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "(Zeile 2)"),
        (b"type: string\nenum: [no]\n", "„no“ lesen YAML-Programme verschieden"),
        (b"properties: [\n", "ein gültiges YAML"),
        (b"a: " + b"[" * 300 + b"]" * 300, "u tief verschachtelt"),
        (b"a: [" + b"0," * 200_000 + b"0]", " Werte"),
        (b" " * 2_000_000, " Bytes"),
        (b"\xff", "UTF-8"),
    ],
)
async def test_yaml_is_read_within_the_limits_of_the_command_line(
    world: ApiClient, content: bytes, said: str
) -> None:
    builder = await world.as_person("13", "publish:*", account="builder")
    new: Any = {"new.name": "antrag", "new.direction": "accepts"}
    found = await check(builder, "bauantrag", {"new.file": ("a.yml", content)}, **new)
    assert (found.status_code, said in sound(found)) == (422, True), sound(found)


async def test_what_is_wrong_with_schemas_stands_at_their_files(world: ApiClient) -> None:
    builder = await world.as_person("13", "publish:*", account="builder")
    form_of = PUBLISH.format("bauantrag")
    empty = await check(builder, "bauantrag", {})
    assert (empty.status_code, "Schnittstelle" in sound(empty)) == (422, True)
    half = await check(builder, "bauantrag", {}, **{"new.name": "application"})
    assert "Neue Schnittstelle: Schema : Diese Angabe fehlt." in sound(half)
    assert "Wählen Sie sie bitte noch einmal aus" in sound(half)
    told: Any = {"new.name": "application", "new.direction": "accepts"}
    for content, name in (
        (b"\xff", "application"),
        (b"{", "application"),
        (b'{"type": "strin"}', "application"),
        (b'{"pattern": "(a+)+(?=b)"}', "application"),
        (b'{"$ref": "https://evil.example/x.json"}', "application"),
        (b"{}", "Anträge <b>"),
        (b"[" * 100_000, "application"),
    ):
        answer = await check(
            builder, "bauantrag", {"new.file": content}, **told | {"new.name": name}
        )
        assert answer.status_code == 422, content[:20]
        assert "Neue Schnittstelle: " in sound(answer)
        assert "Anträge <b>" not in answer.text
    known = await builder.get(form_of, headers=HTML)
    assert "Höchstens 1 MB je Datei und 4,8 MB für alle Schemas zusammen." in sound(known)
    large = b'{"description": "' + b"x" * 4_900_000 + b'"}'
    answer = await check(builder, "bauantrag", {"new.file": large}, **told)
    assert "Neue Schnittstelle: Schema : Alle Schemas der Version sind zusammen" in sound(answer)
    assert answer.text.count('aria-invalid="true"') == 1
    first = await check(builder, "bauantrag", {"new.file": b"{}"}, **told)
    assert "keine Version, mit der zu vergleichen" in sound(first)
    for draft in ("", "x", "e30=", "W10=", "eyJpbnRlcmZhY2VzIjp7fX0="):
        forged = await send(builder, form_of, draft=draft, version="1.0.0")
        assert forged.status_code == 400, draft
    done = await send(builder, form_of, events=1, **carried(first), version="1.0.0")
    assert location(done) == "/dienste/bauantrag/1.0.0"


OF_KNOWN = "/interfaces/parameters"
REFERRING = b'{"$ref": "#/$defs/X",\n"properties": {"a": {"$ref": "https://evil.example/x.json"}}}'


def at(answer: httpx.Response, name: str) -> str:
    """What the page says is wrong at a field."""
    field = "f-" + name.replace("/", "~2f")
    assert re.search(f'id="{field}"[^>]* aria-describedby="[^"]*{field}-e"', answer.text)
    within = answer.text.partition(f' id="{field}-e">')[2].partition("</div>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", within)).split())


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"{", ["Kein gültiges JSON (Zeile 1, Spalte 2)."]),
        (b"\nno\n", ["Kein gültiges JSON (Zeile 2, Spalte 1)."]),
        (b"[]", ["[] ist nach den Regeln von 2020-12 hier nicht möglich"]),
        (b'{\n"type": "strin"}', ["Zeile 2, /type : "]),
        (b'{\n\n"a": 1, "a": 2}', ["Zeile 3, /a : Der Name „a“ steht zweimal"]),
        (b"{" + b" " * (1 << 20) + b"}", ["Größer als 1048576 Bytes."]),
        (
            REFERRING,
            [
                "Zeile 1, /$ref : „#/$defs/X“ führt zu nichts.",
                "Zeile 2, /properties/a/$ref : „https://evil.example/x.json“ liegt außerhalb",
            ],
        ),
    ],
)
@pytest.mark.parametrize(
    ("field", "label", "more"),
    [
        (OF_KNOWN, "Schema der Schnittstelle parameters", {}),
        ("new.file", "Neue Schnittstelle: Schema", {"new.name": "application"}),
        (
            "new.file",
            "Neue Schnittstelle: Schema",
            {"new.name": "parameters", "dropped": "parameters"},
        ),
    ],
)
async def test_each_fault_of_a_schema_stands_at_its_file_and_names_its_place(
    world: ApiClient, content: bytes, faults: list[str], field: str, label: str, more: Any
) -> None:
    builder = await world.as_person("13", "publish:*", account="builder")
    told: Any = {"new.direction": "accepts"} | more if more else {}
    answer = await check(builder, "ewa", {field: content}, **told)
    assert answer.status_code == 422
    text, beside = sound(answer), at(answer, field)
    for fault in faults:
        assert f"{label} : {fault}" in text
        assert f"Fehler: {fault}" in beside
    assert beside.count("Fehler:") == text.count(f"{label} : ")
    assert answer.text.count('aria-invalid="true"') == 1


async def test_faults_of_a_schema_are_told_in_english_and_of_an_empty_file(
    world: ApiClient,
) -> None:
    builder = await world.as_person("13", "publish:*", account="builder")
    sent: Any = {"files": {OF_KNOWN: ("x.json", REFERRING)}} | form(builder)
    answer = await builder.post("/en" + PUBLISH.format("ewa"), events=0, **sent)
    assert "Error: Line 1, /$ref : “#/$defs/X” leads nowhere." in at(answer, OF_KNOWN)
    empty = await check(builder, "ewa", {OF_KNOWN: b""})
    assert "Kein gültiges JSON (Zeile 1, Spalte 1)." in at(empty, OF_KNOWN)


DROPPED = "Schnittstellen, die entfallen"


async def test_a_version_keeps_an_interface_and_drops_none_that_it_changes(
    world: ApiClient,
) -> None:
    builder = await world.as_person("13", "publish:*", account="builder")
    none_left = await check(builder, "ewa", {}, dropped="parameters")
    assert none_left.status_code == 422
    assert f"{DROPPED} : Eine Version braucht mindestens eine Schnittstelle." in sound(none_left)
    assert "Neue Schnittstelle: Name :" not in sound(none_left)
    cases: list[tuple[Any, Any]] = [({}, {}), ({"new.file": b"{}"}, NEW)]
    for files, more in cases:
        given = files | {OF_KNOWN: b"{}"}
        answer = await check(builder, "ewa", given, dropped="parameters", **more)
        assert answer.status_code == 422
        assert f"{DROPPED} : „parameters“ soll entfallen, hat hier aber auch" in sound(answer)
    taken = await check(builder, "ewa", {"new.file": b"{}"}, **NEW | {"new.name": "parameters"})
    assert taken.status_code == 422
    assert "Neue Schnittstelle: Name : Eine Schnittstelle „parameters“ gibt es schon" in sound(
        taken
    )
    swapped = await check(builder, "ewa", {"new.file": b"{}"}, dropped="parameters", **NEW)
    assert swapped.status_code == 200
    nothing = await check(builder, "third", {})
    for label in ("Name", "der Dienst …", "Schema"):
        assert f"Neue Schnittstelle: {label} : Diese Angabe fehlt." in sound(nothing)


async def test_only_who_builds_a_service_publishes_it(world: ApiClient) -> None:
    builder = await world.as_person("13", "publish:*", account="builder")
    found = await check(builder, "third", {"new.file": b"{}"}, **NEW)
    for person in (
        await world.as_person("05315", "publish:*"),
        await world.as_person("13", "reuse", "publish:ewa", account="other"),
    ):
        assert (await person.get(PUBLISH.format("third"), headers=HTML)).status_code == 403
        assert (await check(person, "third", {"new.file": b"{}"}, **NEW)).status_code == 403
        answer = await send(person, PUBLISH.format("third"), **carried(found), version="1.0.0")
        assert answer.status_code == 403
    assert (await builder.get(PUBLISH.format("nothing"), headers=HTML)).status_code == 404


NEW: Any = {"new.name": "application", "new.direction": "accepts"}


async def running(world: ApiClient, key: str) -> tuple[ApiClient, str]:
    """A clerk of a body that runs a version with parameters, and the page where they are set."""
    clerk = await clerk_of(world, key)
    told: Any = {"organisation": key, "stage": "live", "date": "2024", "version": "1.0.0"}
    done = await send(clerk, "/dienste/ewa/nachnutzen", events=1, **told)
    return clerk, f"{location(done)}/parameter"


async def test_parameters_are_set_by_a_form_made_from_the_schema(world: ApiClient) -> None:
    clerk, there = await running(world, "05711")
    assert "Parameter angeben" in (await clerk.get(there[: -len("/parameter")], headers=HTML)).text
    asked = await clerk.get(there, headers=HTML)
    text = sound(asked)
    assert "unvollständig Es fehlt noch: Postfach Gebühr <b>in</b> Euro" in text
    assert "nicht hier einzutragen" in text
    assert ": key." in text
    wrong: Any = {"/rate": "101,50", "/box": "x", "/more": "[", "revision": "0"}
    answer = await send(clerk, there, **wrong)
    assert (answer.status_code, 'value="101,50"' in answer.text) == (422, True)
    assert "JSON" in sound(answer)
    answer = await send(clerk, there, **wrong | {"/more": "", "/rate": "viel"})
    assert "Erwartet wird: eine Zahl." in sound(answer)
    answer = await send(clerk, there, **wrong | {"/more": "[1]"})
    text = sound(answer)
    assert answer.status_code == 422
    for label in ("Gebühr <b>in</b> Euro", "Postfach", "more"):
        assert f"{label} : " in text
    right: Any = {"/rate": "7,50", "/box": "", "/more": "", "revision": "0"}
    done = await send(clerk, there, events=1, **right)
    assert location(done) == there
    api = f"/v1/reuses/{there.split('/')[2]}/parameters"
    kept = await clerk.get(api)
    assert "7.50" in kept.text
    assert (kept.json()["parameters"], kept.json()["revision"]) == ({"rate": 7.5}, 1)
    again = await send(clerk, there, **right | {"revision": "1"})
    assert "efa-notice=unchanged" in again.headers["set-cookie"]
    late = await send(clerk, there, **right | {"/rate": "8"})
    assert late.status_code == 412
    assert "wurde hier etwas anderes eingetragen" in sound(late)
    assert 'name="revision" value="1"' in late.text
    done = await send(clerk, there, events=1, **right | {"/box": "abc", "revision": "1"})
    assert "vollständig" in sound(await clerk.get(location(done), headers=HTML))


async def test_nobody_else_sees_or_sets_parameters(world: ApiClient) -> None:
    _, there = await running(world, "05754")
    for key, status in (("05", 403), ("05758", 403), ("13", 403)):
        other = await clerk_of(world, key)
        assert (await other.get(there, headers=HTML)).status_code == status
        told: Any = {"/rate": "1", "revision": "0"}
        answer = await send(other, there, **told)
        assert answer.status_code == status
    clerk, plain = await started(world, "05762")
    assert (await clerk.get(f"{plain}/parameter", headers=HTML)).status_code == 409


def test_a_notice_is_one_of_ours_or_none() -> None:
    assert notice_text("recorded", "de") == "Eingetragen."
    for carried in ("", "recorded.1", "<b>", "constructor", "recorded; x", "unchanged.999"):
        assert notice_text(carried, "en") is None
