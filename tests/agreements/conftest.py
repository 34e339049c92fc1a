"""Services to be reused under agreements."""

import msgspec
import pytest

from registry.catalogue.actions import put_service
from registry.catalogue.model import ServiceDraft
from registry.db import Connection, begin
from registry.identity.operator import operator
from tests.catalogue.drafts import draft
from tests.client import ApiClient


@pytest.fixture
async def api(client: ApiClient, conn: Connection) -> ApiClient:
    """The client over a registry with `bauantrag`, reused under the Dachabkommen, and `ewa`."""
    async with begin(conn, operator()) as tx:
        for document in (
            draft(
                "bauantrag",
                builders=[{"organisation": "13"}],
                theme="bauen_wohnen",
                agreement_basis="dachabkommen",
            ),
            draft("ewa", builders=[{"organisation": "02"}]),
        ):
            await put_service(tx, document["slug"], msgspec.convert(document, ServiceDraft))
    return client
