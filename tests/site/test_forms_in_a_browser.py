"""A clerk works with the forms in a real browser without scripts; each page as it then stands."""

import itertools
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from playwright.async_api import Browser, FilePayload, Page

from registry.db import begin
from registry.identity.operator import operator
from registry.settings import Settings
from tests.client import open_client
from tests.live import live_server
from tests.reuse.conftest import add_service
from tests.site.every_page import (
    CHROMIUM,
    SCHEMES,
    STAFF_PAGES,
    WHERE_IT_IS,
    WIDTHS,
    not_html,
    open_browser,
    too_wide,
    violations,
)
from tests.versions.published import interfaces

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=WHERE_IT_IS)
# What there is only on the page that answers a form.
AFTER = "[role=alert], button[name=answer]"
START = "/dienste/bauantrag/nachnutzen"
LONG = "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung"
PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "rate": {"type": "number", "title": "Gebühr in Euro", "maximum": 100},
        "open": {"type": "boolean", "title": LONG},
        "days": {"type": "array", "items": {"enum": ["Mo", "Di", LONG]}, "description": LONG},
        "more": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["rate", "open"],
}
_AFFAIRS = {
    "delegations.html": "/meine-stelle/vertretungen",
    "once.html": "/meine-stelle/token/neu",
    "subscriptions.html": "/meine-stelle/abonnements",
    "tokens.html": "/meine-stelle/token",
}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


class Open(msgspec.Struct, frozen=True):
    """Where the registry runs, what the browser of somebody of Köln shows it, a reuse of theirs."""

    address: str
    cookie: str
    reuse: str


@pytest.fixture(scope="module")
async def running(shared_settings: Settings) -> AsyncIterator[Open]:
    with live_server(shared_settings, signing_in=True) as address:
        settings = msgspec.structs.replace(shared_settings, public_url=address)
        async with open_client(settings) as client:
            async with begin(client.conn, operator()) as tx:
                await add_service(tx, "bauantrag", "13")
                await add_service(tx, "ewa", "05315")
            person = await client.as_person("05315", "reuse", "publish:ewa", "subscribe")
            first = interfaces(parameters=PARAMETERS)
            answer = await person.put("/v1/services/ewa/versions/1.0.0", json=first)
            assert answer.status_code == 201, answer.text
            told = {"organisation": "05315", "service": "ewa", "stage": "live", "version": "1.0.0"}
            answer = await person.post("/v1/reuses", json=told)
            assert answer.status_code == 201, answer.text
        yield Open(address, person.browser["Cookie"], answer.json()["id"])


@asynccontextmanager
async def signed_in(browser: Browser, running: Open, **options: Any) -> AsyncGenerator[Page]:
    context = await browser.new_context(base_url=running.address, **options)
    name, _, text = running.cookie.partition("=")
    await context.add_cookies([{"name": name, "value": text, "url": running.address}])
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def clerk(browser: Browser, running: Open) -> AsyncIterator[Page]:
    """The page of somebody who signed in, with scripts switched off."""
    async with signed_in(browser, running, java_script_enabled=False) as page:
        yield page


async def main_text(page: Page) -> str:
    return " ".join((await page.get_by_role("main").inner_text()).split())


async def test_a_clerk_records_a_reuse_mends_a_mistake_and_ends_it(clerk: Page) -> None:
    await clerk.goto("/dienste/bauantrag")
    assert "keine Nachnutzung eingetragen" in await main_text(clerk)
    await clerk.get_by_role("link", name="Nachnutzung eintragen").click()
    await clerk.get_by_role("textbox", name="Datum").fill("31.02.2024")
    await clerk.get_by_role("button", name="Eintragen").click()
    await clerk.get_by_role("alert").wait_for()
    assert (await clerk.title()).startswith("Fehler: ")
    assert await clerk.locator(":focus").get_attribute("role") == "alert"
    await clerk.get_by_role("alert").get_by_role("link", name="Stufe").click()
    assert await clerk.evaluate("location.hash") == "#f-stage"
    assert await clerk.get_by_role("textbox", name="Datum").input_value() == "31.02.2024"
    await clerk.get_by_label("Stufe").select_option(label="vereinbart")
    await clerk.get_by_role("textbox", name="Datum").fill("29.02.2024")
    await clerk.get_by_label("Anmerkung").fill("Beschluss <des> Rates")
    await clerk.get_by_role("button", name="Eintragen").click()
    assert "Eingetragen." in await clerk.get_by_role("status").inner_text()
    assert "29.02.2024 vereinbart" in await main_text(clerk)
    await clerk.reload()
    assert await clerk.get_by_role("status").count() == 0
    await clerk.get_by_role("link", name="Weiteren Schritt").click()
    await clerk.get_by_label("Stufe").select_option(label="zurückgezogen")
    await clerk.get_by_role("button", name="Eintragen").click()
    await clerk.get_by_role("button", name="Ja,").wait_for()
    assert "Wirklich „zurückgezogen“ eintragen?" in await main_text(clerk)
    await clerk.get_by_role("button", name="Ja,").click()
    await clerk.get_by_role("status").wait_for()
    await clerk.get_by_role("link", name="Meine Stelle", exact=True).click()
    assert "zurückgezogen" in await clerk.get_by_role("row").nth(1).inner_text()


async def test_a_clerk_sets_parameters_by_the_form_of_the_schema(
    clerk: Page, running: Open
) -> None:
    await clerk.goto(f"/nachnutzungen/{running.reuse}")
    await clerk.get_by_role("link", name="Parameter angeben").click()
    assert f"Es fehlt noch: {LONG} Gebühr in Euro" in await main_text(clerk)
    await clerk.get_by_label("Gebühr in Euro").fill("700")
    await clerk.get_by_role("group", name=LONG).get_by_label("nein").check()
    await clerk.get_by_label("Di", exact=True).check()
    await clerk.get_by_role("button", name="Speichern").click()
    await clerk.get_by_role("alert").get_by_role("link", name="Gebühr in Euro").click()
    assert await clerk.get_by_label("Di", exact=True).is_checked()
    await clerk.get_by_label("Gebühr in Euro").fill("7,50")
    await clerk.get_by_role("button", name="Speichern").click()
    assert "Eingetragen." in await clerk.get_by_role("status").inner_text()
    assert "unvollständig" not in await main_text(clerk)
    assert await clerk.get_by_label("Gebühr in Euro").input_value() == "7,50"
    assert await clerk.get_by_label("Di", exact=True).is_checked()


async def _check(page: Page) -> None:
    """A version of theirs that breaks, checked by upload."""
    await page.goto("/dienste/ewa")
    await page.get_by_role("link", name="Neue Version prüfen").click()
    await _upload(page, PARAMETERS | {"required": ["rate", "open", "days"], "title": LONG})
    await page.get_by_role("heading", name="Was die Prüfung ergibt").wait_for()


async def _upload(page: Page, schema: Any) -> None:
    file = FilePayload(
        name="parameters.json",
        mimeType="application/json",
        buffer=json.dumps(schema).encode(),
    )
    await page.get_by_label("Schema der Schnittstelle parameters").set_input_files(file)
    await page.get_by_role("button", name="Prüfen").click()


async def test_a_builder_sees_below_a_file_all_that_is_wrong_in_it(clerk: Page) -> None:
    await clerk.set_viewport_size({"width": 320, "height": 800})
    await clerk.goto("/dienste/ewa/veroeffentlichen")
    await _upload(clerk, {"title": LONG, "$ref": "#/$defs/X", "items": {"$ref": f"#/{LONG}"}})
    file = clerk.get_by_label("Schema der Schnittstelle parameters")
    await clerk.get_by_role("alert").get_by_role("link").first.click()
    assert await file.evaluate("one => one === document.activeElement")
    tops: list[int] = await clerk.evaluate(
        "[...document.querySelectorAll('input[type=file][aria-invalid], .kern-error')]"
        ".map(one => one.getBoundingClientRect().top)"
    )
    assert len(tops) == 3
    assert tops == sorted(tops)
    assert not await too_wide(clerk)


async def test_a_builder_checks_what_is_uploaded_and_publishes_it(clerk: Page) -> None:
    await _check(clerk)
    text = await main_text(clerk)
    assert "Kleinste erlaubte Nummer: 2.0.0" in text
    assert "ist jetzt Pflicht und war es nicht" in text
    assert "Köln, Stadt (1.0.0)" in text
    await clerk.get_by_label("Nummer der Version").fill("1.0.1")
    await clerk.get_by_role("button", name="Jetzt veröffentlichen").click()
    await clerk.get_by_role("alert").get_by_role("link", name="Nummer der Version").click()
    await clerk.get_by_label("Nummer der Version").fill("2.0.0")
    await clerk.get_by_role("button", name="Jetzt veröffentlichen").click()
    assert "veröffentlicht" in await clerk.get_by_role("status").inner_text()
    assert clerk.url.endswith("/dienste/ewa/2.0.0")


async def _affairs(page: Page, template: str) -> None:
    """What a body has of its own: with something in it."""
    if template in ("subscription.html", "subscriptions.html"):
        await page.goto(f"{_AFFAIRS['subscriptions.html']}/neu")
        await page.get_by_label("Notiz").fill("Donaudampfschifffahrtsgesellschaft" * 9)
        await page.get_by_role("button", name="Speichern").click()
        await page.get_by_role("heading", name="Zustellungen").wait_for()
    if template == "subscriptions.html":
        await page.goto(_AFFAIRS[template])
    if template == "once.html":
        await _issue(page)
        await page.reload()
        assert "Schon gezeigt" in await main_text(page)
        await page.goto(_AFFAIRS[template])
        await _issue(page)
    if template == "delegations.html":
        await page.get_by_role("link", name="Vertretung erteilen").click()
        await page.get_by_label("Stelle, die handeln darf").fill("fitko")
        await page.get_by_label("Nachnutzungen eintragen").check()
        await page.get_by_role("button", name="Erteilen").click()
        await page.get_by_role("status").wait_for()


async def _issue(page: Page) -> None:
    await page.get_by_label("Nachnutzungen eintragen").check()
    await page.get_by_role("button", name="Ausstellen").click()
    await page.get_by_text("Wird nur hier gezeigt").wait_for()


async def _open(page: Page, template: str, running: Open) -> None:
    """The page of a template; a form as it stands with mistakes."""
    known = {
        "own.html": "/meine-stelle",
        "reuse.html": f"/nachnutzungen/{running.reuse}",
        "batch.html": "/nachnutzungen/datei",
        "parameters.html": f"/nachnutzungen/{running.reuse}/parameter",
    } | _AFFAIRS
    await page.goto(known.get(template, START))
    if template == "publish.html":
        await _check(page)
        await page.get_by_label("Nummer der Version").fill("x" * 99)
        await page.get_by_role("button", name="Jetzt veröffentlichen").click()
    if template == "parameters.html":
        await page.get_by_label("Gebühr in Euro").fill("x" * 200)
        await page.get_by_role("button", name="Speichern").click()
    if template == "batch.html":
        rows = b"stelle;dienst;stufe\n05315;bauantrag;" + b"x" * 99
        table = FilePayload(name="x.csv", mimeType="text/csv", buffer=rows)
        await page.get_by_label("Datei", exact=True).set_input_files(table)
        await page.get_by_role("button", name="Prüfen").click()
        assert "Fehler in der Datei" in await main_text(page)
    await _affairs(page, template)
    if template == "form.html":
        await page.get_by_label("Gebiet").fill("x" * 200)
        await page.get_by_role("button", name="Eintragen").click()
    if template == "question.html":
        await page.goto(f"/nachnutzungen/{running.reuse}/schritt")
        await page.get_by_label("Stufe").select_option(label="beendet")
        await page.get_by_label("Anmerkung").fill("Donaudampfschifffahrtsgesellschaft" * 9)
        await page.get_by_role("button", name="Eintragen").click()


async def test_pages_of_staff_are_accessible_and_no_wider_than_a_phone(
    browser: Browser, running: Open
) -> None:
    found: list[str] = []
    texts: dict[str, str] = {}
    combinations = itertools.cycle(itertools.product(WIDTHS, SCHEMES))
    templates = sorted(STAFF_PAGES | {"reuse.html"})
    for template, (width, scheme) in zip(templates, combinations, strict=False):
        phone = {"width": 320, "height": 800}
        options: Any = {"bypass_csp": True, "color_scheme": scheme, "viewport": phone}
        async with signed_in(browser, running, **options) as page:
            await _open(page, template, running)
            if template not in {"own.html", "reuse.html", "subscription.html", *_AFFAIRS}:
                await page.locator(AFTER).first.wait_for()
            if await too_wide(page):
                found.append(f"{template} is too wide")
            texts[template] = await page.content()
            await page.set_viewport_size({"width": width, "height": 800})
            found += [f"{template} {width} {scheme} {one}" for one in await violations(page)]
    assert found + not_html(texts) == []
