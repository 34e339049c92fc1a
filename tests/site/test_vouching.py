"""What persons answered for, told beside the findings it is about."""

import hashlib
import re
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
from tests.site.test_forms import HTML, SITE, carried, check, location, send, sound

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


async def publish(
    builder: ApiClient, number: str, text: str, *overrides: Any, slug: str = "bauantrag"
) -> None:
    sent = {"antrag": {"direction": "accepts", "schema_text": text}}
    body = {"interfaces": sent, "overrides": overrides}
    made = await builder.put(f"/v1/services/{slug}/versions/{number}", json=body)
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


async def test_one_reason_fills_what_is_left_empty_beside_fields_told_apart(
    world: ApiClient, builder: ApiClient
) -> None:
    async with begin(world.conn, operator()) as tx:
        await add_service(tx, "zweiter", "13")
    await publish(builder, "1.0.0", TEXTS[0], slug="zweiter")
    path = "/dienste/zweiter/veroeffentlichen"
    asked = await check(builder, "zweiter", {"/interfaces/antrag": TEXTS[1].encode()})
    labels = re.findall(r'<label class="kern-label" for="f-vouching[^>]*>([^<]*)', asked.text)
    assert (len(labels), len(set(labels))) == (4, 4)
    assert "(Befund 2, Ort /ort, Regel EFA-UNK" in sound(asked)
    own, *empty = [f"vouching antrag/1.0.0/{str(number) * 16}" for number in range(3)]
    fields: Any = {"version": "1.1.0", own: "Straße ist frei", **dict.fromkeys(empty, "")}
    for_all: Any = {"vouching-all antrag": "x" * 4_001}
    long = await send(builder, path, **carried(asked), **fields | for_all)
    assert long.status_code == 422
    assert re.search(r'name="vouching-all antrag"[^>]*aria-invalid="true"', long.text)
    assert long.text.count('aria-invalid="true"') == 1
    assert long.text.count("x" * 4_001) == 1
    some = await send(builder, path, **carried(long), **fields)
    assert some.status_code == 422
    for_all = {"vouching-all antrag": "Von Hand geprüft"}
    done = await send(builder, path, events=1, **carried(some), **fields | for_all)
    assert location(done) == "/dienste/zweiter/1.1.0"
    given = (await world.get("/v1/services/zweiter/versions/1.1.0")).json()["overrides"]
    assert [one["reason"] for one in given] == ["Straße ist frei", *["Von Hand geprüft"] * 2]
