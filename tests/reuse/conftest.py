"""A service to be reused, and what sources told of it."""

import msgspec
import pytest

from registry.catalogue.actions import put_service
from registry.catalogue.model import ServiceDraft
from registry.db import Connection, Tx, begin
from registry.identity.operator import operator
from registry.reuse.actions import take_over
from tests.catalogue.drafts import draft
from tests.client import ApiClient
from tests.reuse.drafts import BUILDING_FACTS


async def add_service(tx: Tx, slug: str, builder: str) -> None:
    document = draft(slug, builders=[{"organisation": builder}])
    await put_service(tx, slug, msgspec.convert(document, ServiceDraft))


@pytest.fixture
async def services(conn: Connection) -> None:
    """`bauantrag`, built by Mecklenburg-Vorpommern, and `ewa`, built by Hamburg."""
    async with begin(conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
        await add_service(tx, "ewa", "02")


@pytest.fixture
async def api(client: ApiClient, services: None) -> ApiClient:
    """The client over a registry with the two services."""
    return client


@pytest.fixture
async def told(api: ApiClient, conn: Connection) -> ApiClient:
    """The client over a registry that took over what sources told."""
    async with begin(conn, operator()) as tx:
        await take_over(tx, "bauantrag", BUILDING_FACTS)
    return api
