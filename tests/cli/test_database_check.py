"""Every change of a superuser in the history is found, and its place named."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import asyncpg
import pytest

from registry.audit.keys import signers
from registry.cli import efa_verify, rows_store
from registry.cli.database_check import check, filling
from registry.cli.rebuild import export_log, write_lines
from registry.db import Tx, begin, connected
from registry.db.embedded import EmbeddedPostgres
from registry.identity.actions import create_token
from registry.identity.operator import OPERATOR, operator
from registry.organisations.model import organisation_id
from registry.settings import Settings
from tests.audit.signed import sign_events
from tests.cli.typed import Efa


async def _check(settings: Settings, scratch: Settings) -> tuple[int, str]:
    key = str(signers(settings)[0].verifier)
    status, lines = await check(settings, filling(scratch.owner_url), [key], "en")
    return status, "\n".join(lines)


@pytest.fixture
async def superuser(
    cluster: EmbeddedPostgres, settings: Settings
) -> AsyncIterator[asyncpg.Connection]:
    """A superuser of a database with reference data and many private, signed events."""
    async with connected(settings.database_url) as conn, begin(conn, operator()) as tx:
        body = organisation_id(OPERATOR)
        for _ in range(260):
            await create_token(tx, body, ["reuse"], kind="test", days=1, note="a")
    await sign_events(settings)
    name = settings.database_url.rpartition("/")[2].partition("?")[0]
    conn = await asyncpg.connect(cluster.dsn("postgres", name))
    await conn.execute("set session_replication_role = replica")
    yield conn
    await conn.close()


# What is done to single rows, and what the verdict says of the place.
IN_TABLES = {
    "update tokens set note = 'b' where id = (select id from tokens limit 1)": "tokens .*: note",
    "update procedures set name = 'x' where key = '99001001000000'": "name is not",
    "delete from organisation_successions where ctid = '(0,1)'": "_successions .*: the row is mis",
    "insert into loads select event_id, 'x', sha256('x') from tokens limit 1": "no event wrote",
    "update event_facts set public = true where event_id = (select event_id from tokens limit 1)": (
        "event_facts .*: public is not"
    ),
    "update log_heads set root = sha256(root)": "log_heads .*: root is not",
    "update log_origins set first_size = 1": "log_origins 0: the row is missing",
    "update log_tiles set hashes = set_bit(hashes, 9, 1 - get_bit(hashes, 9))": "hashes is not",
}
# The same where the leaves or the signatures tell it, with how it is taken back.
IN_THE_LOG = {
    "update events set subject = subject || 'x' where seq = 50": "about is another",
    "update events set organisation = 'x' where seq = 51": "about is another",
    "update events set seq = default where seq = 52": "seq is another",
    "update events set recorded_at = now() where seq = 53": "recorded_at is another",
    "update event_facts set salt = sha256(salt)": "facts is another",
    "update checkpoints set sealed_at = sealed_at - interval '1 second'": "sealed otherwise",
    "update log_heads set note = replace(note, ' after ', ' after 1')": "no valid signature",
    "delete from checkpoints": "incomplete",
}


async def test_what_a_superuser_changes_is_found_and_its_place_named(
    superuser: asyncpg.Connection, settings: Settings, empty_settings: Settings
) -> None:
    assert (await superuser.fetchval("select count(*) from log_tiles")) == 1
    for change, said in IN_THE_LOG.items():
        changing = superuser.transaction()
        await changing.start()
        await superuser.execute(change)
        text = await _verified(superuser, settings)
        assert re.search(said, text), (change, text)
        await changing.rollback()
    for change in IN_TABLES:
        assert (await superuser.execute(change))[-2:] != " 0", change
    status, text = await _check(settings, empty_settings)
    assert status == 1
    for change, said in IN_TABLES.items():
        assert re.search(said, text), (change, text)
    assert "efa rebuild --projections" in text, "what is derived can be made anew"
    assert text.count("\n") < 30


async def _verified(conn: asyncpg.Connection, settings: Settings) -> str:
    """What the verifier of files says of the log that this connection reads out."""
    key = str(signers(settings)[0].verifier)
    with tempfile.NamedTemporaryFile() as file:
        await write_lines(Tx(conn, datetime.now(UTC), operator()), file.write)
        file.flush()
        return "\n".join(efa_verify.verify([file.name], [key], "en")[1])


async def test_a_content_that_no_event_names_is_found(settings: Settings) -> None:
    async with connected(settings.owner_url) as owner:
        assert await rows_store.unnamed_contents(owner) == []
        await owner.execute("insert into blobs values (sha256('x'), 'x')")
        assert await rows_store.unnamed_contents(owner) == [sha256(b"x").hexdigest()]


def test_the_command_checks_the_database_with_a_scratch_one_of_its_own(
    typed: Efa, empty_settings: Settings, tmp_path: Path
) -> None:
    assert asyncio.run(_check(empty_settings, empty_settings))[1].startswith("nothing is signed")
    export_log(empty_settings, tmp_path / "log")
    asyncio.run(sign_events(empty_settings))
    env = {
        f"EFA_{name.upper()}": getattr(empty_settings, name)
        for name in ("database_url", "owner_url", "data_dir")
    }
    key = str(signers(empty_settings)[0].verifier)
    ran = typed("log", "verify", "--database", "--key", key, "--lang", "en", env=env)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "All is right."), ran.err
    assert "Tables: " in ran.out
    assert typed("log", "verify", "--database", "x", "--key", key, env=env).code == 2
