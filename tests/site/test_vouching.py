"""What persons answered for, told beside the findings it is about."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from registry.compatibility.model import Verdict
from registry.db import begin
from registry.identity.operator import operator
from registry.settings import Settings
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.verdicts import Question, undecided
from tests.client import ApiClient, open_client
from tests.reuse.conftest import add_service
from tests.site.test_forms import HTML, SITE, sound

TEXTS = ('{"maxLength": 5}', '{"maxLength": 6}')
PLACES = ("/strasse", "/ort", "/land")


@pytest.fixture(scope="module")
async def world(shared_settings: Settings) -> AsyncIterator[ApiClient]:
    """A registry with a service, of which a version cannot be decided at three places."""
    settings = msgspec.structs.replace(shared_settings, public_url=SITE)
    async with open_client(settings) as opened:
        async with begin(opened.conn, operator()) as tx:
            await add_service(tx, "bauantrag", "13")
            asked = question()
            await verdict_store.insert_worked_out(tx, asked, open_at(asked))
        yield opened


@pytest.fixture
async def builder(world: ApiClient) -> ApiClient:
    return await world.as_person("13", "publish:*", account="builder")


def question() -> Question:
    old, new = (hashlib.sha256(text.encode()).hexdigest() for text in TEXTS)
    return Question(old=old, new=new, direction="accepts", reading="reserved", formats="annotate")


def open_at(asked: Question) -> Verdict:
    """What is kept of a pair that was not decided, at each of the places."""
    verdict = undecided(asked, "depth")
    findings = [
        msgspec.structs.replace(verdict.findings[0], place=place, fingerprint=str(number) * 16)
        for number, place in enumerate(PLACES)
    ]
    return msgspec.structs.replace(verdict, findings=findings)


async def publish(builder: ApiClient, number: str, text: str, *overrides: Any) -> None:
    sent = {"antrag": {"direction": "accepts", "schema_text": text}}
    body = {"interfaces": sent, "overrides": overrides}
    made = await builder.put(f"/v1/services/bauantrag/versions/{number}", json=body)
    assert made.status_code == 201, made.text


async def test_what_was_answered_for_stands_at_the_findings_of_both_pages(
    builder: ApiClient,
) -> None:
    await publish(builder, "1.0.0", TEXTS[0])
    compared: Any = {"interface": "antrag", "version": "1.0.0"}
    reasons = ("Von Hand geprüft <i>", "Von Hand geprüft <i>", "Land ist frei")
    given = [
        compared | {"fingerprint": str(number) * 16, "reason": reason}
        for number, reason in enumerate(reasons)
    ]
    await publish(builder, "1.1.0", TEXTS[1], *given)
    page = await builder.get("/dienste/bauantrag/vergleich?from=1.0.0&to=1.1.0", headers=HTML)
    text = sound(page)
    assert "Für 3 unentschiedene Befunde steht ein Mensch ein" in text
    assert "Eine neue Hauptversion ist nicht nötig." in text
    assert "eine neue Hauptversion ist nötig" not in text
    assert text.count("dass das verträglich ist: Von Hand geprüft <i>") == 2
    assert text.count("dass das verträglich ist: Land ist frei") == 1
    back = await builder.get("/dienste/bauantrag/vergleich?from=1.1.0&to=1.0.0", headers=HTML)
    assert "steht ein Mensch ein" not in sound(back)
    assert "Für 3 unentschiedene Befunde" in sound(
        await builder.get("/dienste/bauantrag", headers=HTML)
    )
    text = sound(await builder.get("/dienste/bauantrag/1.1.0", headers=HTML))
    assert "antrag gegenüber 1.0.0, für 2 Befunde: Von Hand geprüft <i>" in text
    assert text.count("Von Hand geprüft") == 1
    assert "Land ist frei Befund: /land : " in text
    for place in PLACES:
        assert f"{place} : " in text
    assert "EFA-UNK" in text
