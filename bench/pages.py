"""The pages at the size of the ledger: `./dev bench pages [--scale 0.1] [--calls N] [--folder F]`.

Each page at services, bodies and days at random, none from memory: the time of the processor
(registry and database) and of the clock, the size of its HTML, packed, and what a browser would
ask of others. Limits: 100 ms (p50, processor), 40 KB, nothing. The database is that of `./dev bench
ledger` where the same folder is named.
"""

import argparse
import asyncio
import gzip
import os
import random
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from bench.ledger import installation, rows, spread_of
from bench.ledger_questions import DAYS, FIRST_DAY, Content, content
from bench.ledger_served import Served, Took, served
from bench.results import COMMIT, write
from registry.db import connect
from registry.settings import Settings

LIMITS = {"processor p50": 100, "gzip KB": 40, "asked of others": 0}
# A browser with a cookie: what it is shown is made for it, and never comes from memory.
_BROWSER = {"Accept": "text/html", "Cookie": "bench=1"}
_LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}


class Known(msgspec.Struct, frozen=True):
    """What pages there are; of services those that there were on every day asked for."""

    content: Content
    services: list[str]
    reuses: list[str]
    agreements: list[str]
    procedures: list[str]


async def known(settings: Settings) -> Known:
    """What the database holds, of much of it a part."""
    conn = await connect(settings.owner_url)
    try:
        reuses = await conn.fetch(
            "select distinct reuse_id::text from reuse_periods where public order by 1 limit 2000"
        )
        agreements = await conn.fetch("select slug from agreements_known(null) order by slug")
        procedures = await conn.fetch(
            "select key from procedures_known(null) where key is not null order by key limit 2000"
        )
        services = await conn.fetch(
            "select slug from documents_in_force('services', $1, null) order by slug", FIRST_DAY
        )
        found = [[row[0] for row in each] for each in (services, reuses, agreements, procedures)]
        return Known(await content(conn), *found)
    finally:
        await conn.close()


class Foreign(HTMLParser):
    """What a browser asks of others, to show a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get(_LOADED.get(tag, "")) or ""
        if "//" in address and given.get("rel") != "alternate":
            self.found.append(address)


def pages(known: Known, chance: random.Random) -> dict[str, Callable[[], str]]:
    """How the address of a page of each kind is drawn."""
    some = chance.choice

    def dated(path: str, **asked: Any) -> str:
        day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
        return f"{path}?{urlencode(asked | {'as_of': day})}"

    services, keys = known.services, known.content.keys
    return {
        "start": lambda: some(("/", "/en")),
        "catalogue": lambda: dated("/dienste"),
        "catalogue in a Land": lambda: dated("/dienste", reused_within=some(keys[2])),
        "service": lambda: dated(f"/dienste/{some(services)}"),
        "bodies": lambda: dated("/stellen", within=some(keys[5])),
        "municipality": lambda: dated(f"/stellen/{some(keys[12])}"),
        "district": lambda: dated(f"/stellen/{some(keys[5])}"),
        "Land": lambda: dated(f"/stellen/{some(keys[2])}"),
        "reuses": lambda: dated("/nachnutzungen"),
        "reuses of a service": lambda: dated("/nachnutzungen", service=some(services)),
        "reuse": lambda: dated(f"/nachnutzungen/{some(known.reuses)}"),
        "agreements": lambda: dated("/vereinbarungen"),
        "agreement": lambda: dated(f"/vereinbarungen/{some(known.agreements)}"),
        "procedures": lambda: dated("/leistungen"),
        "procedure": lambda: dated(f"/leistungen/{some(known.procedures)}"),
        "evaluation": lambda: dated("/auswertung"),
        "evaluation of a service": lambda: dated("/auswertung", service=some(services)),
        "evaluation in a Land": lambda: dated("/auswertung", within=some(keys[2])),
        "changes": lambda: f"/aenderungen?before={chance.randint(*known.content.log)}",
    }


def one(app: Served, draw: Callable[[], str], calls: int) -> dict[str, Any]:
    """A page of one kind, drawn and opened again and again."""
    app.read(draw(), _BROWSER)
    taken: list[Took] = []
    packed, foreign = 0, set[str]()
    for _ in range(calls):
        took, text = app.read(draw(), _BROWSER)
        taken.append(took)
        packed = max(packed, len(gzip.compress(text)))
        foreign |= set(Foreign(text.decode()).found)
    sizes = {"gzip KB": round(packed / 1000, 1), "asked of others": len(foreign)}
    return spread_of(taken) | sizes


def over(figures: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """By page what is over its limit."""
    missed = {
        page: {name: found[name] for name, limit in LIMITS.items() if found[name] > limit}
        for page, found in figures.items()
    }
    return {page: names for page, names in missed.items() if names}


def main() -> None:
    """Run the measurement and keep its result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--port", type=int, default=21_831)
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="efa-bench-"))
    with installation(folder, options.scale, options.seed) as settings:
        draws = pages(asyncio.run(known(settings)), random.Random(options.seed))
        told: dict[str, Any] = {
            "scale": options.scale,
            "commit": COMMIT,
            "calls of each page": options.calls,
            "rows": asyncio.run(rows(settings)),
            "load average before": round(os.getloadavg()[0], 1),
        }
        with served(settings, options.port) as app:
            found = {page: one(app, draw, options.calls) for page, draw in draws.items()}
    write("pages", told | {"limits": LIMITS, "over its limit": over(found), "pages": found})
    if options.folder is None:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
