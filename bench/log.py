"""`./dev bench log`: what the signed log costs, and what proofs cost.

Writers commit the same content on the same durable database: without any event (plain), with its
event (recorded), and until they hold the receipt that the event is in the signed log. The sequencer
numbers, grows the tree and signs alone; inclusion proofs are worked out in a log of a million
leaves. Writers, sequencer and receipts share one process, as in a registry with one worker.
"""

import argparse
import asyncio
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import uvloop

from bench import results
from registry import audit
from registry.audit import store, tree_store
from registry.audit.growing import Grower
from registry.audit.keys import Mark, mark_path, signers
from registry.audit.proofs import KeptTiles, inclusion_proof, inclusion_proofs, root_at
from registry.audit.receipts import Receipts
from registry.audit.seals import Seals
from registry.audit.sequencer import Sequencer, number_all, sequencer_connection
from registry.audit.standing import Condition
from registry.authority import Actor
from registry.cli import efa_verify
from registry.db import Connection, Database, begin, connect, open_database
from registry.db.embedded import EmbeddedPostgres
from registry.db.migrations import migrate
from registry.settings import Settings

SEED = 20261130
WRITERS = 16
ROUNDS = 40
BODY = Actor(organisation="bench", name="Bench")
TREE = ("log_tiles", "log_heads", "checkpoints")
EVENTS = """
insert into events (id, action, subject, organisation, public, recorded_at, leaf)
select gen_random_uuid(), 'bench.publish', 'services/s' || n, 'bench', true, now(),
       convert_to(format('{"action":"bench.publish","batch":null,"event":"%s","facts":"%s",'
                         '"on_behalf_of":null,"organisation":"bench","subject":"services/s%s"}',
                         gen_random_uuid(), encode(sha256(int8send(n)), 'hex'), n), 'UTF8')
from generate_series($1::bigint, $2::bigint - 1) n
"""


async def publish(tx: Any, number: int, *, recorded: bool) -> UUID | None:
    """The rows of a small publish: a content, and the event if it is recorded."""
    event = None
    if recorded:
        event = await audit.record(tx, "bench.publish", f"services/s{number}", {"n": number})
    await audit.keep(tx, random.Random(number).randbytes(2_000))
    return event


class Writing(NamedTuple):
    """What one way of writing took: the median time, and the processor of this process."""

    p50_ms: float
    own_ms: float


Write = Callable[[Connection, int], Awaitable[None]]


async def writers(database: Database, one: Write) -> Writing:
    """One way of writing, by writers at the same time."""
    taken: list[float] = []

    async def write(first: int) -> None:
        async with database.writes.acquire(timeout=60) as conn:
            for number in range(first, first + ROUNDS):
                start = time.perf_counter()
                await one(conn, number)
                taken.append(time.perf_counter() - start)

    base, before = random.getrandbits(40), _processor_seconds()
    await asyncio.gather(*(write(base + n * ROUNDS) for n in range(WRITERS)))
    own = (_processor_seconds() - before) / len(taken)
    return Writing(1000 * statistics.median(taken), 1000 * own)


async def with_receipts(settings: Settings, folder: Path) -> dict[str, Any]:
    """Publishing with a receipt against plain commits of the same content, rounds interleaved."""
    seals, texts = Seals(), list[str]()
    async with open_database(settings) as database:
        receipts = Receipts(database.reads, seals)
        tasks = [
            asyncio.create_task(Sequencer(settings, Condition(), receipts.sealed).run()),
            asyncio.create_task(seals.listen(settings.database_url)),
        ]
        ways = _ways(receipts, texts)
        for write in ways.values():
            await writers(database, write)
        rounds = [
            {name: await writers(database, write) for name, write in ways.items()} for _ in range(7)
        ]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    key = str(signers(settings)[0].verifier)
    return {
        "writers": WRITERS,
        **_compared(rounds),
        "receipts": len(texts),
        "receipts_verified": sum(_verifies(text, key, folder) for text in texts),
        "control_with_another_event_verified": _verifies(_swapped(texts), key, folder),
    }


def _ways(receipts: Receipts, texts: list[str]) -> dict[str, Write]:
    async def plain(conn: Connection, number: int) -> None:
        async with begin(conn, BODY) as tx:
            await publish(tx, number, recorded=False)

    async def recorded(conn: Connection, number: int) -> None:
        async with begin(conn, BODY) as tx:
            await publish(tx, number, recorded=True)

    async def with_receipt(conn: Connection, number: int) -> None:
        async with begin(conn, BODY) as tx:
            event = await publish(tx, number, recorded=True)
        assert event
        receipts.recorded(tx.recorded)
        found = await receipts.own(event, 60)
        if found is None:
            revealed = await tree_store.revealed(conn, event)
            assert revealed
            found = await receipts.wait(revealed, 60)
        texts.append(found.text)

    return {"plain": plain, "recorded": recorded, "with_receipt": with_receipt}


def _compared(rounds: list[dict[str, Writing]]) -> dict[str, Any]:
    """Medians over the rounds, and ratios within each."""

    def ratio(one: str, other: str) -> float:
        return round(statistics.median(r[one].p50_ms / r[other].p50_ms for r in rounds), 2)

    figures: dict[str, Any] = {}
    for name in rounds[0]:
        figures[f"{name}_p50_ms"] = round(statistics.median(r[name].p50_ms for r in rounds), 1)
        own = statistics.median(r[name].own_ms for r in rounds)
        figures[f"{name}_own_processor_ms"] = round(own, 2)
    return figures | {
        "ratio": ratio("with_receipt", "plain"),
        "ratio_limit": 3,
        "ratio_to_recorded": ratio("with_receipt", "recorded"),
    }


def _verifies(text: str, key: str, folder: Path) -> bool:
    (folder / "receipt").write_text(text)
    return efa_verify.verify([str(folder / "receipt")], [key], "en")[0] == 0


def _swapped(texts: list[str]) -> str:
    """A receipt with the leaf of another."""
    first, second = (text.split("\n") for text in texts[:2])
    return "\n".join([first[0], second[1], *first[2:]])


async def numbering(settings: Settings, owner: Connection, count: int) -> dict[str, Any]:
    """Events numbered each second: alone, and with tree and signature."""
    await fill(owner, count)
    conn = await sequencer_connection(settings)
    start, before = time.perf_counter(), _processor_seconds()
    grower = Grower(signers(settings), Mark(mark_path(settings)))
    signed = await number_all(conn, grower)
    await grower.rest()
    seconds, own = time.perf_counter() - start, _processor_seconds() - before
    await fill(owner, count)
    start = time.perf_counter()
    bare = 0
    while batch := await store.waiting_batch(conn, 2_000):
        await tree_store.number(conn, batch, [], None)
        bare += len(batch.seqs)
    bare_seconds = time.perf_counter() - start
    await number_all(conn)
    await conn.close()
    return {
        "leaves": signed,
        "leaves_per_second": round(signed / seconds),
        "limit": 20_000,
        "of_numbering_without_tree": round(signed / seconds / (bare / bare_seconds), 2),
        "own_processor_us_per_leaf": round(1e6 * own / signed, 1),
    }


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def fill(owner: Connection, count: int) -> None:
    """Events without facts, enough for the tree."""
    for first in range(0, count, 50_000):
        await owner.execute(EVENTS, first, min(first + 50_000, count))
    await owner.execute("analyze events")


async def proofs(settings: Settings, owner: Connection, leaves: int) -> dict[str, Any]:
    """Inclusion proofs at random places of a large log, each of them checked."""
    size = await _grown(settings, owner, leaves)
    reader = await connect(settings.reader_url)
    root, kept = await root_at(reader, size), KeptTiles()
    path, taken, cold, bare = list[bytes](), list[float](), list[float](), list[float]()
    drawn = random.Random(SEED)
    for _ in range(2_000):
        index = drawn.randrange(size)
        (leaf,) = await _timed(bare, tree_store.leaves(reader, index, index + 1))
        path = await _timed(cold, inclusion_proof(reader, index, size))
        (same,) = await _timed(taken, inclusion_proofs(reader, [index], size, kept))
        assert path == same
        found = efa_verify.inclusion_root(index, size, efa_verify.leaf_hash(leaf), path)
        assert found == root
    await reader.close()
    return {
        "leaves": size,
        "proofs": len(taken),
        "hashes": len(path),
        **_quantiles("", taken),
        "p99_limit_ms": 5,
        **_quantiles("nothing_kept_", cold),
        **_quantiles("bare_leaf_", bare),
        "bytes_per_leaf": round(await _bytes(owner) / size, 1),
        "bytes_per_leaf_of_tiles": round(await _bytes(owner, ("log_tiles",)) / size, 1),
    }


async def _grown(settings: Settings, owner: Connection, leaves: int) -> int:
    """A log of so many leaves, settled: what it took is written to disk."""
    size = await tree_store.size(owner)
    await fill(owner, leaves - size)
    conn = await sequencer_connection(settings)
    grower = Grower(signers(settings), Mark(mark_path(settings)))
    await number_all(conn, grower)
    await grower.rest()
    await conn.close()
    await owner.execute("vacuum analyze events, log_tiles, log_heads, checkpoints")
    return await tree_store.size(owner)


T = TypeVar("T")


async def _timed(taken: list[float], work: Awaitable[T]) -> T:
    start = time.perf_counter()
    done = await work
    taken.append(time.perf_counter() - start)
    return done


def _quantiles(name: str, taken: list[float]) -> dict[str, float]:
    quantiles = statistics.quantiles(taken, n=100)
    return {
        f"{name}p50_ms": round(1000 * quantiles[49], 2),
        f"{name}p99_ms": round(1000 * quantiles[98], 2),
    }


async def _bytes(owner: Connection, tables: tuple[str, ...] = TREE) -> int:
    return await owner.fetchval(
        "select sum(pg_total_relation_size(t::regclass))::bigint from unnest($1::text[]) t",
        list(tables),
    )


async def measure(settings: Settings, folder: Path, leaves: int, batch: int) -> dict[str, Any]:
    await migrate(settings.owner_url)
    owner = await connect(settings.owner_url, command_timeout=600)
    figures = {"seed": SEED, "publish": await with_receipts(settings, folder)}
    figures["sequencer"] = await numbering(settings, owner, batch)
    figures["proofs"] = await proofs(settings, owner, leaves)
    await owner.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leaves", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=100_000)
    given = parser.parse_args()
    random.seed(SEED)
    with tempfile.TemporaryDirectory(prefix="efa-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with EmbeddedPostgres(folder / "postgres") as server:
            settings = Settings(
                data_dir=str(folder / "files"),
                database_url=server.dsn("efa_app"),
                owner_url=server.dsn("efa_owner"),
                sequencer_url=server.dsn("efa_sequencer"),
                reader_url=server.dsn("efa_reader"),
                pool_size=WRITERS + 4,
            )
            figures = uvloop.run(measure(settings, folder, given.leaves, given.batch))
    results.write("log", figures)


if __name__ == "__main__":
    main()
