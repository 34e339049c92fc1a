import hashlib
import io
from collections.abc import AsyncIterator

import msgspec
import pytest

from registry.catalogue.actions import load_codelists, load_procedures, put_journey, put_service
from registry.catalogue.model import JourneyDraft, ServiceDraft
from registry.cli.rebuild import replay_log, write_log
from registry.db import Connection, begin, connect
from registry.identity.operator import operator
from registry.settings import Settings
from tests.catalogue.drafts import draft

TABLES = (
    "reference_editions",
    "codelist_entries",
    "procedures",
    "services",
    "document_revisions",
    "service_builders",
    "document_cards",
    "document_facets",
)


@pytest.fixture
async def original(empty_settings: Settings) -> AsyncIterator[Connection]:
    conn = await connect(empty_settings.owner_url)
    yield conn
    await conn.close()


async def fill(conn: Connection) -> None:
    """Reference data, two services of which one changes, and a journey."""
    async with begin(conn, operator()) as tx:
        await load_codelists(tx)
        await load_procedures(tx)
        for status in ("pilot", "live"):
            document = draft("wohngeld", builders=[], status=status, ozg_ids=["10092"])
            await put_service(tx, "wohngeld", msgspec.convert(document, ServiceDraft))
        other = draft("umzug", builders=[], accounts=[{"account": "bundid"}])
        await put_service(tx, "umzug", msgspec.convert(other, ServiceDraft))
        journey = {"slug": "umzug", "names": {"de": "Umzug"}, "services": ["umzug", "wohngeld"]}
        await put_journey(tx, "umzug", msgspec.convert(journey, JourneyDraft))


async def digests(conn: Connection) -> dict[str, str]:
    """A digest of each table, independent of the order of its rows."""
    found: dict[str, str] = {}
    for table in TABLES:
        rows = await conn.fetch("select t::text from " + table + " t")  # noqa: S608 - from TABLES
        text = "\n".join(sorted(row[0] for row in rows))
        found[table] = hashlib.sha256(text.encode()).hexdigest()
    return found


async def test_an_export_replayed_gives_the_same_rows(original: Connection) -> None:
    await fill(original)
    lines = io.BytesIO()
    await write_log(original, lines.write)
    before = await digests(original)
    await original.execute("truncate events, blobs cascade")
    await replay_log(original, lines.getvalue().splitlines())
    assert await digests(original) == before
