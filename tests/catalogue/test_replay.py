from collections.abc import AsyncIterator

import msgspec
import pytest

from registry.catalogue.actions import load_codelists, load_procedures, put_journey, put_service
from registry.catalogue.model import JourneyDraft, ServiceDraft
from registry.db import Connection, begin, connect
from registry.identity.operator import operator
from registry.organisations import register
from registry.organisations.actions import load_data_set
from registry.settings import Settings
from tests.catalogue.drafts import draft
from tests.replayed import digests, replay_emptied

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
        bodies = register.read_sources(["bodies"])
        await load_data_set(tx, "others", bodies, register.build_others)
        await load_codelists(tx)
        await load_procedures(tx)
        for status in ("pilot", "live"):
            builders = [{"organisation": "fitko"}]
            document = draft("wohngeld", builders=builders, status=status, ozg_ids=["10092"])
            await put_service(tx, "wohngeld", msgspec.convert(document, ServiceDraft))
        other = draft("umzug", builders=[], accounts=[{"account": "bundid"}])
        await put_service(tx, "umzug", msgspec.convert(other, ServiceDraft))
        journey = {"slug": "umzug", "names": {"de": "Umzug"}, "services": ["umzug", "wohngeld"]}
        await put_journey(tx, "umzug", msgspec.convert(journey, JourneyDraft))


async def test_an_export_replayed_gives_the_same_rows(original: Connection) -> None:
    await fill(original)
    before = await digests(original, TABLES)
    await replay_emptied(original)
    assert await digests(original, TABLES) == before
