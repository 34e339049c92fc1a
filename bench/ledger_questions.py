"""Questions to the ledger, drawn by chance: no two calls ask for the same."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from registry.db import Connection

FIRST_DAY, DAYS = date(2020, 6, 1), 2_500
LISTS = ("/v1/reuses", "/v1/usage", "/v1/usage/months", "/v1/services")
REPORTS = (
    "/v1/reports/coverage",
    "/v1/reports/ranking",
    "/v1/reports/timeline",
    "/v1/reports/versions-in-use",
    "/v1/reports/outdated",
    "/v1/reports/funnel",
    "/v1/reports/duplicates",
    "/v1/reports/zero-reuse",
    "/v1/reports/funding",
)


class Content(msgspec.Struct, frozen=True):
    """What there is to ask for: services, regional keys by length, and the size of the log."""

    services: list[str]
    keys: dict[int, list[str]]
    log: tuple[int, int]


async def content(conn: Connection) -> Content:
    """What the database holds; the log from the first recorded reuse drawn on."""
    services = await conn.fetch("select slug from services order by slug")
    keys = await conn.fetch(
        """
        select distinct key from organisation_keys_known(null)
        where level <> 'part' and key < '99' and holds_on('2024-12-31', valid_from, valid_to)
        order by key
        """
    )
    row = await conn.fetchrow("select max(size) * 6 / 10, max(size) from checkpoints")
    texts: list[str] = [one[0] for one in keys]
    by_length = {length: [key for key in texts if len(key) == length] for length in (2, 5, 9, 12)}
    return Content([one[0] for one in services], by_length, (row[0], row[1]) if row else (1, 1))


class Asker:
    """Draws addresses; the same seed draws the same ones."""

    def __init__(self, known: Content, seed: int) -> None:
        self._known = known
        self._chance = random.Random(seed)

    def of_service(self, path: str) -> str:
        """One service at random on a random day."""
        service = self._chance.choice(self._known.services)
        if path == "/v1/services":
            return _address(path, self._dated(path, q=service.replace("-", " ")))
        return _address(path, self._dated(path, service=service))

    def within(self, path: str) -> str:
        """One territory at random, of any level: a Land in one of five calls."""
        length = self._chance.choice((2, 5, 5, 9, 12))
        key = self._chance.choice(self._known.keys[length])
        name = "reused_within" if path == "/v1/services" else "within"
        if path == "/v1/usage/months":
            key = key[:2]
        return _address(path, self._dated(path, **{name: key}))

    def nationwide(self, path: str) -> str:
        """All of Germany on a random day, by what is known now."""
        return _address(path, self._dated(path))

    def known_before(self, path: str) -> str:
        """The same by what was known at a random position of the log."""
        size = self._chance.randint(*self._known.log)
        return _address(path, self._dated(path) | {"known_at": size})

    def _dated(self, path: str, **asked: Any) -> dict[str, Any]:
        day = FIRST_DAY + timedelta(days=self._chance.randrange(DAYS))
        if path.startswith("/v1/usage"):
            month = self._chance.randint(1, 9)
            return asked | {"from": f"2025-{month:02}", "to": f"2025-{month + 3:02}"}
        return asked | {"as_of": day}


Draw = Callable[[str], str]


def _address(path: str, asked: dict[str, Any]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path
