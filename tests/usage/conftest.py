"""Services with reuses whose uses are counted."""

import pytest

from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.reuse.actions import take_over
from tests.client import ApiClient
from tests.reuse.conftest import add_service
from tests.reuse.drafts import fact


@pytest.fixture
async def api(client: ApiClient, conn: Connection) -> ApiClient:
    """The client over a registry in which five bodies reuse `bauantrag`, and two `ewa`."""
    async with begin(conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
        await add_service(tx, "ewa", "02")
        live = [fact(key, "live", "2024") for key in ("05", "05315", "05111", "06", "08")]
        await take_over(tx, "bauantrag", live)
        await take_over(tx, "ewa", live[:2])
    return client
