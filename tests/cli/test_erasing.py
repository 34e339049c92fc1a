"""What is said of a person is taken out, the log keeps its root, and a silent erasure is found."""

import asyncio
from uuid import UUID

import pytest

from registry.audit.keys import signers
from registry.audit.seals import Seals
from registry.cli.database_check import check, filling
from registry.cli.erasing import erase
from registry.db import begin, connected
from registry.identity.actions import create_token, revoke_token
from registry.identity.operator import OPERATOR, operator
from registry.organisations.model import organisation_id
from registry.settings import Settings
from tests.audit.signed import sign_events
from tests.cli.typed import Efa
from tests.client import ApiClient
from tests.reuse.conftest import add_service
from tests.reuse.drafts import reuse

NAME = "Erika Mustermann"


async def _tokens(settings: Settings) -> list[str]:
    """The events of two tokens, one of them revoked."""
    async with connected(settings.database_url) as conn, begin(conn, operator()) as tx:
        body = organisation_id(OPERATOR)
        for note in (f"von {NAME}", "x"):
            await create_token(tx, body, ["reuse"], kind="test", days=1, note=note)
        await revoke_token(tx, await tx.fetchval("select id from tokens where note = 'x'"))
        rows = await tx.fetch("select event_id::text from tokens order by note")
    await sign_events(settings)
    return [row[0] for row in rows]


async def _root(settings: Settings) -> bytes:
    async with connected(settings.owner_url) as owner:
        return await owner.fetchval("select root from log_heads order by size limit 1")


def test_what_is_said_of_a_person_is_taken_out_and_the_rest_verifies(
    typed: Efa, settings: Settings, empty_settings: Settings
) -> None:
    with_name, revoked = asyncio.run(_tokens(settings))
    root = asyncio.run(_root(settings))
    env = {
        f"EFA_{name.upper()}": getattr(settings, name)
        for name in ("database_url", "owner_url", "data_dir")
    }
    found = typed("erase", "--holding", NAME.lower(), env=env).out.splitlines()
    assert [line.split()[0] for line in found[:-1]] == [with_name]
    rests = typed("erase", revoked, "--reason", "Antrag", env=env)
    assert rests.code == 3
    assert "other events rest on rows in tokens" in rests.err
    assert typed("erase", with_name, env=env).code == 2, "without a reason"
    assert typed("erase", with_name, "--reason", "Antrag", env=env).out == "1 events erased.\n"
    assert typed("erase", with_name, "--reason", "Antrag", env=env).code == 3, "it has no facts"
    assert typed("erase", "--holding", NAME, env=env).out == "0 events hold it.\n"
    asyncio.run(sign_events(settings))
    assert asyncio.run(_root(settings)) == root
    status, text = asyncio.run(_checked(settings, empty_settings, revoked))
    assert status == 1
    assert f"event {revoked}: the facts are gone, and no erasure names them" in text
    assert with_name not in text


async def _checked(settings: Settings, scratch: Settings, silent: str) -> tuple[int, str]:
    """The verdict after somebody has also taken out the facts of another event in silence."""
    async with connected(settings.owner_url) as owner, owner.transaction():
        await owner.execute("set local efa.history = 'open'")
        await owner.execute("delete from event_facts where event_id::text = $1", silent)
    key = str(signers(settings)[0].verifier)
    status, lines = await check(settings, filling(scratch.owner_url), [key], "en")
    return status, "\n".join(lines)


@pytest.mark.parametrize("role", ["efa_app", "efa_reader", "efa_sequencer"])
async def test_only_the_owner_erases(settings: Settings, role: str) -> None:
    async with connected(settings.owner_url) as owner:
        assert not await owner.fetchval(
            "select has_function_privilege($1, 'efa_erase(uuid[])', 'execute')", role
        )


async def test_what_is_derived_or_only_serves_the_running_holds_nothing_back(
    client: ApiClient, settings: Settings
) -> None:
    """A reuse with its periods, a subscription with its deliveries, a token with its days."""
    async with begin(client.conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
    koeln = await client.as_body("05315", "reuse", "subscribe")
    made = await koeln.post("/v1/reuses", json=reuse("05315", note=f"von {NAME}"))
    assert made.status_code == 201, made.text
    wish = {"service": "bauantrag", "url": "https://koeln.example/hook", "note": f"für {NAME}"}
    assert (await koeln.post("/v1/subscriptions", json=wish)).status_code == 201
    rows = await client.owner.fetch(
        "select f.event_id from event_facts f join events e on e.id = f.event_id "
        "where e.action in ('reuse.start', 'subscriptions.subscribe', 'identity.create_token')"
    )
    assert await _emptied(client) == [False] * 3
    await erase(settings, [row[0] for row in rows], "Antrag")
    assert await _emptied(client) == [True] * 3


async def _reused(client: ApiClient) -> UUID:
    """The event of a reuse that names a person."""
    async with begin(client.conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
    koeln = await client.as_body("05315", "reuse")
    made = await koeln.post("/v1/reuses", json=reuse("05315", note=f"von {NAME}"))
    assert made.status_code == 201, made.text
    return await client.owner.fetchval("select id from events where action = 'reuse.start'")


async def test_processes_that_run_forget_what_was_erased(
    client: ApiClient, settings: Settings
) -> None:
    """Answers about the past are kept in memory; others may keep them for minutes only."""
    event = await _reused(client)
    await sign_events(settings)
    size = await client.owner.fetchval("select max(size) from checkpoints")
    path = f"/v1/reuses?organisation=05315&as_of=2024-06-30&known_at={size}"
    before = await client.get(path)
    assert before.headers["cache-control"] == "public, max-age=300, immutable"
    assert len(before.json()["items"]) == 1
    await client.owner.execute("update reuse_periods set stage = 'pilot'")
    assert (await client.get(path)).content == before.content, "it is kept"
    await erase(settings, [event], "Antrag")
    left = before.json()["items"]
    for _ in range(1_000):
        left = (await client.get(path)).json()["items"]
        if not left:
            break
    assert left == []


async def test_an_erasure_that_was_not_told_is_found(client: ApiClient, settings: Settings) -> None:
    event = await _reused(client)
    seals, forgotten = Seals(), list[str]()
    seals.on_erasure(lambda: forgotten.append("all"))
    await seals._look_for_erasures(client.conn)
    assert forgotten == []
    await erase(settings, [event], "Antrag")
    for _ in range(2):
        await seals._look_for_erasures(client.conn)
    assert forgotten == ["all"]


async def _emptied(client: ApiClient) -> list[bool]:
    """Whether nothing is left of reuses, of their periods, and of what subscriptions wait for."""
    row = await client.owner.fetchrow(
        "select not exists (select from reuses), not exists (select from reuse_periods),"
        " not exists (select from subscription_states)"
    )
    return [*row] if row else []
