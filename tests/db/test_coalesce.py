"""Coalesced look-ups: one statement for many callers, and no caller is ever forgotten."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from registry.db.coalesce import Coalescer, LookUpCancelled


class Source:
    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.fail = False

    async def fetch(self, keys: Sequence[str]) -> Mapping[str, str]:
        self.batches.append(list(keys))
        await asyncio.sleep(0)
        if self.fail:
            raise OSError("gone")
        return {key: key.upper() for key in keys if key != "missing"}


async def test_concurrent_look_ups_share_statements() -> None:
    source = Source()
    coalescer = Coalescer(source.fetch)
    keys = [f"k{n % 40}" for n in range(400)]
    assert await asyncio.gather(*map(coalescer.get, keys)) == [key.upper() for key in keys]
    assert len(source.batches) < 10


async def test_look_ups_of_one_turn_share_one_statement() -> None:
    source = Source()
    coalescer = Coalescer(source.fetch)
    await asyncio.gather(*map(coalescer.get, "abcab"))
    assert source.batches == [["a", "b", "c"]]


async def test_no_more_statements_are_under_way_than_may_be() -> None:
    source = Source()
    coalescer = Coalescer(source.fetch, at_once=1)
    first = asyncio.create_task(coalescer.get("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    later = [asyncio.create_task(coalescer.get(key)) for key in "bc"]
    await asyncio.sleep(0)
    assert source.batches == [["a"]]
    assert [await first, *await asyncio.gather(*later)] == ["A", "B", "C"]
    assert source.batches == [["a"], ["b", "c"]]


async def test_a_missing_key_is_none() -> None:
    assert await Coalescer(Source().fetch).get("missing") is None


async def test_every_waiter_hears_of_a_failure_and_the_next_works() -> None:
    source = Source()
    coalescer = Coalescer(source.fetch)
    source.fail = True
    results = await asyncio.gather(*map(coalescer.get, "abc"), return_exceptions=True)
    assert all(isinstance(result, OSError) for result in results)
    source.fail = False
    assert await coalescer.get("a") == "A"


async def test_a_waiter_that_gives_up_takes_nobody_along() -> None:
    coalescer = Coalescer(Source().fetch)
    hasty = asyncio.create_task(coalescer.get("a"))
    patient = asyncio.create_task(coalescer.get("a"))
    await asyncio.sleep(0)
    hasty.cancel()
    assert await patient == "A"
    with pytest.raises(asyncio.CancelledError):
        await hasty


async def test_a_cancelled_fetch_leaves_nobody_waiting() -> None:
    async def cancelled(_: Sequence[str]) -> Mapping[str, str]:
        raise asyncio.CancelledError

    waiting = asyncio.gather(*map(Coalescer(cancelled).get, "abc"), return_exceptions=True)
    async with asyncio.timeout(5):
        results = await waiting
    assert all(isinstance(result, LookUpCancelled) for result in results)


async def test_no_two_waiters_share_an_exception() -> None:
    source = Source()
    source.fail = True
    results = await asyncio.gather(*map(Coalescer(source.fetch).get, "ab"), return_exceptions=True)
    assert results[0] is not results[1]


async def test_look_ups_one_after_another_are_never_lost() -> None:
    coalescer = Coalescer(Source().fetch)
    async with asyncio.timeout(10):
        for round_ in range(50):
            tasks = [asyncio.create_task(coalescer.get(f"{round_}-{n}")) for n in range(7)]
            await asyncio.sleep(0)
            tasks += [asyncio.create_task(coalescer.get(f"{round_}+{n}")) for n in range(7)]
            assert None not in await asyncio.gather(*tasks)
