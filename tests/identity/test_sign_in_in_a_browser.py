"""A real browser signs in and out: it sends what browsers send, and keeps what they keep."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import Browser

from registry.db import begin, connected
from registry.identity.operator import operator
from registry.identity.providers import put_sign_in_provider
from registry.identity.sign_in_model import ProviderDraft
from registry.settings import Settings
from tests.identity.issuer import TestIssuer, running_issuer
from tests.live import live_server
from tests.site.every_page import CHROMIUM, WHERE_IT_IS, open_browser

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=WHERE_IT_IS)


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestIssuer]:
    with running_issuer(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


async def test_a_person_signs_in_and_out_by_pages_alone(
    browser: Browser, issuer: TestIssuer, settings: Settings, tmp_path: Path
) -> None:
    """Without scripts; the form of the page names its origin, which a foreign page cannot."""
    draft = ProviderDraft(
        name="Land Schleswig-Holstein",
        issuer=issuer.address,
        client_id="efa",
        organisation="01",
        roles={"sachbearbeitung": ("reuse",)},
    )
    async with connected(settings.database_url) as conn, begin(conn, operator()) as tx:
        await put_sign_in_provider(tx, "land", draft)
    settings = msgspec.structs.replace(settings, egress_allowed="127.0.0.0/8")
    issuer.expect({"sub": "anna", "roles": ["sachbearbeitung"]})
    with live_server(settings, signing_in=True) as address:
        issuer.register("efa", "", f"{address}/anmelden/rueckkehr/land")
        context = await browser.new_context(base_url=address, java_script_enabled=False)
        page = await context.new_page()
        await page.goto("/dienste?q=x")
        await page.get_by_role("link", name="Anmelden").click()
        await page.get_by_role("link", name="Land Schleswig-Holstein").click()
        assert page.url == f"{address}/dienste?q=x"
        header = page.get_by_role("banner")
        assert "Angemeldet für Schleswig-Holstein" in await header.inner_text()
        (kept,) = await context.cookies(address)
        assert (kept.get("name"), kept.get("httpOnly")) == ("efa-session", True)
        foreign = tmp_path / "foreign.html"
        form = f"<form method=post action={address}/abmelden><button>X</button></form>"
        foreign.write_text(form)
        other = await context.new_page()
        await other.goto(foreign.as_uri())
        await other.get_by_role("button").click()
        await page.reload()
        assert "Angemeldet" in await header.inner_text()
        await page.get_by_role("button", name="Abmelden").click()
        assert page.url == f"{address}/"
        assert "Angemeldet" not in await header.inner_text()
        assert await context.cookies(address) == []
        await context.close()
