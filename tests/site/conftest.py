"""The application over everything that can be loaded, opened once for the tests of a file."""

from collections.abc import AsyncIterator

import pytest

from registry.settings import Settings
from tests.client import ApiClient, open_client


@pytest.fixture(scope="module")
async def shown(demo_settings: Settings) -> AsyncIterator[ApiClient]:
    async with open_client(demo_settings, sequencing=True) as opened:
        yield opened
