"""Foreign schemas and documents are checked apart from the server, in bounded time and memory."""

import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import uvloop

from registry.compatibility.model import Direction
from registry.versions.bounds import NotFinished, WorkersBusy
from registry.versions.comparisons.verdicts import Question, SchemaText
from registry.versions.model import TooCostly
from registry.versions.workers import memory
from registry.versions.workers.messages import Outcomes, Validate
from registry.versions.workers.pool import WorkerFailed, Workers
from registry.versions.workers.process import HAS_TIMERS
from registry.versions.workers.turns import TooManyWaiting

PLACE = ("dienst", "1.0.0", "application")

# Each level is examined by both alternatives, which both go one level deeper.
DOUBLING = {
    "$ref": "#/$defs/t",
    "$defs": {
        "t": {
            "oneOf": [
                {"properties": {"op": {"const": "and"}, "c": {"$ref": "#/$defs/t"}}},
                {"properties": {"op": {"const": "or"}, "c": {"$ref": "#/$defs/t"}}},
            ]
        }
    },
}


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    pool = Workers(count=1, processor_seconds=1.0)
    yield pool
    await pool.aclose()


def nested(depth: int) -> bytes:
    value: Any = {}
    for _ in range(depth):
        value = {"c": value}
    return json.dumps(value).encode()


def texts(schema: Any) -> dict[tuple[str, str, str], bytes]:
    return {PLACE: json.dumps(schema).encode()}


def peak_megabytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) >> 10


def environment_of(pid: int) -> bytes:
    file = Path(f"/proc/{pid}/environ")
    return file.read_bytes() if file.exists() else b""


async def test_documents_are_checked_in_another_process(workers: Workers) -> None:
    documents = [b'{"a": 1}', b'{"a": "x"}', b"{"]
    schema = {"properties": {"a": {"type": "integer"}}}
    first, second, third = await workers.validate(PLACE, texts(schema), documents)
    assert first.valid
    assert [finding.pointer for finding in second.defects] == ["/a"]
    assert [finding.rule for finding in third.defects] == ["no-json"]


async def test_schemas_are_examined_in_another_process(workers: Workers) -> None:
    found = await workers.examine("dienst", "1.0.0", {"application": b'{"pattern": "(?=a)"}'}, None)
    assert [fault.rule for fault in found.faults["application"]] == ["pattern-look-around"]


async def test_what_takes_too_long_is_given_up_and_the_next_question_is_answered(
    workers: Workers,
) -> None:
    started = time.monotonic()
    (outcome,) = await workers.validate(PLACE, texts(DOUBLING), [nested(24)])
    assert (outcome.valid, outcome.defects, outcome.complete) == (False, [], False)
    assert time.monotonic() - started < 8
    (fine,) = await workers.validate(PLACE, texts({"type": "object"}), [b"{}"])
    assert fine.valid


async def test_the_loop_does_not_wait_for_a_check(workers: Workers) -> None:
    await workers.validate(PLACE, texts(True), [b"1"])
    slow = asyncio.create_task(workers.validate(PLACE, texts(DOUBLING), [nested(24)]))
    longest = 0.0
    while not slow.done():
        before = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - before)
    assert longest < 0.5


async def test_memory_is_limited(workers: Workers) -> None:
    many = {"enum": ["x" * 200 + str(number) for number in range(4_000)]}
    document = json.dumps([0] * 100_000).encode()
    started = time.monotonic()
    (outcome,) = await workers.validate(PLACE, texts({"items": many}), [document])
    assert not outcome.valid
    assert time.monotonic() - started < 8


async def test_a_check_that_cannot_end_is_refused() -> None:
    pool = Workers(count=1, processor_seconds=0.05)
    with pytest.raises(TooCostly):
        await pool.validate(PLACE, texts(True), [json.dumps([0.5] * 400_000).encode()])
    assert pool.spent == pytest.approx(0.1)  # once with reasons, once without
    await pool.aclose()


@pytest.mark.skipif(not HAS_TIMERS, reason="no timers of processor time on this system")
async def test_a_worker_kept_from_working_says_nothing_of_what_it_was_asked() -> None:
    """A stopped process stands for a machine with too much else to do."""
    pool = Workers(count=1, processor_seconds=0.2, clock_seconds=0.8)
    await pool.start()
    process = pool._all[0]._pipes.process  # pyright: ignore[reportOptionalMemberAccess]
    process.send_signal(signal.SIGSTOP)
    with pytest.raises(NotFinished):
        await pool.compare(schema_text({}), schema_text({"minLength": 1}), asked())
    await pool.start()
    process = pool._all[0]._pipes.process  # pyright: ignore[reportOptionalMemberAccess]
    process.send_signal(signal.SIGSTOP)
    examined = asyncio.create_task(pool.examine("dienst", "1.0.0", {"a": b"{}"}, None))
    await asyncio.sleep(0.4)
    process.send_signal(signal.SIGCONT)
    assert not (await examined).faults
    await pool.aclose()


async def test_workers_are_started_ahead_and_only_once(workers: Workers) -> None:
    await asyncio.gather(workers.start(), workers.start())
    process = workers._all[0]._pipes.process  # pyright: ignore[reportOptionalMemberAccess]
    await workers.validate(PLACE, texts(True), [b"1"])
    assert workers._all[0]._pipes.process is process  # pyright: ignore[reportOptionalMemberAccess]


async def test_a_worker_that_dies_at_its_start_is_no_defect(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("sys.executable", "/bin/false")
        await workers.start()
        with pytest.raises(WorkersBusy):
            await workers.validate(PLACE, texts(True), [b"1"])
    (fine,) = await workers.validate(PLACE, texts(True), [b"1"])
    assert fine.valid


async def test_a_worker_knows_no_secrets_and_ends_with_its_pipe(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EFA_TEST_SECRET", "geheim")
    await workers.validate(PLACE, texts(True), [b"1"])
    process = workers._all[0]._pipes.process  # pyright: ignore[reportOptionalMemberAccess]
    assert b"geheim" not in environment_of(process.pid)
    process.stdin.close()  # pyright: ignore[reportOptionalMemberAccess]
    assert await asyncio.wait_for(process.wait(), 5) == 0


def files_of(pid: int) -> set[str]:
    return {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="shows open files in /proc")
def test_a_worker_does_not_hold_the_socket_of_the_server() -> None:
    async def held() -> set[str]:
        workers = Workers(count=1)
        await workers.start()
        pid = workers._all[0]._pipes.process.pid  # pyright: ignore[reportOptionalMemberAccess]
        found = files_of(pid)
        await workers.aclose()
        return found

    with socket.socket() as listening:
        listening.set_inheritable(True)
        own = Path(f"/proc/self/fd/{listening.fileno()}").readlink()
        assert str(own) not in uvloop.run(held())


def asked(direction: Direction = "accepts") -> Question:
    return Question(
        old="aa" * 32, new="bb" * 32, direction=direction, reading="reserved", formats="annotate"
    )


def schema_text(schema: Any, *others: tuple[str, bytes]) -> SchemaText:
    return SchemaText("efa:/dienst/1.0.0/application", json.dumps(schema).encode(), [*others])


def choices(count: int, more: str | None = None) -> Any:
    """Small, and dear to compare: each choice may be combined with each other one."""
    last = [{"required": [more]}] if more else []
    return {
        "allOf": [
            {"anyOf": [{"required": [f"a{place}"]}, {"required": [f"b{place}"]}, *last]}
            for place in range(count)
        ]
    }


async def test_schemas_are_compared_in_another_process(workers: Workers) -> None:
    plz = ("efa:/dienst/1.0.0/plz", b'{"maxLength": 5}')
    verdict = await workers.compare(
        schema_text({"maxLength": 9}), schema_text({"$ref": "./plz"}, plz), asked()
    )
    assert (verdict.bump, verdict.backward.answer) == ("major", "no")
    assert verdict.backward.witness is not None
    assert 5 < len(json.loads(verdict.backward.witness.text)) <= 9


async def test_a_dear_comparison_is_undecided_and_the_loop_does_not_wait(workers: Workers) -> None:
    await workers.start()
    question = workers.compare(schema_text(choices(20)), schema_text(choices(20, "z")), asked())
    slow = asyncio.create_task(question)
    started, longest = time.monotonic(), 0.0
    while not slow.done():
        before = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - before)
    assert longest < 0.5
    assert time.monotonic() - started < 8
    verdict = await slow
    if verdict.backward.answer == "unknown":
        assert (verdict.bump, verdict.relation) == ("major", "unknown")
        assert [finding.severity for finding in verdict.findings] == ["unknown"]
    fine = await workers.compare(schema_text({}), schema_text({"minLength": 1}), asked("emits"))
    assert fine.bump == "minor"


async def test_comparing_has_less_memory_than_the_process(workers: Workers) -> None:
    """More than the limit ends the process; what comes next is answered by another one."""
    wide = {"enum": [f"{'x' * 180}{number}" for number in range(5_000)]}
    verdict = await workers.compare(schema_text(wide), schema_text({"not": wide}), asked())
    assert verdict.backward.answer in ("no", "unknown")
    process = workers._all[0]._pipes  # pyright: ignore[reportOptionalMemberAccess]
    if process is not None:
        assert peak_megabytes(process.process.pid) < 256


@pytest.mark.skipif(memory.taken() == 0, reason="this system does not say what a process has")
async def test_what_an_earlier_question_took_is_not_missing_from_a_comparison() -> None:
    """The one that grew is gone; a defect is told as one, whatever the process held before."""
    pool = Workers(count=1, processor_seconds=10.0, clock_seconds=60.0)
    large = json.dumps([{"a": number} for number in range(240_000)]).encode()
    await pool.start()
    first = pool._all[0]._pipes
    (outcome,) = await pool.validate(PLACE, texts({"items": {"type": "null"}}), [large])
    assert not outcome.valid
    assert first is not pool._all[0]._pipes
    spent = pool.spent
    verdict = await pool.compare(schema_text({}), schema_text({"minLength": 1}), asked("emits"))
    assert (verdict.bump, pool.spent - spent < 1) == ("minor", True)
    second = pool._all[0]._pipes
    with pytest.raises(WorkerFailed, match="KeyError"):
        await pool.validate(("other", "1.0.0", "application"), texts(True), [b"1"])
    assert second is pool._all[0]._pipes or pool._all[0]._pipes is None
    await pool.aclose()


@pytest.mark.parametrize("used", [True, False])
async def test_a_fresh_process_is_asked_where_earlier_questions_may_have_filled_one(
    workers: Workers, used: bool
) -> None:
    pair = schema_text({}), schema_text({"minLength": 1}), asked("emits")
    await workers.start()
    if used:
        await workers.compare(*pair)
    pipes = workers._all[0]._pipes
    assert pipes is not None
    os.kill(pipes.process.pid, signal.SIGSTOP)
    question = asyncio.create_task(workers.compare(*pair))
    await asyncio.sleep(0.05)
    os.kill(pipes.process.pid, signal.SIGKILL)
    assert (await question).bump == ("minor" if used else "major")


async def test_what_takes_too_long_is_not_asked_again() -> None:
    pool = Workers(count=1, processor_seconds=0.2)
    await pool.validate(PLACE, texts({}), [b"{}"])
    with pytest.raises(TooCostly):
        await pool._ask(
            Validate(PLACE, [*texts(DOUBLING).items()], [nested(60)], "annotate", explain=True),
            Outcomes,
        )
    assert 0.2 <= pool.spent < 0.4
    await pool.aclose()


async def test_who_stands_in_line_too_long_is_sent_away() -> None:
    pool = Workers(count=1, processor_seconds=5.0, wait_seconds=0.2)
    await pool.start()
    deep = asyncio.create_task(pool.validate(PLACE, texts(DOUBLING), [nested(60)]))
    await asyncio.sleep(0.1)
    started = time.monotonic()
    with pytest.raises(WorkersBusy):
        await pool.of("other").validate(PLACE, texts({}), [b"{}"])
    with pytest.raises(TooManyWaiting):
        await pool.validate(PLACE, texts({}), [b"{}"])
    assert time.monotonic() - started < 2
    deep.cancel()
    await asyncio.gather(deep, return_exceptions=True)
    assert (await pool.validate(PLACE, texts({}), [b"{}"]))[0].valid
    await pool.aclose()


async def test_who_asks_much_makes_others_wait_for_one_question_only() -> None:
    pool = Workers(count=1, processor_seconds=0.3)
    await pool.start()
    hostile = pool.of("hostile")
    many = [
        asyncio.create_task(hostile.validate(PLACE, texts(DOUBLING), [nested(60)]))
        for _ in range(8)
    ]
    await asyncio.sleep(0.1)
    assert (await pool.of("other").validate(PLACE, texts({}), [b"{}"]))[0].valid
    assert not any(each.done() for each in many[1:])
    for each in many:
        each.cancel()
    await asyncio.gather(*many, return_exceptions=True)
    await pool.aclose()


async def test_a_short_schema_makes_no_long_verdict(workers: Workers) -> None:
    old, new = (
        schema_text({"type": "string", "minLength": length}) for length in (900_000, 900_001)
    )
    verdict = await workers.compare(old, new, asked())
    assert (verdict.bump, verdict.relation, verdict.backward.answer) == ("major", "narrower", "no")
    assert [finding.rule for finding in verdict.findings] == ["EFA-STR-01"]
    assert verdict.witnesses == []
