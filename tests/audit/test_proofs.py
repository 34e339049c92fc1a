"""Proofs with tiles that are kept: the same as without, and none of another database."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from registry.audit import tree_store
from registry.audit.growing import Grower
from registry.audit.keys import mark_path, signers
from registry.audit.model import NoReceiptYet
from registry.audit.proofs import KeptTiles, inclusion_proof, inclusion_proofs
from registry.audit.receipts import Receipt, Receipts
from registry.audit.seals import Seals
from registry.audit.sequencer import number_all, sequencer_connection
from registry.audit.tree_store import Revealed
from registry.cli import efa_verify
from registry.db import Connection, Query, connected
from registry.settings import Settings
from tests.audit.signed import grow, record


async def test_kept_tiles_give_the_same_proofs_while_the_log_grows(
    empty_settings: Settings,
) -> None:
    kept, size = KeptTiles(), 0
    async with connected(empty_settings.reader_url) as reader:
        for count in (3, 250, 3, 1, 255, 400):
            await grow(empty_settings, count)
            size += count
            asked = sorted({0, 2, 253, 255, 256, size // 2, size - 1} & set(range(size)))
            proofs = await inclusion_proofs(reader, asked, size, kept)
            assert proofs == [await inclusion_proof(reader, index, size) for index in asked]


async def test_what_is_kept_is_not_asked_for_again(empty_settings: Settings) -> None:
    kept = KeptTiles()
    await grow(empty_settings, 600)
    async with connected(empty_settings.reader_url) as reader:
        proofs = await inclusion_proofs(reader, [5, 599], 600, kept)
    assert await inclusion_proofs(reader, [5, 599], 600, kept) == proofs
    with pytest.raises(Exception, match="closed"):
        await inclusion_proofs(reader, [300], 600, kept)


def test_the_tiles_asked_for_last_are_kept() -> None:
    kept = KeptTiles()
    kept.keep({(0, tile): b"x" * 32 for tile in range(500)})
    kept.keep({(0, 0): b"x"})
    kept.keep({(1, tile): b"y" * 32 for tile in range(500)})
    assert kept.get((0, 0)) == b"x" * 32
    assert kept.get((0, 1)) == b""
    assert kept.get((1, 499)) == b"y" * 32


async def test_receipts_of_a_database_in_the_place_of_another_verify(
    empty_settings: Settings, tmp_path: Path
) -> None:
    async with (
        connected(empty_settings.reader_url) as reader,
        connected(empty_settings.owner_url) as owner,
    ):
        receipts = Receipts(reader, Seals())
        for _ in range(2):
            await grow(empty_settings, 300)
            assert _verifies(await _receipt(owner, receipts, 10), empty_settings, tmp_path)
            await owner.execute("set efa.history = 'open'")
            await owner.execute("truncate events, checkpoints, log_tiles, log_origins cascade")
            mark_path(empty_settings).unlink()


async def _receipt(owner: Connection, receipts: Receipts, index: int) -> Receipt:
    event = await owner.fetchval("select id from events where leaf_idx = $1", index)
    found = await receipts.of(await _revealed(owner, event))
    assert found is not None
    return found


async def _revealed(owner: Connection, event: UUID) -> Revealed:
    revealed = await tree_store.revealed(owner, event)
    assert revealed is not None
    return revealed


async def _recorded(
    owner: Connection, settings: Settings, count: int, *, public: bool = True
) -> list[UUID]:
    """The events recorded now, which have no numbers yet."""
    await record(settings, count, public=public)
    rows = await owner.fetch("select id from events where leaf_idx is null order by seq")
    return [row[0] for row in rows]


def _verifies(found: Receipt, settings: Settings, folder: Path) -> bool:
    file, key = folder / "receipt", str(signers(settings)[0].verifier)
    file.write_text(found.text)
    return efa_verify.verify([str(file)], [key], "en")[0] == 0


class Counted:
    """A database that counts what it is asked."""

    def __init__(self, db: Query) -> None:
        self.db = db
        self.asked = 0

    async def fetch(self, query: str, /, *args: object) -> list[Any]:
        self.asked += 1
        return await self.db.fetch(query, *args)

    async def fetchrow(self, query: str, /, *args: object) -> Any:
        self.asked += 1
        return await self.db.fetchrow(query, *args)

    async def fetchval(self, query: str, /, *args: object) -> Any:
        self.asked += 1
        return await self.db.fetchval(query, *args)


Sealing = tuple[Connection, Counted, Receipts, Callable[[], Awaitable[Any]]]


@asynccontextmanager
async def sealing(settings: Settings) -> AsyncGenerator[Sealing]:
    """A process that gives receipts and seals: its owner, what it asks, its receipts, its seal."""
    conn = await sequencer_connection(settings)
    async with connected(settings.reader_url) as reader, connected(settings.owner_url) as owner:
        counted = Counted(reader)
        receipts = Receipts(counted, Seals())
        grower = Grower(signers(settings), None, receipts.sealed)
        yield owner, counted, receipts, partial(number_all, conn, grower)
    await conn.close()


async def test_receipts_of_what_is_sealed_here_ask_nobody_and_verify(
    empty_settings: Settings, tmp_path: Path
) -> None:
    """Also those waited for; what another process sealed is asked for, and told all the same."""
    async with sealing(empty_settings) as (owner, counted, receipts, seal):
        for count in (1, 260, 3, 600):
            waiting = await _recorded(owner, empty_settings, count)
            events = [await _revealed(owner, event) for event in (waiting[0], waiting[-1])]
            asking = [asyncio.create_task(receipts.wait(event, 30)) for event in events]
            await asyncio.sleep(0)
            await seal()
            for found in await asyncio.gather(*asking):
                assert _verifies(found, empty_settings, tmp_path)
        assert counted.asked <= 1, "once at most, while nothing was sealed here"
        (event,) = await _recorded(owner, empty_settings, 1)
        elsewhere = await _revealed(owner, event)
        with pytest.raises(NoReceiptYet):
            await receipts.wait(elsewhere, 0)
        await grow(empty_settings, 1)
        assert (await receipts.wait(elsewhere, 30)).event == event
        assert counted.asked > 2


async def test_receipts_of_what_is_recorded_and_sealed_here_need_no_database(
    empty_settings: Settings, tmp_path: Path
) -> None:
    """Of public events; all else is left to who may ask."""
    async with sealing(empty_settings) as (owner, counted, receipts, seal):
        recorded = partial(_recorded, owner, empty_settings)
        first = await recorded(1)
        receipts.recorded(first)
        assert await receipts.own(first[0], 30) is None, "this process did not seal yet"
        await seal()
        for count in (3, 300):
            events = await recorded(count)
            receipts.recorded(events)
            asking = [asyncio.create_task(receipts.own(one, 30)) for one in (events[0], events[-1])]
            await asyncio.sleep(0)
            await seal()
            for found in await asyncio.gather(*asking, receipts.own(events[1], 0)):
                assert found
                assert (found.salt, found.facts) == (None, None)
                assert _verifies(found, empty_settings, tmp_path)
        private = await recorded(1, public=False)
        receipts.recorded(private)
        await seal()
        unseen = await recorded(1)
        for event in (private[0], unseen[0]):
            assert await receipts.own(event, 30) is None
        receipts.recorded(unseen)
        assert await receipts.own(unseen[0], 0) is None, "it has no number yet"
        await grow(empty_settings, 1)
        assert await receipts.own(unseen[0], 30) is None, "another process numbered it"
        assert counted.asked == 0


async def test_what_was_sealed_here_is_no_news_when_the_database_tells_it() -> None:
    seals = Seals()
    for size, told, news in ((7, 7, False), (9, 8, False), (9, 10, True)):
        seals.sealed_here(size)
        seal = seals.next()
        seals._on_seal(None, 1, "efa_sealed", str(told))
        assert seal.is_set() is news
