"""A page of each template, and what is looked for on all of them in a real browser."""

import json
import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal

from playwright._impl._driver import compute_driver_executable
from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = shutil.which("chromium")
WHERE_IT_IS = "needs Chromium on the PATH (Debian: apt install chromium); there is none here"
AXE = Path(__file__).parent / "axe" / "axe.min.js"
VALIDATOR = Path(__file__).parent / "html-validate" / "check.cjs"

Scheme = Literal["light", "dark"]
WIDTHS = (320, 390, 1280)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

PAGES = {
    "accessibility.html": "/barrierefreiheit",
    "agreement.html": "/vereinbarungen/dachabkommen",
    "agreements.html": "/vereinbarungen",
    "barrier.html": "/barriere-melden",
    "catalogue.html": "/dienste?has_versions=true",
    "changes.html": "/aenderungen",
    "comparison.html": "/dienste/fit-connect/vergleich?from=1.0.0&to=2.1.0",
    "costs.html": "/auswertung/kosten?service=wohngeld-sh&amount_eur=1000&charged_year=2026",
    "easy.html": "/leichte-sprache",
    "evaluation.html": "/auswertung?demo=true",
    "explained.html": "/probleme/not-yours",
    "imprint.html": "/impressum",
    "organisation.html": "/stellen/99",
    "organisations.html": "/stellen?q=stadt",
    "privacy.html": "/datenschutz",
    "problem.html": "/dienste/gibt-es-nicht",
    "procedure.html": "/leistungen/10092",
    "procedures.html": "/leistungen?q=wohngeld",
    "reuse.html": "/nachnutzungen?service=demo-hundesteuer&demo=true",
    "reuses.html": "/nachnutzungen?service=digitale-baugenehmigung",
    "rule.html": "/regeln/EFA-REQ-01",
    "rules.html": "/regeln",
    "service.html": "/dienste/demo-hundesteuer",
    "sign_in.html": "/anmelden",
    "sources.html": "/quellen",
    "start.html": "/",
    "version.html": "/en/dienste/demo-hundesteuer/2.1.0",
}


# Pages with addresses that only another page names: the link to follow there.
LINKS = {"reuse.html": "td a[href*='/nachnutzungen/']"}


async def go_to(page: Page, template: str) -> None:
    """Open a page of this template."""
    await page.goto(PAGES[template])
    if link := LINKS.get(template):
        await page.goto(await page.locator(link).first.get_attribute("href") or "")


# What only who signed in meets; `test_forms_in_a_browser.py` looks at these.
STAFF_PAGES = frozenset(
    {
        "batch.html",
        "delegations.html",
        "form.html",
        "once.html",
        "own.html",
        "parameters.html",
        "publish.html",
        "question.html",
        "subscription.html",
        "subscriptions.html",
        "tokens.html",
    }
)


@asynccontextmanager
async def open_browser() -> AsyncGenerator[Browser]:
    """The Chromium of this machine; its own sandbox does not work for root."""
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=options)
        try:
            yield browser
        finally:
            await browser.close()


async def violations(page: Page) -> list[str]:
    """What axe-core finds on the page as it stands; the page must let scripts in."""
    await page.add_script_tag(path=AXE)
    found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['html'][:200]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def not_html(pages: Mapping[str, str]) -> list[str]:
    """What html-validate finds on pages, by the Node that Playwright brings along."""
    node, environment = compute_driver_executable()[0], os.environ | {"NO_COLOR": "1"}
    told = subprocess.run(
        [node, VALIDATOR],
        input=json.dumps(dict(pages)),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(told.stdout)


async def too_wide(page: Page) -> bool:
    """Whether the page has to be moved sideways."""
    return await page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
