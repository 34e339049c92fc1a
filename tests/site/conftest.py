"""The application over everything `efa serve` loads, opened once for all pages."""

from collections.abc import AsyncIterator

import pytest

from registry.settings import Settings
from tests.client import ApiClient, open_client


@pytest.fixture
async def loaded(loaded_settings: Settings) -> AsyncIterator[ApiClient]:
    async with open_client(loaded_settings) as opened:
        yield opened
