"""A small database, drawn as the large one that is measured."""

import asyncio

import pytest

from bench.national import Size, fill
from registry.settings import Settings

SIZE = Size(services=4, reuses=150, usage=900, seed=7)


@pytest.fixture
def filled(settings: Settings) -> Settings:
    asyncio.run(fill(settings, SIZE, lambda _: None))
    return settings
