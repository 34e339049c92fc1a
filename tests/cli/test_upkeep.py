"""`efa outdated` and `efa can-i-retire` against a running registry."""

import asyncio
import json

from registry.cli import upkeep
from registry.compatibility.rules import Language
from registry.impact.todo.finding import untold
from registry.settings import Settings
from tests.cli.typed import Efa
from tests.client import open_client
from tests.impact.test_todo import world
from tests.live import live_server


async def prepared(settings: Settings) -> tuple[str, str]:
    async with open_client(settings) as client:
        await world(client)
        return (
            (await client.as_body("05315", "reuse")).token,
            (await client.as_body("01", "publish:*")).token,
        )


def test_outdated_and_can_i_retire_as_typed(settings: Settings, typed: Efa) -> None:
    koeln, builder = asyncio.run(prepared(settings))
    with live_server(settings) as address:
        env = {"EFA_REGISTRY_URL": address, "EFA_TOKEN": koeln}
        told = typed("outdated", "--lang", "en", env=env)
        assert told.code == 0, told.err
        assert "OPEN wohngeld-sh 1.0.0 · Köln" in told.out
        assert "newest version: 2.0.0\n    compatible up to: 1.1.0\n" in told.out
        assert "EFA-REQ" in told.out
        assert typed("outdated", "--fail-on", "open", env=env).code == 1
        as_json = typed("outdated", "--format", "json", env=env)
        assert json.loads(as_json.out)["items"][0]["move"]["breaking"] == 1
        assert typed("outdated", "--within", "99x", env=env).code == 2
        left = typed(
            "can-i-retire",
            "wohngeld-sh",
            "1.0.0",
            "--lang",
            "en",
            env={**env, "EFA_TOKEN": builder},
        )
        assert left.code == 1
        assert "05315" in left.out
        assert "Missing: an announced end." in left.out
        free = typed("can-i-retire", "wohngeld-sh", "2.0.0", env=env)
        assert free.code == 0
        assert typed("can-i-retire", "wohngeld-sh", "9.9.9", env=env).code == 2
        assert typed("outdated", env={**env, "EFA_TOKEN": "efa_" + "x" * 43}).code == 3


def test_a_way_nobody_could_look_at_is_not_called_free_of_breaks() -> None:
    """Workers may be busy; that says nothing of what changes."""
    words: dict[Language, str] = {
        "de": "ließ sich jetzt nicht sagen",
        "en": "could not be told now",
    }
    for language, said in words.items():
        lines = list(upkeep.move_lines(untold("hundesteuer", "1.0.0", "2.0.0"), language))
        assert (len(lines), said in lines[0]) == (1, True)
