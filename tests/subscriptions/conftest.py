"""A registry that may call receivers on this host, and one of them."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.settings import Settings
from tests.client import ApiClient
from tests.reuse.conftest import add_service
from tests.subscriptions.receiver import Receiver, receiving


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return msgspec.structs.replace(settings, egress_allowed="127.0.0.0/8")


@pytest.fixture
async def api(client: ApiClient, conn: Connection) -> ApiClient:
    """The client over a registry with two services, built by Mecklenburg-Vorpommern."""
    async with begin(conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
        await add_service(tx, "ewa", "13")
    return client


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running
