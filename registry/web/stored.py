"""Answers that lie ready in the database, given after one look-up that many callers share.

A handler of `…/{key}` that answers with the stored bytes of its key says so in its `opt`:
`"stored": StoredRead(pattern of the key, look-up)`. Plain requests are then answered without the
router, just as `conditional` would. Nothing is kept: each answer was looked up after it was asked.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.routes.base import BaseRoute

from registry.db import Database, LookUp
from registry.web.plain import Answer


class Stored(Protocol):
    """An answer as it lies ready."""

    @property
    def body(self) -> bytes: ...
    @property
    def etag(self) -> str: ...


class StoredRead(NamedTuple):
    """Which keys are looked up, and how; only of what is public."""

    pattern: str
    look_up: LookUp[Stored]


class StoredAnswers:
    """The stored reads of an application, by the address below which their keys follow."""

    def __init__(self, app: Litestar) -> None:
        self._app = app
        self._reads = dict(_stored_reads(app.routes))

    async def find(self, path: str) -> Answer | None:
        """The answer at an address; None where there is none, or none now: the router says why."""
        below, _, key = path.rpartition("/")
        read = self._reads.get(below)
        if read is None or not read.pattern.match(key):
            return None
        database: Database = self._app.state.database
        try:
            stored = await database.reads.coalesced(read.look_up).get(key)
        except Exception:  # noqa: BLE001 - the router meets it again, and tells it
            return None
        return None if stored is None else _answer(read.route, stored)


class _Read(NamedTuple):
    route: str
    pattern: re.Pattern[str]
    look_up: LookUp[Stored]


def _stored_reads(routes: Iterable[BaseRoute]) -> Iterable[tuple[str, _Read]]:
    for route in routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            read: StoredRead | None = handler.opt.get("stored")
            if read is not None:
                below = route.path_format.rpartition("/")[0]
                yield below, _Read(route.path_format, re.compile(read.pattern), read.look_up)


def _answer(route: str, stored: Stored) -> Answer:
    headers: Any = [
        (b"etag", stored.etag.encode()),
        (b"cache-control", b"no-cache"),
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(stored.body)),
    ]
    return Answer(route, stored.etag, headers, stored.body)
