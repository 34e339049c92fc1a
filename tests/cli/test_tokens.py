import asyncio
from collections.abc import Iterator

import pytest

from registry.identity.tokens import well_formed
from registry.settings import Settings
from tests.cli.typed import Efa
from tests.client import open_client
from tests.live import live_server


async def _token(settings: Settings) -> str:
    async with open_client(settings) as client:
        return (await client.as_body("05315", "reuse", "usage")).token


@pytest.fixture
def environment(settings: Settings) -> Iterator[dict[str, str]]:
    """A running registry, and a token of Köln for it."""
    token = asyncio.run(_token(settings))
    with live_server(settings) as address:
        yield {"EFA_REGISTRY_URL": address, "EFA_TOKEN": token}


def test_a_token_is_issued_listed_used_and_taken_back(
    typed: Efa, environment: dict[str, str]
) -> None:
    given = ["--scope", "usage", "--days", "7", "--note", "Fallzahlen"]
    made = typed("token", "create", *given, env=environment)
    token = made.out.strip()
    assert (made.code, well_formed(token)) == (0, True), made.err
    assert made.err.startswith("token ") or made.err.startswith("Token ")
    listed = typed("token", "list", "--lang", "de", env=environment)
    (line,) = [line for line in listed.out.splitlines() if "Fallzahlen" in line]
    assert token not in listed.out
    own = environment | {"EFA_TOKEN": token}
    assert typed("token", "list", env=own).code == 0
    refused = typed("token", "create", "--scope", "reuse", env=own)
    assert (refused.code, refused.out) == (3, "")
    done = typed("token", "revoke", line.split()[0], env=environment)
    assert (done.code, line.split()[0] in done.out) == (0, True)
    assert "Fallzahlen" not in typed("token", "list", env=environment).out
    assert "Fallzahlen" in typed("token", "list", "--all", env=environment).out


def test_a_wrong_wish_is_told_with_its_place(typed: Efa, environment: dict[str, str]) -> None:
    refused = typed("token", "create", "--scope", "usage", "--days", "91", env=environment)
    assert (refused.code, refused.out) == (2, "")
    assert "/days" in refused.err
    unknown = "00000000-0000-4000-8000-000000000000"
    assert typed("token", "revoke", unknown, env=environment).code == 2
    assert typed("token", "revoke", "x", env=environment).code == 2
