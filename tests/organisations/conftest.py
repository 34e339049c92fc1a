"""The data sets as they are derived, once for all tests of this room."""

import pytest

from registry.organisations import register
from registry.organisations.register import DataSet


@pytest.fixture(scope="session")
def territory() -> DataSet:
    return register.build_territory(register.read_sources(register.TERRITORY_FILES))


@pytest.fixture(scope="session")
def others() -> DataSet:
    return register.build_others(register.read_sources(["bodies"]))
