import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.db import begin, connect
from registry.identity.operator import operator
from registry.settings import Settings
from tests.cli.typed import Efa
from tests.client import open_client
from tests.live import live_server
from tests.reuse.conftest import add_service

REUSES = "Stelle;Dienst;Stufe;Datum\n05315;bauantrag;live;2024\n05111;bauantrag;{};2024\n"
COUNTS = "Stelle;Dienst;Monat;Kanal;Begonnen\n05315;bauantrag;2024-05;online;{}\n"


async def prepare(settings: Settings) -> str:
    """A service to be reused; returns a token of Nordrhein-Westfalen."""
    conn = await connect(settings.database_url)
    async with begin(conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
    await conn.close()
    async with open_client(settings) as client:
        return (await client.as_body("05", "reuse", "usage")).token


@pytest.fixture
def environment(settings: Settings) -> Iterator[dict[str, str]]:
    """A running registry, and a token for it."""
    token = asyncio.run(prepare(settings))
    with live_server(settings) as address:
        yield {"EFA_REGISTRY_URL": address, "EFA_TOKEN": token}


def test_files_of_reuses_and_counts_are_brought_in(
    typed: Efa, environment: dict[str, str], tmp_path: Path
) -> None:
    reuses, counts = tmp_path / "reuses.csv", tmp_path / "counts.csv"
    reuses.write_text(REUSES.format("pilot"))
    counts.write_text(COUNTS.format("12"))
    done = typed("reuse", "import", reuses, env=environment)
    assert (done.code, done.out[:40]) == (0, "Rows recorded: 2; recorded like that bef"), done.err
    assert "sending reuses.csv" in done.err
    again = typed("reuse", "import", reuses, "--lang", "de", env=environment)
    assert again.out.startswith("Zeilen neu verzeichnet: 0; schon so verzeichnet: 2")
    counted = typed("usage", "import", counts, env=environment)
    assert (counted.code, counted.out[:15]) == (0, "Figures read: 1"), counted.err


def test_bad_rows_are_told_by_line_and_column(
    typed: Efa, environment: dict[str, str], tmp_path: Path
) -> None:
    reuses, counts = tmp_path / "reuses.csv", tmp_path / "counts.csv"
    reuses.write_text(REUSES.format("fertig"))
    counts.write_text(COUNTS.format("1.000"))
    refused = typed("reuse", "import", reuses, env=environment)
    assert (refused.code, refused.out) == (2, "")
    assert f"{reuses}, line 3, column Stufe: " in refused.err
    assert typed("usage", "import", counts, env=environment).code == 2


def test_what_is_no_table_no_registry_or_not_allowed_ends_as_the_others_do(
    typed: Efa, environment: dict[str, str], tmp_path: Path
) -> None:
    table, text = tmp_path / "reuses.csv", tmp_path / "reuses.txt"
    table.write_text(REUSES.format("pilot"))
    text.write_text("")
    assert typed("reuse", "import", text, env=environment).code == 2
    assert typed("reuse", "import", tmp_path / "none.csv", env=environment).code == 2
    stranger = environment | {"EFA_TOKEN": "efa_" + "x" * 43}
    assert typed("reuse", "import", table, env=stranger).code == 3
    nowhere = environment | {"EFA_REGISTRY_URL": "http://127.0.0.1:1"}
    assert typed("reuse", "import", table, env=nowhere).code == 3
