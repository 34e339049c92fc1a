"""The tree in the database: the same roots as the leaves give, however it came about."""

import asyncio
import base64
from pathlib import Path

import asyncpg
import msgspec
import pytest

from registry.audit import store, tree_store
from registry.audit.growing import ForkedLog, Grower, Outside
from registry.audit.keys import Mark, key_path, mark_path, signers
from registry.audit.notes import Checkpoint, Signer, Verifier, read_checkpoint
from registry.audit.proofs import consistency_proof, inclusion_proof, root_at
from registry.audit.sequencer import Sequencer, number_all, sequencer_connection
from registry.audit.standing import Condition
from registry.audit.tree import Edge
from registry.db import Connection, connected
from registry.errors import SetupProblem
from registry.settings import Settings
from tests.audit.signed import grow, is_signed_by, record, sign_events


async def _naive_root(owner: Connection, size: int) -> bytes:
    edge = Edge()
    for row in await owner.fetch("select leaf from events order by leaf_idx limit $1", size):
        edge.append(row["leaf"])
    assert edge.size == size
    return edge.root


async def test_each_batch_is_signed_over_the_root_of_its_leaves(empty_settings: Settings) -> None:
    async with connected(empty_settings.owner_url) as owner:
        size = 0
        for count in (1, 254, 1, 1, 300):
            await grow(empty_settings, count)
            size += count
            head = await tree_store.last_head(owner)
            assert head is not None
            key = signers(empty_settings)[0].verifier
            assert is_signed_by(head.note, key)
            named = read_checkpoint(head.note)
            root = await _naive_root(owner, size)
            assert (named.origin, named.size, named.root) == (key.name, size, root)
            assert mark_path(empty_settings).read_text() == head.note


async def test_readers_of_the_public_role_get_every_root_and_proof(
    empty_settings: Settings,
) -> None:
    await grow(empty_settings, 300)
    await grow(empty_settings, 300, public=False)
    async with (
        connected(empty_settings.reader_url) as reader,
        connected(empty_settings.owner_url) as owner,
    ):
        for size in (1, 255, 256, 257, 511, 512, 600):
            assert await root_at(reader, size) == await _naive_root(owner, size)
        assert len(await inclusion_proof(reader, 599, 600)) == 6
        assert await consistency_proof(reader, 512, 600)
        assert await root_at(reader, 601) is None


async def test_an_older_database_gets_its_tree_at_the_next_start(empty_settings: Settings) -> None:
    await grow(empty_settings, 700)
    async with connected(empty_settings.owner_url) as owner:
        await owner.execute("set efa.history = 'open'")
        before = await owner.fetch("select * from log_tiles order by level, tile")
        await owner.execute("truncate log_tiles, log_heads, log_origins")
        assert await sign_events(empty_settings) == 0
        assert await owner.fetch("select * from log_tiles order by level, tile") == before
        head = await tree_store.last_head(owner)
        assert head is not None
        assert (head.size, head.root) == (700, await _naive_root(owner, 700))


@pytest.mark.parametrize("place", [3, 250, 257])
async def test_leaves_that_are_not_those_signed_stop_the_sequencer(
    empty_settings: Settings, place: int
) -> None:
    await grow(empty_settings, 258)
    async with connected(empty_settings.owner_url) as owner:
        await owner.execute("set efa.history = 'open'")
        await owner.execute("truncate log_tiles")
        await owner.execute("update events set leaf = leaf || '!' where leaf_idx = $1", place)
    await record(empty_settings, 1)
    with pytest.raises(ForkedLog):
        await sign_events(empty_settings)


async def test_two_sequencers_at_once_cannot_fork_the_log(empty_settings: Settings) -> None:
    """Even where the lock failed: the second one meets what the first has numbered."""
    first, second = Grower(signers(empty_settings)), Grower(signers(empty_settings))
    conn = await sequencer_connection(empty_settings)
    await number_all(conn, second)
    await record(empty_settings, 1)
    await number_all(conn, first)
    await record(empty_settings, 1)
    with pytest.raises(ForkedLog):
        await number_all(conn, second)
    await number_all(conn, first)
    await conn.close()


async def test_a_batch_of_which_a_part_is_numbered_already_is_refused_whole(
    empty_settings: Settings,
) -> None:
    conn, grower = await sequencer_connection(empty_settings), Grower(signers(empty_settings))
    await grower.begin(conn)
    await record(empty_settings, 3)
    batch, first = await store.waiting_batch(conn, 10), await store.waiting_batch(conn, 1)
    assert batch is not None
    assert first is not None
    await tree_store.number(conn, first, [], None)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await grower.add(conn, batch)
    await conn.close()
    async with connected(empty_settings.owner_url) as owner:
        assert await owner.fetchval("select array_agg(leaf_idx) from events") == [None, None, 0]
        assert await owner.fetchval("select count(*) from checkpoints") == 1


async def test_what_was_signed_last_is_outside_when_the_sequencer_is_stopped(
    empty_settings: Settings,
) -> None:
    sequencer = asyncio.create_task(Sequencer(empty_settings, Condition()).run())
    async with connected(empty_settings.owner_url) as owner, asyncio.timeout(30):
        for size in (1, 2, 3):
            await record(empty_settings, 1)
            while (head := await tree_store.head(owner, size)) is None:  # noqa: ASYNC110 - a database
                await asyncio.sleep(0.005)
    sequencer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sequencer
    assert head is not None
    assert mark_path(empty_settings).read_text() == head.note


async def test_a_note_is_kept_outside_at_once_and_those_soon_after_it_together(
    tmp_path: Path,
) -> None:
    outside = Outside(Mark(tmp_path / "mark"))
    outside.keep("first")
    async with asyncio.timeout(10):
        while not (tmp_path / "mark").exists():  # noqa: ASYNC110 - a file
            await asyncio.sleep(0)
    outside.keep("second")
    outside.keep("third")
    assert (tmp_path / "mark").read_text() == "first"
    await outside.rest()
    assert (tmp_path / "mark").read_text() == "third"


async def test_a_note_that_cannot_be_kept_outside_is_told_before_the_next(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    outside = Outside(Mark(tmp_path / "file" / "mark"))
    outside.keep("first")
    with pytest.raises(OSError, match="file"):
        await outside.rest()
    with pytest.raises(OSError, match="file"):
        outside.keep("second")


async def test_the_role_of_the_sequencer_changes_no_tile_and_no_head(
    empty_settings: Settings,
) -> None:
    await grow(empty_settings, 257)
    conn = await sequencer_connection(empty_settings)
    for table in ("log_tiles", "log_heads", "log_origins"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(f"delete from {table}")  # noqa: S608 - ours
    await conn.close()


def test_the_key_is_made_once_for_its_owner_alone(empty_settings: Settings) -> None:
    first = signers(empty_settings)
    assert signers(empty_settings) == first
    assert key_path(empty_settings).stat().st_mode & 0o777 == 0o600


async def test_the_key_is_nowhere_in_the_database(empty_settings: Settings) -> None:
    await grow(empty_settings, 3)
    seed = signers(empty_settings)[0].seed
    async with connected(empty_settings.owner_url) as owner:
        for table in ("log_heads", "log_origins", "log_tiles", "events", "event_facts"):
            for row in await owner.fetch(f"select t::text from {table} t"):  # noqa: S608
                assert seed.hex() not in row[0]


def test_a_log_with_two_keys_signs_two_lines(empty_settings: Settings, tmp_path: Path) -> None:
    keys = [Signer.new("example.org/log"), Signer.new("example.org/log-2")]
    path = tmp_path / "keys"
    path.write_text("".join(f"{key.line}\n" for key in keys))
    set_ = msgspec.structs.replace(empty_settings, log_key=str(path))
    note = Checkpoint("example.org/log", 1, bytes(32)).signed(signers(set_))
    assert all(is_signed_by(note, key.verifier) for key in keys)
    assert not is_signed_by(note.replace("\n1\n", "\n2\n"), keys[0].verifier)


@pytest.mark.parametrize(
    "content",
    ["", "\n", "PRIVATE+KEY+x+00000000+AQ==", "PRIVATE+KEY+x", "example.org+12345678+AAAA"],
)
def test_a_key_file_that_cannot_be_read_stops_the_start(
    empty_settings: Settings, content: str
) -> None:
    signers(empty_settings)
    key_path(empty_settings).write_text(content)
    with pytest.raises(SetupProblem, match="key file"):
        signers(empty_settings)


def test_the_published_example_note_verifies() -> None:
    """The note and the key by which the Go implementation of signed notes documents itself."""
    key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    name, _, encoded = key.split("+", 2)
    verifier = Verifier(name, base64.b64decode(encoded)[1:])
    assert str(verifier) == key
    note = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuG"
        "UgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert is_signed_by(note, verifier)
