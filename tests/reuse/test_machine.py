"""A short run of the ledger against the plain model; `./dev soak ledger` is the long one."""

import msgspec

from registry.settings import Settings
from tests.reuse.driving import driven


def test_the_registry_answers_as_the_plain_model_does(settings: Settings) -> None:
    with driven(msgspec.structs.replace(settings, statement_timeout_ms=60_000)) as drive:
        world = drive(20261130, 4, 50)
    assert world.steps >= 100
    assert world.did["ask list"]
