"""While a long file is read and checked, the others are answered."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import httpx
import pytest

from registry.reuse.batches import MAX_ROWS
from tests.client import ApiClient

REUSES = "Stelle;Dienst;Stufe;Datum"
FIGURES = "Stelle;Dienst;Monat;Kanal;Begonnen"


class Watch:
    """How long some work takes, and the longest time the event loop stood still meanwhile."""

    def __init__(self) -> None:
        self.seconds = self.longest = 0.0
        self.answered = 0

    async def over(self, work: Awaitable[Any], api: ApiClient) -> Any:
        done = asyncio.Event()
        others = asyncio.gather(self._tick(done), self._ask(api, done))
        started = time.perf_counter()
        result = await work
        self.seconds = time.perf_counter() - started
        done.set()
        await others
        return result

    async def _tick(self, done: asyncio.Event) -> None:
        last = time.perf_counter()
        while not done.is_set():
            await asyncio.sleep(0.001)
            now = time.perf_counter()
            self.longest, last = max(self.longest, now - last), now

    async def _ask(self, api: ApiClient, done: asyncio.Event) -> None:
        while not done.is_set():
            answer = await api.http.get("/v1/reuses?service=bauantrag")
            assert answer.status_code == 200
            self.answered += not done.is_set()


async def send(api: ApiClient, path: str, headers: str, rows: list[str]) -> httpx.Response:
    content = "\n".join((headers, *rows)).encode()
    sent = {"Content-Type": "text/csv", "Authorization": f"Bearer {api.token}"}
    return await api.http.post(path, content=content, headers=sent)


BAD = {
    "no such day": ("reuses", REUSES, "05315;bauantrag;live;2024-02-30", MAX_ROWS),
    "no such stage": ("reuses", REUSES, "05315;bauantrag;alive;2024", MAX_ROWS),
    "no such service": ("reuses", REUSES, "05;{};live;2024", MAX_ROWS),
    "no such reuse": ("usage", FIGURES, "05;bauantrag;2024-05;online;{}", 100_000),
    "no such month": ("usage", FIGURES, "05;bauantrag;2024-13;online;{}", 100_000),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_long_file_of_bad_rows_keeps_nobody_waiting(api: ApiClient, kind: str) -> None:
    """A machine that halts for a moment does so once; a loop that is held is held each time."""
    room, headers, row, count = BAD[kind]
    admin = await api.as_admin()
    rows = [row.format(f"r{place}" if room == "reuses" else place) for place in range(count)]
    held: list[tuple[float, float, int]] = []
    for _ in range(3):
        watch = Watch()
        answer = await watch.over(send(admin, f"/v1/{room}/batches", headers, rows), api)
        assert (answer.status_code, answer.json()["rows"]) == (422, count), answer.text[:500]
        if watch.answered >= 3 and watch.longest < watch.seconds / 2:
            return
        held.append((watch.longest, watch.seconds, watch.answered))
    assert held == []


async def test_a_file_with_too_many_rows_is_refused(api: ApiClient) -> None:
    rows = ["05;bauantrag;live;2024"] * (MAX_ROWS + 1)
    answer = await send(await api.as_admin(), "/v1/reuses/batches", REUSES, rows)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["rule"], str(MAX_ROWS) in error["detail"]) == ("too-many-rows", True)
