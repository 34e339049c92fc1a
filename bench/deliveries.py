"""`./dev bench deliveries`: matching, telling receivers, stalling ones beside them, streams.

One process over one database; receivers run in a process of their own. Beside the clock stands the
time of this process's processor, since other programs may use the machine at the same time.
"""

import argparse
import asyncio
import resource
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from multiprocessing import Queue, get_context
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web

from bench.results import write
from registry.audit.sequencer import Sequencer
from registry.audit.standing import Condition
from registry.db import Query, begin
from registry.db.embedded import EmbeddedPostgres
from registry.db.migrations import migrate
from registry.identity.guard import view_of
from registry.identity.operator import operator
from registry.settings import Settings
from registry.subscriptions import matching
from registry.subscriptions.asking import Asked
from registry.subscriptions.signing import secret_of, signed
from registry.subscriptions.stream import Streamed
from registry.web.logs import configure_logs
from tests.audit.signed import sign_events
from tests.client import ApiClient, open_client
from tests.reuse.conftest import add_service
from tests.subscriptions.receiver import deliverer_of
from tests.templates import build_germany

ADD = """
with events as (
    insert into events (id, action, subject, organisation, public, recorded_at, leaf)
    select gen_random_uuid(), 'bench.subscribe', 'bench/' || n, 'bench', false, now(), ''
    from generate_series(1, $1::int) n returning id
),
made as (
    insert into subscriptions (id, organisation_id, service, range, actions, url, note,
                               recorded_at, event_id)
    select gen_random_uuid(), (array(select id from organisations limit 500))[1 + n % 500], $2,
           (array['*', '^1', '>=1.2 <3', '~1.4'])[1 + n % 4], '{}', $3, $4, now(), id
    from (select id, row_number() over () as n from events) e
    returning id, organisation_id
)
insert into subscription_states (subscription_id, organisation_id, webhook, verified_at)
select id, organisation_id, true, now() from made
"""
EVENT = """
insert into events (id, action, subject, organisation, public, recorded_at, leaf)
select gen_random_uuid(), 'versions.publish', 'services/' || $1 || '/versions/1.4.' || n, 'bench',
       true, now(), '' from generate_series(1, $2::int) n
"""


def receivers(stalling: bool, told: "Queue[int]") -> None:
    """Answers at once, or takes what comes and never answers."""

    async def take(request: web.Request) -> web.Response:
        await request.read()
        if stalling:
            await asyncio.sleep(3_600)
        return web.Response(text="ok")

    async def serve() -> None:
        app = web.Application()
        app.router.add_post("/{name}", take)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1_024)
        await site.start()
        told.put(runner.addresses[0][1])
        await asyncio.sleep(3_600)

    asyncio.run(serve())


def started(stalling: bool) -> tuple[Any, str]:
    context = get_context("spawn")
    told: Any = context.Queue()
    process = context.Process(target=receivers, args=(stalling, told), daemon=True)
    process.start()
    return process, f"http://127.0.0.1:{told.get(timeout=300)}/hook"


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    """Seconds of the clock, and of this process's processor."""
    begun, used = time.perf_counter(), processor()
    await work()
    return time.perf_counter() - begun, processor() - used


def p99(values: list[float]) -> float:
    return round(statistics.quantiles(values, n=100)[98], 1) if len(values) > 1 else values[0]


async def matched(api: ApiClient, settings: Settings, subscriptions: int, rounds: int) -> Any:
    """How long a publish takes to be matched with many subscriptions, of which a tenth fits."""
    for service, count in (("bauantrag", subscriptions // 10), ("ewa", subscriptions * 9 // 10)):
        await api.owner.execute(ADD, count, service, "https://receiver.example/", "bench")
    await api.owner.execute("analyze subscriptions; analyze subscription_states; analyze events")
    await sign_events(settings)
    async with pooled(api) as conn:
        while await matching.match_batch(conn):
            pass
        taken, used = list[float](), list[float]()
        backend = Path(f"/proc/{await conn.fetchval('select pg_backend_pid()')}/schedstat")
        for _ in range(rounds):
            await api.owner.execute(EVENT, "bauantrag", 1)
            await sign_events(settings)
            before = _milliseconds(backend)
            seconds, _ = await timed(lambda: matching.match_batch(conn))
            taken.append(1_000 * seconds)
            used.append(_milliseconds(backend) - before)
    told = await api.owner.fetchval("select count(*) from deliveries")
    await clear(api)
    return {
        "subscriptions": subscriptions,
        "told": told // rounds,
        "p50_ms": round(statistics.median(taken), 1),
        "p99_ms": p99(taken),
        "p99_limit_ms": 200,
        "database_processor_p50_ms": round(statistics.median(used), 1),
        "database_processor_p99_ms": p99(used),
    }


def _milliseconds(schedstat: Path) -> float:
    """What a process has used of the processor; 0 where the system does not say."""
    return int(schedstat.read_text().split()[0]) / 1e6 if schedstat.exists() else 0.0


def pooled(api: ApiClient) -> AbstractAsyncContextManager[Any]:
    return state_of(api).database.writes.acquire()


def state_of(api: ApiClient) -> Any:
    transport: Any = vars(api.http)["_transport"]
    return transport.app.state


async def clear(api: ApiClient) -> None:
    await api.owner.execute(
        "delete from delivery_attempts; delete from deliveries;"
        " delete from subscription_states; delete from subscriptions"
    )


async def delivered(api: ApiClient, settings: Settings, url: str, count: int) -> Any:
    """Deliveries a second, against a bare loop of httpx that posts as much to the same receiver."""
    await api.owner.execute(ADD, count // 10, "bauantrag", url, "bench")
    await api.owner.execute("update subscriptions set range = '*'")
    await api.owner.execute(EVENT, "bauantrag", 10)
    await sign_events(settings)
    deliverer = deliverer_of(api)
    async with pooled(api) as conn:
        while await matching.match_batch(conn):
            pass
    clock, used = await timed(deliverer.drain)
    done = await api.owner.fetchval("select count(*) from deliveries where state = 'delivered'")
    bare_clock, bare_used = await timed(partial(bare, url, done))
    await clear(api)
    return {
        "deliveries": done,
        "per_second": round(done / clock),
        "per_processor_second": round(done / used),
        "bare_per_second": round(done / bare_clock),
        "bare_per_processor_second": round(done / bare_used),
        "ratio_of_processor_time": round(bare_used / used, 2),
        "ratio_of_clock": round(bare_clock / clock, 2),
    }


async def bare(url: str, count: int) -> None:
    """The same number of signed messages of the same size, 64 at a time, and nothing kept."""
    body = b'{"specversion":"1.0","data":"' + b"x" * 400 + b'"}'
    waiting = iter(range(count))

    async def post(client: httpx.AsyncClient) -> None:
        for number in waiting:
            secret = secret_of(b"bench", UUID_ZERO, 1)
            headers = signed(str(number), int(time.time()), body, [secret])
            await client.post(url, content=body, headers=dict(headers))

    async with httpx.AsyncClient(timeout=30) as client:
        await asyncio.gather(*(post(client) for _ in range(64)))


SECRET = "bench secret, the same for every run"  # noqa: S105 - of a database thrown away
UUID_ZERO: Any = "00000000-0000-0000-0000-000000000000"


async def beside_stalling(api: ApiClient, settings: Settings, fine: str, stalling: str) -> Any:
    """How long it takes until those who answer are told, alone and beside 200 who never do."""
    alone = await delay(api, settings, fine)
    await api.owner.execute(ADD, 200, "ewa", stalling, "stalling")
    beside = await delay(api, settings, fine, also="ewa")
    await clear(api)
    ratio = round(beside["p99_ms"] / alone["p99_ms"], 2)
    return {"alone": alone, "beside_200": beside, "ratio_p99": ratio}


async def delay(api: ApiClient, settings: Settings, url: str, also: str | None = None) -> Any:
    await api.owner.execute("delete from delivery_attempts")
    await api.owner.execute(ADD, 100, "bauantrag", url, "fine")
    await api.owner.execute("update subscriptions set range = '*'")
    deliverer = deliverer_of(api)
    tasks = [asyncio.create_task(deliverer.run())]
    if also:
        await api.owner.execute(EVENT, also, 1)
        await sign_events(settings)
        await asyncio.sleep(2)
    for _ in range(20):
        await api.owner.execute(EVENT, "bauantrag", 1)
        await sign_events(settings)
        await asyncio.sleep(0.25)
    await asyncio.sleep(2)
    for task in tasks:
        task.cancel()
    rows = await api.owner.fetch(
        "select extract(epoch from d.delivered_at - d.created_at)::float8 * 1000"
        " from deliveries d join subscriptions s on s.id = d.subscription_id"
        " where s.note = 'fine' and d.delivered_at is not null"
    )
    taken = [row[0] for row in rows]
    await api.owner.execute(
        "delete from delivery_attempts; delete from deliveries;"
        " delete from subscription_states t using subscriptions s"
        " where s.id = t.subscription_id and s.note = 'fine';"
        " delete from subscriptions where note = 'fine'"
    )
    return {"told": len(taken), "p50_ms": round(statistics.median(taken), 1), "p99_ms": p99(taken)}


async def streamed(api: ApiClient, settings: Settings, clients: int) -> Any:
    """Memory for each who listens, and how long after its commit an event is with all of them."""
    state = state_of(api)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    heard: list[list[float]] = []
    tasks = [asyncio.create_task(listen(state, heard)) for _ in range(clients)]
    await asyncio.sleep(3)
    memory = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    sequencer = asyncio.create_task(Sequencer(settings, Condition()).run())
    await asyncio.sleep(1)
    delays: list[float] = []
    for _ in range(20):
        for one in heard:
            one.clear()
        await api.owner.execute(EVENT, "bauantrag", 1)
        committed = time.perf_counter()
        await asyncio.sleep(1)
        delays += [1_000 * (one[0] - committed) for one in heard if one]
    for task in (sequencer, *tasks):
        task.cancel()
    await asyncio.gather(sequencer, *tasks, return_exceptions=True)
    return {
        "clients": clients,
        "kilobytes_each": round(memory / clients / 1_000, 1),
        "heard": len(delays),
        "p50_ms": round(statistics.median(delays), 1),
        "p99_ms": p99(delays),
    }


async def listen(state: Any, heard: list[list[float]]) -> None:
    own: list[float] = []
    heard.append(own)

    def viewing() -> AbstractAsyncContextManager[Query]:
        return view_of(state.database, None)

    messages = state.hub.messages(state.database, viewing, Streamed(Asked(), None, 900))
    async for message in messages:
        own += [time.perf_counter()] if message.startswith(b"id") else []


async def idle(api: ApiClient, seconds: float) -> Any:
    """What a process with nothing to tell costs."""
    deliverer = deliverer_of(api)
    before = await api.owner.fetchval(TRANSACTIONS)
    task = asyncio.create_task(deliverer.run())
    _, used = await timed(lambda: asyncio.sleep(seconds))
    task.cancel()
    await asyncio.sleep(1.1)
    after = await api.owner.fetchval(TRANSACTIONS)
    return {
        "transactions_per_second": round((after - before) / seconds, 2),
        "processor_percent": round(100 * used / seconds, 2),
    }


TRANSACTIONS = "select xact_commit from pg_stat_database where datname = current_database()"


@asynccontextmanager
async def registry_in(
    server: EmbeddedPostgres, folder: str
) -> AsyncGenerator[tuple[Any, Settings]]:
    settings = Settings(
        database_url=server.dsn("efa_app"),
        owner_url=server.dsn("efa_owner"),
        sequencer_url=server.dsn("efa_sequencer"),
        reader_url=server.dsn("efa_reader"),
        data_dir=folder,
        rate_limit=0,
        secret=SECRET,
        egress_allowed="127.0.0.0/8",
        statement_timeout_ms=60_000,
    )
    await migrate(settings.owner_url)
    await build_germany(settings)
    async with open_client(settings) as api:
        async with begin(api.conn, operator()) as tx:
            for slug in ("bauantrag", "ewa"):
                await add_service(tx, slug, "13")
        await sign_events(settings)
        yield api, settings


async def measured(server: EmbeddedPostgres, folder: str, asked: Any) -> dict[str, Any]:
    fine, url = started(stalling=False)
    stalling, stalling_url = started(stalling=True)
    try:
        async with registry_in(server, folder) as (api, settings):
            steps: dict[str, Coroutine[Any, Any, Any]] = {
                "matching": matched(api, settings, asked.subscriptions, asked.rounds),
                "delivering": delivered(api, settings, url, asked.deliveries),
                "stalling": beside_stalling(api, settings, url, stalling_url),
                "streams": streamed(api, settings, asked.clients),
                "idle": idle(api, 20),
            }
            return {name: await step for name, step in steps.items()}
    finally:
        fine.terminate()
        stalling.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--subscriptions", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--deliveries", type=int, default=5_000)
    parser.add_argument("--clients", type=int, default=1_000)
    asked = parser.parse_args()
    configure_logs("error")
    with tempfile.TemporaryDirectory(prefix="efa-bench-") as folder:
        Path(folder).chmod(0o755)
        with EmbeddedPostgres(Path(folder) / "pg", durable=True) as server:
            write("deliveries", asyncio.run(measured(server, folder, asked)))


if __name__ == "__main__":
    main()
