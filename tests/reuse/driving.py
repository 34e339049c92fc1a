"""How the machine is run over a registry: in the tests for a moment, in the soak for long."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import AsyncExitStack, contextmanager

from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as run_settings
from hypothesis.stateful import get_state_machine_test

from registry.audit.sequencer import sequencer_connection
from registry.settings import Settings
from tests.client import open_client
from tests.reuse.machine import LedgerMachine
from tests.reuse.world import World

Drive = Callable[[int, int, int], World]


@contextmanager
def driven(settings: Settings) -> Generator[Drive]:
    """What runs the machine over a registry: a seed, so many runs, so many steps in each."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        world = runner.run(_world(runner, stack, settings))
        machine = type("LedgerMachine", (LedgerMachine,), {"world": world})

        def drive(seeded: int, runs: int, steps: int) -> World:
            seed(seeded)(get_state_machine_test(machine, settings=_settings(runs, steps)))()
            return world

        try:
            yield drive
        finally:
            runner.run(stack.aclose())


def _settings(runs: int, steps: int) -> run_settings:
    return run_settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


async def _world(runner: asyncio.Runner, stack: AsyncExitStack, settings: Settings) -> World:
    api = await stack.enter_async_context(open_client(settings))
    sequencer = await sequencer_connection(settings)
    stack.push_async_callback(sequencer.close)
    return World(runner, api, await api.as_admin(), sequencer)
