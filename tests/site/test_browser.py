"""Journeys in a real browser without scripts, and what a reader with needs of theirs meets."""

import csv
import itertools
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from registry.settings import Settings
from registry.site import rendering
from tests.live import live_server
from tests.site.every_page import (
    CHROMIUM,
    PAGES,
    SCHEMES,
    STAFF_PAGES,
    WHERE_IT_IS,
    WIDTHS,
    go_to,
    open_browser,
    too_wide,
    violations,
)

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=WHERE_IT_IS)
RULE = re.compile("^EFA-[A-Z]+-[0-9]+$")
_PARTS = {"frame.html", "parts.html", "form_parts.html", "comparing.html"}


@pytest.fixture(scope="module")
def address(demo_settings: Settings) -> Iterator[str]:
    with live_server(demo_settings, signing_in=True) as running:
        yield running


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


@pytest.fixture
async def reader(browser: Browser, address: str) -> AsyncIterator[Page]:
    """A new visitor on the start page, with scripts switched off."""
    context = await browser.new_context(base_url=address, java_script_enabled=False)
    page = await context.new_page()
    await page.goto("/")
    yield page
    await context.close()


async def search(page: Page, words: str) -> None:
    await page.get_by_role("searchbox").fill(words)
    await page.get_by_role("button", name="Suchen").click()


async def row(page: Page, name: str) -> str:
    """What the first row of a table says that names something."""
    return " ".join(
        (await page.get_by_role("row").filter(has_text=name).first.inner_text()).split()
    )


async def test_who_built_wohngeld_and_who_reuses_it_since_when(reader: Page) -> None:
    await search(reader, "Wohngeld")
    await reader.get_by_role("link", name="Wohngeld-Antrag").click()
    panel = reader.get_by_role("complementary")
    assert "Bereitgestellt von" in await panel.inner_text()
    assert await panel.get_by_role("link", name="Schleswig-Holstein").count() == 1
    body = reader.get_by_role("row").filter(has_text="nur gemeldet")
    told = " ".join((await body.first.inner_text()).split())
    assert told.startswith("Nordrhein-Westfalen ausgesetzt")
    assert "01.01.2023" in told


async def test_what_changed_in_fit_connect_and_why_it_breaks(reader: Page) -> None:
    await search(reader, "FIT-Connect")
    await reader.get_by_role("link", name="FIT-Connect", exact=True).first.click()
    await reader.get_by_label("Von Version").select_option("1.0.0")
    await reader.get_by_label("Bis Version").select_option("2.1.0")
    await reader.get_by_role("button", name="Vergleichen").click()
    assert "eine neue Hauptversion ist nötig" in await reader.locator("main").inner_text()
    witness = reader.locator("details", has_text="Gegenbeispiel").first
    assert not await witness.locator("pre").is_visible()
    await witness.locator("summary").click()
    assert "contentStructure" in await witness.locator("pre").inner_text()
    await reader.get_by_role("link", name=RULE).first.click()
    assert "Was Sie tun können" in await reader.locator("main").inner_text()


async def test_where_the_building_permit_runs_and_what_is_only_reported(reader: Page) -> None:
    await search(reader, "Baugenehmigung")
    await reader.get_by_role("link", name="Digitale Baugenehmigung").first.click()
    assert (await row(reader, "Niedersachsen")).split()[1] == "B"
    assert (await row(reader, "Bayern")).split()[1] == "–"
    await reader.get_by_role("complementary").get_by_role("link", name="nur gemeldet").click()
    rows = reader.get_by_role("row")
    told = [await rows.nth(at).inner_text() for at in range(1, await rows.count())]
    assert len(told) > 5
    assert all("nur gemeldet" in text and "Digitale Baugenehmigung" in text for text in told)


async def test_the_state_of_the_end_of_2023_with_its_export(reader: Page, tmp_path: Path) -> None:
    await reader.get_by_role("link", name="Auswertung", exact=True).click()
    await reader.get_by_role("textbox", name="Stichtag").fill("2023-12-31")
    await reader.get_by_role("button", name="Anzeigen").click()
    assert "as_of=2023-12-31" in reader.url
    text = await reader.locator("main").inner_text()
    assert "Stand vom 31.12.2023" in text
    shown = reader.get_by_role("region", name="Länder nach der Zahl").get_by_role("row")
    first = (await shown.nth(1).inner_text()).split("\t")
    async with reader.expect_download() as coming:
        await (
            reader.locator("section", has_text="Rangfolge").get_by_role("link", name="CSV").click()
        )
    target = tmp_path / "ranking.csv"
    await (await coming.value).save_as(target)
    rows = list(csv.DictReader(target.read_text().splitlines()))
    assert {row["as_of"] for row in rows} == {"2023-12-31"}
    assert rows[0]["state_name"].startswith(first[1].strip())
    assert rows[0]["at_least_locally"] == first[2].strip()


async def test_which_bodies_of_the_made_up_land_are_behind_and_what_they_must_do(
    reader: Page,
) -> None:
    await reader.get_by_role("link", name="Musterland").click()
    told = await row(reader, "Landkreis Musterau")
    assert "1.2.1 2.1.0" in told
    assert "Umstellung auf 2.1.0 planen" in told
    behind = reader.get_by_role("row").filter(has_text="Landkreis Musterau")
    await behind.get_by_role("link", name="Was sich ändert").click()
    heading = await reader.get_by_role("heading", level=1).inner_text()
    assert "1.2.1 → 2.1.0" in heading


async def test_the_keyboard_alone_reaches_content_and_search(reader: Page) -> None:
    await reader.keyboard.press("Tab")
    assert await reader.locator(":focus").inner_text() == "Zum Inhalt"
    await reader.keyboard.press("Enter")
    await reader.keyboard.press("Tab")
    await reader.keyboard.type("Wohngeld")
    await reader.keyboard.press("Enter")
    await reader.wait_for_url("**/dienste?q=Wohngeld*")


async def tab_to(page: Page, name: str) -> None:
    """Go on by the keyboard until something of this name has the focus, and can be seen to."""
    for _ in range(120):
        await page.keyboard.press("Tab")
        focused = page.locator(":focus")
        if (await focused.inner_text()).strip() == name:
            drawn = "element => getComputedStyle(element).outlineStyle"
            assert await focused.evaluate(drawn) != "none"
            return
    raise AssertionError(f"nothing called {name} is reached")


async def test_the_keyboard_alone_opens_a_service_its_map_and_a_reuse(reader: Page) -> None:
    await reader.goto("/dienste?q=baugenehmigung")
    await tab_to(reader, "Digitale Baugenehmigung")
    await reader.keyboard.press("Enter")
    await reader.wait_for_url("**/dienste/digitale-baugenehmigung")
    await tab_to(reader, "Karte")
    assert not await reader.locator(".map svg").is_visible()
    await reader.keyboard.press("Enter")
    assert await reader.locator(".map svg").is_visible()
    await tab_to(reader, "in Betrieb\n(Schleswig-Holstein, Digitale Baugenehmigung)")
    await reader.keyboard.press("Enter")
    await reader.wait_for_url("**/nachnutzungen/*")
    assert "gemeldet, Vertrag nicht verzeichnet" in await reader.locator("main").inner_text()


async def test_no_page_is_forgotten() -> None:
    there = {path.name for path in (Path(rendering.__file__).parent / "templates").iterdir()}
    assert there - _PARTS == PAGES.keys() | STAFF_PAGES


async def test_every_page_is_accessible_in_some_width_and_scheme(
    browser: Browser, address: str
) -> None:
    """Each once, all combinations among them; `./dev soak pages` tries each in all of them."""
    found: list[str] = []
    combinations = list(itertools.product(WIDTHS, SCHEMES))
    for (width, scheme), some in zip(combinations, _dealt(len(combinations)), strict=True):
        context = await browser.new_context(
            base_url=address,
            bypass_csp=True,
            color_scheme=scheme,
            viewport={"width": width, "height": 800},
        )
        page = await context.new_page()
        for template in some:
            await go_to(page, template)
            found += [f"{template} {width} {scheme} {one}" for one in await violations(page)]
        await context.close()
    assert found == []


def _dealt(hands: int) -> list[list[str]]:
    pages = list(PAGES)
    return [pages[at::hands] for at in range(hands)]


async def words_at(page: Page, width: int) -> Counter[str]:
    """All that a page says at a width."""
    await page.set_viewport_size({"width": width, "height": 640})
    return Counter((await page.locator("body").inner_text()).split())


async def test_nothing_is_refused_asked_of_others_or_wider_than_a_phone(
    browser: Browser, address: str
) -> None:
    """A phone is as wide as 1280 pixels enlarged to 400 %, and says as much."""
    told: list[str] = []
    context = await browser.new_context(base_url=address, viewport={"width": 320, "height": 640})
    page = await context.new_page()
    asked: set[str] = set()
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda sent: asked.add(sent.url))
    for name in PAGES:
        await go_to(page, name)
        if await too_wide(page):
            told.append(f"{name} is too wide")
        enlarged = await words_at(page, 320)
        if lost := await words_at(page, 1280) - enlarged:
            told.append(f"{name} says less when it is enlarged: {lost}")
        await page.set_viewport_size({"width": 320, "height": 640})
        if name == "problem.html":
            told = [text for text in told if "404" not in text]
    await context.close()
    assert told == []
    assert {url for url in asked if not url.startswith(address)} == set()


async def test_forced_colours_leave_every_value_readable(browser: Browser, address: str) -> None:
    """Tiles and signs are text; nothing is told by a colour alone."""
    context = await browser.new_context(base_url=address, forced_colors="active")
    page = await context.new_page()
    await page.goto("/dienste/digitale-baugenehmigung")
    texts = page.locator("svg .tile text.v")
    assert await texts.count() == 16
    await page.get_by_text("Karte", exact=True).click()
    colours = await page.evaluate(
        """() => [...document.querySelectorAll('svg .tile')].map(tile => [
            getComputedStyle(tile.querySelector('rect')).fill,
            getComputedStyle(tile.querySelector('.v')).fill])"""
    )
    assert all(ground != letters for ground, letters in colours)
    grounds, letters = await page.evaluate(
        """() => ['path, .map rect', 'text'].map(kind => [...new Set(
            [...document.querySelectorAll(`.map ${kind}`)].map(part =>
                getComputedStyle(part).fill))])"""
    )
    assert len(grounds) == len(letters) == 1
    assert grounds != letters
    await context.close()
