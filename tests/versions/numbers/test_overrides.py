"""What could not be decided counts as a break, unless a named person vouches for it."""

import json
from typing import Any

import msgspec
import pytest

from registry.authority import Actor
from registry.db import Tx, begin
from registry.errors import Refusal
from registry.identity.operator import operator
from registry.versions.actions import publish
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.verdicts import Vouched
from registry.versions.model import (
    InterfaceDraft,
    Override,
    OverrideNeedsPerson,
    PublishFacts,
    VersionDraft,
)
from registry.versions.numbers.honesty import DishonestNumber, DoesNotFitNext
from registry.versions.preparing import Release, prepare
from registry.versions.workers.pool import Workers
from tests.client import ApiClient
from tests.versions.published import SERVICE, leave_undecided, service

OLD, NEW, NEXT = '{"maxLength": 5}', '{"maxLength": 6}', '{"maxLength": 7}'
REASON = "Von Hand geprüft: nur erweitert."


async def person(client: ApiClient) -> Actor:
    """A person of Schleswig-Holstein who signed in."""
    body: Any = await client.owner.fetchrow(
        "select organisation_id::text from organisation_keys where key = '01'"
    )
    scopes = frozenset({"publish:wohngeld-sh"})
    return Actor(organisation=body[0], name="SH", keys=("01",), scopes=scopes, person="p-1")


def release(number: str, texts: dict[str, str], overrides: list[Override]) -> Release:
    interfaces = {
        name: InterfaceDraft(direction="accepts", schema_text=text) for name, text in texts.items()
    }
    return Release(
        service="wohngeld-sh",
        version=number,
        draft=VersionDraft(interfaces=interfaces, overrides=overrides),
        texts={name: text.encode() for name, text in texts.items()},
    )


async def attempt(
    tx: Tx, checker: Workers, number: str, texts: dict[str, str], *overrides: Override
) -> str:
    given = release(number, texts, list(overrides))
    return await publish(tx, await prepare(tx, tx.actor, given, checker))


async def put(builder: ApiClient, number: str, **texts: str) -> None:
    interfaces = {
        name: {"direction": "accepts", "schema_text": text} for name, text in texts.items()
    }
    path = f"{SERVICE}/versions/{number}"
    answer = await builder.put(path, json={"interfaces": interfaces})
    assert answer.status_code == 201, answer.text


def override(interface: str, fingerprint: str, version: str = "1.0.0") -> Override:
    return Override(interface=interface, version=version, fingerprint=fingerprint, reason=REASON)


async def test_a_person_vouches_for_each_interface_and_that_is_recorded(
    client: ApiClient, checker: Workers
) -> None:
    """Both interfaces have the same finding, of the same fingerprint: one is vouched for alone."""
    builder = await service(client)
    await put(builder, "1.0.0", antrag=OLD, status=OLD)
    fingerprint = await leave_undecided(client.conn, OLD, NEW)
    actor, texts = await person(client), {"antrag": NEW, "status": NEW}
    given = [override("antrag", fingerprint), override("status", fingerprint)]
    for vouched in ([], given[:1], given[1:]):
        async with begin(client.conn, actor) as tx:
            with pytest.raises(DishonestNumber) as refused:
                await attempt(tx, checker, "1.1.0", texts, *vouched)
        undecided = refused.value.verdict.undecided_against("1.0.0")
        assert undecided == {Vouched(name, "1.0.0", fingerprint) for name in texts}
    async with begin(client.conn, actor) as tx:
        assert await attempt(tx, checker, "1.1.0", texts, *given) == "created"
    shown = (await client.get(f"{SERVICE}/versions/1.1.0")).json()
    assert shown["overrides"] == [msgspec.to_builtins(one) for one in given]
    facts: Any = await client.owner.fetchval(
        """
        select f.facts from events e join event_facts f on f.event_id = e.id
        where e.subject = 'services/wohngeld-sh/versions/1.1.0'
        """
    )
    recorded = json.loads(facts)["verdict"]
    assert (recorded["person"], recorded["overrides"]) == ("p-1", shown["overrides"])


async def test_what_is_vouched_for_against_one_neighbour_stays_open_against_the_other(
    client: ApiClient, checker: Workers
) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", antrag=OLD)
    await put(builder, "1.2.0", antrag=NEXT)
    fingerprint = await leave_undecided(client.conn, OLD, NEW)
    above = await leave_undecided(client.conn, NEW, NEXT)
    actor, texts = await person(client), {"antrag": NEW}
    lower, higher = override("antrag", fingerprint), override("antrag", above, "1.2.0")
    async with begin(client.conn, actor) as tx:
        with pytest.raises(DoesNotFitNext):
            await attempt(tx, checker, "1.1.0", texts, lower)
    async with begin(client.conn, actor) as tx:
        with pytest.raises(DishonestNumber) as refused:
            await attempt(tx, checker, "1.1.0", texts, higher)
        assert refused.value.code == "version-number-too-small"
    async with begin(client.conn, actor) as tx:
        assert await attempt(tx, checker, "1.1.0", texts, higher, lower) == "created"
    shown = (await client.get(f"{SERVICE}/versions/1.1.0")).json()
    assert [one["version"] for one in shown["overrides"]] == ["1.0.0", "1.2.0"]


@pytest.mark.parametrize("path", [f"{SERVICE}/versions/1.1.0", f"{SERVICE}/checks"])
@pytest.mark.parametrize("holder", ["builder", "operator"])
async def test_a_token_vouches_for_nothing(client: ApiClient, path: str, holder: str) -> None:
    """No token names a person, be it the operator's; who signed in does (tests/identity)."""
    builder = await service(client)
    await put(builder, "1.0.0", antrag=OLD)
    fingerprint = await leave_undecided(client.conn, OLD, NEW)
    caller = builder if holder == "builder" else await client.as_admin()
    body: Any = {
        "interfaces": {"antrag": {"direction": "accepts", "schema_text": NEW}},
        "overrides": [msgspec.to_builtins(override("antrag", fingerprint))],
    }
    method = "POST" if path.endswith("checks") else "PUT"
    answer = await caller.call(method, path, json=body, events=0)
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (403, "/problems/override-needs-person")
    assert problem["remedy"]


async def test_a_token_is_told_so_for_a_version_that_is_out_too(client: ApiClient) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", antrag=OLD)
    body: Any = {
        "interfaces": {"antrag": {"direction": "accepts", "schema_text": OLD}},
        "overrides": [msgspec.to_builtins(override("antrag", "0" * 16))],
    }
    answer = await builder.put(f"{SERVICE}/versions/1.0.0", json=body, events=0)
    assert answer.status_code == 403


async def test_the_loader_names_no_person_and_vouches_for_nothing(
    client: ApiClient, checker: Workers
) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", antrag=OLD)
    fingerprint = await leave_undecided(client.conn, OLD, NEW)
    async with begin(client.conn, operator()) as tx:
        with pytest.raises(OverrideNeedsPerson):
            await attempt(tx, checker, "1.1.0", {"antrag": NEW}, override("antrag", fingerprint))


async def test_nobody_vouches_for_what_is_not_undecided_there(
    client: ApiClient, checker: Workers
) -> None:
    builder = await service(client)
    await put(builder, "1.0.0", antrag=OLD, status=OLD)
    fingerprint = await leave_undecided(client.conn, OLD, NEW)
    actor, texts = await person(client), {"antrag": NEW, "status": OLD}
    fine = override("antrag", fingerprint)
    for wrong in (
        override("antrag", "0" * 16),
        override("status", fingerprint),
        override("antrag", fingerprint, "0.9.0"),
        fine,
    ):
        async with begin(client.conn, actor) as tx:
            with pytest.raises(Refusal) as refused:
                await attempt(tx, checker, "1.1.0", texts, fine, wrong)
        told = [(fault.pointer, fault.rule) for fault in refused.value.faults]
        assert told == [("/overrides/1", "override-not-needed")]


async def test_facts_recorded_before_overrides_named_their_place_are_read(
    client: ApiClient, checker: Workers
) -> None:
    """Their rows say that neither interface nor neighbour is known."""
    builder = await service(client)
    await put(builder, "1.0.0", antrag=OLD)
    fingerprint = await leave_undecided(client.conn, OLD, NEW)
    async with begin(client.conn, await person(client)) as tx:
        await attempt(tx, checker, "1.1.0", {"antrag": NEW}, override("antrag", fingerprint))
    event: Any = await client.owner.fetchrow(
        """
        select e.id, f.facts from events e join event_facts f on f.event_id = e.id
        where e.subject = 'services/wohngeld-sh/versions/1.1.0'
        """
    )
    facts = json.loads(event["facts"])
    for one in facts["verdict"]["overrides"]:
        del one["interface"], one["version"]
    read = msgspec.convert(facts, PublishFacts)
    assert read.verdict is not None
    await client.owner.execute("truncate version_overrides, version_verdicts")
    async with begin(client.conn, operator()) as tx:
        await verdict_store.insert_verdicts(tx, event["id"], read)
    shown = (await client.get(f"{SERVICE}/versions/1.1.0")).json()
    assert shown["overrides"] == [
        {"interface": None, "version": None, "fingerprint": fingerprint, "reason": REASON}
    ]
