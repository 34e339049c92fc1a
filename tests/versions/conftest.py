"""The worker processes, as the application has them."""

from collections.abc import AsyncIterator

import pytest

from registry.versions.workers.pool import Workers


@pytest.fixture
async def checker() -> AsyncIterator[Workers]:
    """Worker processes of the test's own, started when they are first asked."""
    pool = Workers(count=1)
    yield pool
    await pool.aclose()
