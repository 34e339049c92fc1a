"""`security.txt` as RFC 9116 asks for it, and what says of the program where it is at home."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import yaml

from registry import __version__
from registry.settings import Settings
from tests.client import open_client
from tests.impact.test_todo import state_of


async def test_it_names_a_contact_and_expires_within_a_year(empty_settings: Settings) -> None:
    contact = "mailto:sicherheit@register.example"
    settings = msgspec.structs.replace(empty_settings, security_contact=contact)
    async with open_client(settings) as client:
        state = state_of(client)
        state.started -= timedelta(days=400)
        state.begun -= 400 * 86_400
        answer = await client.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    told = dict(line.split(": ", 1) for line in answer.text.splitlines() if line)
    assert told["Contact"] == contact
    left = datetime.fromisoformat(told["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left <= timedelta(days=366)


async def test_without_a_contact_there_is_none(empty_settings: Settings) -> None:
    async with open_client(empty_settings) as client:
        assert (await client.get("/.well-known/security.txt")).status_code == 404


def test_publiccode_tells_of_this_program() -> None:
    told = yaml.safe_load((Path(__file__).parents[2] / "publiccode.yml").read_text())
    assert told["softwareVersion"] == __version__
    assert told["legal"]["license"] == "EUPL-1.2"
    assert {"name", "url", "platforms", "developmentStatus", "maintenance"} <= told.keys()
    assert set(told["description"]) >= {"de", "en"}
