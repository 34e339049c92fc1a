"""What could not be decided counts as a break, unless a named person vouches for it."""

import json
from typing import Any

import msgspec
import pytest

from registry.authority import Actor
from registry.db import Tx, begin
from registry.errors import Refusal
from registry.versions.actions import publish
from registry.versions.model import Override, VersionDraft
from registry.versions.numbers.honesty import DishonestNumber
from registry.versions.preparing import Release, prepare
from registry.versions.workers.pool import Workers
from tests.client import ApiClient
from tests.versions.comparisons.test_comparisons import HOSTILE_NEW, HOSTILE_OLD
from tests.versions.published import SERVICE, interfaces, service
from tests.versions.published import publish as published


async def person(client: ApiClient) -> Actor:
    """A person of Schleswig-Holstein who signed in."""
    body: Any = await client.owner.fetchrow(
        "select organisation_id::text from organisation_keys where key = '01'"
    )
    scopes = frozenset({"publish:wohngeld-sh"})
    return Actor(organisation=body[0], name="SH", keys=("01",), scopes=scopes, person="p-1")


def release(overrides: list[Override]) -> Release:
    draft = {**interfaces(application=HOSTILE_NEW), "overrides": overrides}
    return Release(
        service="wohngeld-sh",
        version="1.1.0",
        draft=msgspec.convert(msgspec.to_builtins(draft), VersionDraft),
        texts={"application": json.dumps(HOSTILE_NEW).encode()},
    )


async def attempt(tx: Tx, checker: Workers, *overrides: Override) -> str:
    return await publish(tx, await prepare(tx, tx.actor, release(list(overrides)), checker))


async def test_a_person_vouches_and_that_is_recorded(client: ApiClient, checker: Workers) -> None:
    builder = await service(client)
    await published(builder, "1.0.0", body=interfaces(application=HOSTILE_OLD))
    checker = Workers(count=1, deadline_seconds=0.05)
    actor = await person(client)
    async with begin(client.conn, actor) as tx:
        with pytest.raises(DishonestNumber) as refused:
            await attempt(tx, checker)
    (one,) = (found for one in refused.value.verdict.interfaces for found in one.undecided)
    override = Override(fingerprint=one.fingerprint, reason="Von Hand geprüft: nur erweitert.")
    async with begin(client.conn, actor) as tx:
        assert await attempt(tx, checker, override) == "created"
    await checker.aclose()
    shown = (await client.get(f"{SERVICE}/versions/1.1.0")).json()
    assert shown["overrides"] == [msgspec.to_builtins(override)]
    facts: Any = await client.owner.fetchval(
        """
        select f.facts from events e join event_facts f on f.event_id = e.id
        where e.subject = 'services/wohngeld-sh/versions/1.1.0'
        """
    )
    recorded = json.loads(facts)["verdict"]
    assert (recorded["person"], len(recorded["overrides"])) == ("p-1", 1)


async def test_a_token_vouches_for_nothing(client: ApiClient) -> None:
    builder = await service(client)
    await published(builder, "1.0.0")
    body = interfaces(application={}) | {
        "overrides": [{"fingerprint": "0" * 16, "reason": "Passt schon."}]
    }
    for path in (f"{SERVICE}/versions/1.1.0", f"{SERVICE}/checks"):
        method = builder.put if path.endswith("1.1.0") else builder.post
        answer = await method(path, json=body)
        assert (answer.status_code, answer.json()["type"]) == (
            403,
            "/problems/override-needs-person",
        )


async def test_nobody_vouches_for_what_was_decided(client: ApiClient, checker: Workers) -> None:
    builder = await service(client)
    await published(builder, "1.0.0", body=interfaces(application=True))
    override = Override(fingerprint="0" * 16, reason="Passt schon.")
    async with begin(client.conn, await person(client)) as tx:
        with pytest.raises(Refusal) as refused:
            await attempt(tx, checker, override)
    assert [fault.rule for fault in refused.value.faults] == ["override-not-needed"]
