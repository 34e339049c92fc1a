"""Services with their versions, recorded as their builders would; one in four versions has an end.

The number of bodies that reuse each is drawn here, too: few services are everywhere.
"""

import contextlib
import json
import random
from datetime import date

from registry.catalogue import actions as catalogue
from registry.catalogue.kinds import SERVICES
from registry.catalogue.model import ServiceDraft
from registry.catalogue.parts import Builder, CompetenceRule, Names, Policy
from registry.catalogue.store import documents
from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.impact.actions import deprecate
from registry.impact.model import DeprecationDraft
from registry.versions.actions import publish
from registry.versions.model import InterfaceDraft, VersionDraft
from registry.versions.preparing import Release, prepare
from registry.versions.workers.pool import Workers

LANDS = [f"{number:02}" for number in range(1, 17)]
RELEASES = {"1.0.0": "2019-06-01", "1.1.0": "2021-03-15", "2.0.0": "2023-09-01"}
AT_ONCE = 50
# For how many services it is recorded who is competent: so far sources tell of hardly any.
RULED = 1 / 30
# How slowly the number of bodies falls with the rank of a service.
FALL = 0.9


async def add_services(conn: Connection, seed: int, wanted: int) -> list[str]:
    """Record services until there are `wanted`; returns all slugs in an order by chance."""
    rows = await conn.fetch("select slug from services order by slug")
    slugs = [row[0] for row in rows]
    chance = random.Random(seed)
    new = [f"landesdienst-{number:03}" for number in range(max(0, wanted - len(slugs)))]
    async with contextlib.aclosing(Workers(count=1)) as workers:
        for start in range(0, len(new), AT_ONCE):
            await _add(conn, new[start : start + AT_ONCE], chance, workers)
    slugs += new
    chance.shuffle(slugs)
    return slugs


async def _add(conn: Connection, slugs: list[str], chance: random.Random, workers: Workers) -> None:
    async with begin(conn, operator()) as tx:
        for slug in slugs:
            await documents.lock(tx, SERVICES, slug)
            await catalogue.put_service(tx, slug, _draft(slug, chance), date(2019, 1, 1))
            for number, day in RELEASES.items():
                release = _release(slug, number, day)
                await publish(tx, await prepare(tx, tx.actor, release, workers))
            if chance.random() < 0.75:
                ending = DeprecationDraft(since=date(2024, 1, 1), sunset=date(2027, 1, 1))
                await deprecate(tx, slug, "1.0.0", ending)


def _draft(slug: str, chance: random.Random) -> ServiceDraft:
    number = slug.rpartition("-")[2]
    rule = CompetenceRule(source="drawn by chance", levels=("municipality",))
    return ServiceDraft(
        slug=slug,
        names=Names(de=f"Landesdienst {number}", en=f"State service {number}"),
        builders=(Builder(organisation=chance.choice(LANDS)),),
        competence=(rule,) if chance.random() < RULED else (),
        policy=Policy(kind="record", released_before=date(2024, 1, 1)),
    )


def _release(slug: str, number: str, day: str) -> Release:
    title = f"{slug} {number}"
    text = json.dumps(
        {"title": title, "type": "object", "properties": {"name": {"type": "string"}}}
    )
    interface = InterfaceDraft(direction="accepts", schema_text=text)
    draft = VersionDraft(interfaces={"application": interface}, released_on=day)
    return Release(service=slug, version=number, draft=draft, texts={"application": text.encode()})


def spread(reuses: int, services: int, bodies: int) -> list[int]:
    """How many bodies reuse the service of each rank: falling, at most all, `reuses` in sum."""
    weights = [rank**-FALL for rank in range(1, services + 1)]
    low, high = 0.0, float(bodies) * services
    for _ in range(200):
        middle = (low + high) / 2
        total = sum(min(bodies, middle * weight) for weight in weights)
        low, high = (middle, high) if total < reuses else (low, middle)
    return [round(min(bodies, high * weight)) for weight in weights]
