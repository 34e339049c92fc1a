"""Who asks much makes nobody else wait long, and nobody is forgotten."""

import asyncio
from collections.abc import Sequence

import pytest

from registry.versions.bounds import WorkersBusy
from registry.versions.workers.turns import MOST_WAITING, TooManyWaiting, Turns

PATIENCE = 20.0


async def order_of(turns: Turns[str], seats: Sequence[str], asked: Sequence[str]) -> list[str]:
    """In which order callers have their turns while `hostile` holds all seats at first."""
    served: list[str] = []
    for _ in seats:
        await turns.take("hostile")

    async def ask(caller: str) -> None:
        seat = await turns.take(caller)
        served.append(caller)
        await asyncio.sleep(0)
        turns.give_back(caller, seat)

    waiting = [asyncio.create_task(ask(caller)) for caller in asked]
    await asyncio.sleep(0)
    for seat in seats:
        turns.give_back("hostile", seat)
    await asyncio.gather(*waiting)
    return served


@pytest.mark.parametrize("seats", [["a"], ["a", "b"]])
async def test_the_next_seat_is_for_who_has_none(seats: list[str]) -> None:
    asked = ["hostile"] * 6 + ["one", "two"]
    served = await order_of(Turns(seats, PATIENCE), seats, asked)
    assert {*served[: len(seats)]} <= {"one", "two"}
    assert served.index("two") <= 2
    assert sorted(served) == sorted(asked)


async def test_two_who_ask_much_take_turns() -> None:
    served = await order_of(Turns(["a"], PATIENCE), ["a"], ["one"] * 3 + ["two"] * 3)
    assert served == ["one", "two"] * 3


async def test_only_so_many_questions_of_one_caller_wait() -> None:
    turns = Turns(["a"], PATIENCE)
    seat = await turns.take("one")
    waiting = [asyncio.create_task(turns.take("one")) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyWaiting):
        await turns.take("one")
    other = asyncio.create_task(turns.take("other"))
    await asyncio.sleep(0)
    turns.give_back("one", seat)
    assert await other == "a"
    for each in waiting:
        each.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    turns.give_back("other", "a")
    assert await turns.take("one") == "a"


async def test_who_waits_too_long_is_told_whether_others_or_its_own_questions_are_why() -> None:
    turns = Turns(["a"], wait_seconds=0.01)
    await turns.take("one")
    with pytest.raises(TooManyWaiting):
        await turns.take("one")
    with pytest.raises(WorkersBusy):
        await turns.take("other")


async def test_a_seat_given_to_who_left_at_that_moment_is_not_lost() -> None:
    turns = Turns(["a"], PATIENCE)
    seat = await turns.take("one")
    left = asyncio.create_task(turns.take("other"))
    await asyncio.sleep(0)
    turns.give_back("one", seat)
    left.cancel()
    await asyncio.gather(left, return_exceptions=True)
    assert await asyncio.wait_for(turns.take("one"), 1) == "a"
