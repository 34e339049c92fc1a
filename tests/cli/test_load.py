import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec import structs

from registry.catalogue.actions import put_service
from registry.catalogue.kinds import SERVICES
from registry.catalogue.store.documents import document_on
from registry.cli.load import load, load_all
from registry.cli.reading import UnreadableFiles
from registry.db import Connection, begin, connect
from registry.identity.operator import operator
from registry.resources import folder
from registry.settings import Settings

ROOT = folder("service_specs")
SOUND = "eu-dcc"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A folder with a few of the services."""
    for slug in ("eu-dcc", "ehe-online", "wohngeld-sh"):
        shutil.copytree(ROOT / slug, tmp_path / slug)
    return tmp_path


async def _count(settings: Settings, table: str) -> int:
    owner: Connection = await connect(settings.owner_url)
    try:
        return await owner.fetchval(f"select count(*) from {table}")  # noqa: S608 - our own names
    finally:
        await owner.close()


def _refused(settings: Settings, specs: Path) -> Sequence[str]:
    with pytest.raises(UnreadableFiles) as refused:
        load(settings, folder=specs, demo=False)
    return [str(mistake).removeprefix(f"{specs}/") for mistake in refused.value.mistakes]


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def _touch(specs: Path) -> None:
    for file in specs.rglob("*.yaml"):
        file.write_text(file.read_text() + "\n")


async def test_everything_loads_once(settings: Settings) -> None:
    outcome = await load_all(settings.database_url, None, demo=True)
    assert (outcome.loaded, outcome.unchanged, outcome.mistakes) == (114, 0, [])
    assert await _count(settings, "services") == 78
    assert await _count(settings, "versions") == 30
    events = await _count(settings, "events")
    again = await load_all(settings.database_url, None, demo=True)
    assert (again.loaded, again.unchanged) == (0, 114)
    assert await _count(settings, "events") == events


async def test_two_loads_at_once_load_everything_once(settings: Settings, specs: Path) -> None:
    url = settings.database_url
    both = await asyncio.gather(load_all(url, specs, demo=False), load_all(url, specs, demo=False))
    assert sorted(one.loaded + one.unchanged for one in both) == [3, 3]
    assert sum(one.loaded for one in both) == 3
    assert await _count(settings, "loads") == 3


async def test_without_being_asked_for_there_is_no_fictitious_land(settings: Settings) -> None:
    await load_all(settings.database_url, None, demo=False)
    owner = await connect(settings.owner_url)
    found = await owner.fetchval("select count(*) from organisation_keys where key like '99%'")
    await owner.close()
    assert found == 0


async def test_files_read_anew_add_no_event_but_their_own(settings: Settings, specs: Path) -> None:
    await load_all(settings.database_url, specs, demo=False)
    before = await _count(settings, "events")
    _touch(specs)
    outcome = await load_all(settings.database_url, specs, demo=False)
    assert outcome.loaded == 3
    assert await _count(settings, "events") == before + 3


async def _rename(settings: Settings, text: str) -> None:
    """Change a service as its builder would."""
    conn = await connect(settings.database_url)
    async with begin(conn, operator()) as tx:
        last = await document_on(tx, SERVICES, "ehe-online", tx.today)
        assert last is not None
        names = structs.replace(last.names, de=text)
        await put_service(tx, "ehe-online", structs.replace(last, names=names))
    await conn.close()


async def _name(settings: Settings) -> str:
    owner = await connect(settings.owner_url)
    try:
        return await owner.fetchval(
            """
            select document -> 'names' ->> 'de' from document_revisions
            where slug = 'ehe-online' order by revision desc limit 1
            """
        )
    finally:
        await owner.close()


async def test_a_document_that_did_not_change_is_not_put_over_a_newer_one(
    settings: Settings, specs: Path
) -> None:
    await load_all(settings.database_url, specs, demo=False)
    await _rename(settings, "Die neue Ehe")
    with (specs / "ehe-online" / "reuse.csv").open("a") as file:
        file.write("reuse,06,live,2026-01,since,06,,,https://example.org/,\n")
    outcome = await load_all(settings.database_url, specs, demo=False)
    assert (outcome.loaded, outcome.conflicts) == (1, [])
    assert await _name(settings) == "Die neue Ehe"


async def test_a_changed_document_is_left_out_where_others_changed_the_service(
    settings: Settings, specs: Path
) -> None:
    await load_all(settings.database_url, specs, demo=False)
    before = await _count(settings, "reuse_steps")
    await _rename(settings, "Die neue Ehe")
    document = specs / "ehe-online" / "service.yaml"
    for row in ("06,live,2026-01,since,06", "07,live,2026-01,since,07"):
        document.write_text(document.read_text() + "\n# changed\n")
        with (specs / "ehe-online" / "reuse.csv").open("a") as file:
            file.write(f"reuse,{row},,,https://example.org/,\n")
        outcome = await load_all(settings.database_url, specs, demo=False)
        (conflict,) = outcome.conflicts
        assert str(conflict).startswith(f"{document}:1: the service was changed in the registry")
        assert (outcome.loaded, outcome.failed) == (1, 0)
    assert await _name(settings) == "Die neue Ehe"
    assert await _count(settings, "reuse_steps") == before + 2


async def test_a_changed_document_is_brought_in_where_the_last_came_from_a_load(
    settings: Settings, specs: Path
) -> None:
    await load_all(settings.database_url, specs, demo=False)
    before = await _name(settings)
    _edit(specs / "ehe-online" / "service.yaml", f"de: {before}", "de: Das Ehe-Amt")
    outcome = await load_all(settings.database_url, specs, demo=False)
    assert outcome.conflicts == []
    assert await _name(settings) == "Das Ehe-Amt"


async def test_a_new_row_adds_one_fact(settings: Settings, specs: Path) -> None:
    await load_all(settings.database_url, specs, demo=False)
    before = await _count(settings, "reuse_steps")
    with (specs / "ehe-online" / "reuse.csv").open("a") as file:
        file.write("reuse,06,live,2026-01,since,06,,,https://example.org/,\n")
    await load_all(settings.database_url, specs, demo=False)
    assert await _count(settings, "reuse_steps") == before + 1


async def test_events_of_one_folder_share_a_batch(settings: Settings, specs: Path) -> None:
    await load_all(settings.database_url, specs, demo=False)
    owner = await connect(settings.owner_url)
    rows = await owner.fetch(
        "select count(distinct batch), count(*) from events where batch is not null"
    )
    await owner.close()
    batches, events = rows[0]
    assert batches == 3
    assert events > batches


async def test_a_service_is_recorded_from_the_day_its_files_tell_of(
    settings: Settings, specs: Path
) -> None:
    await load_all(settings.database_url, specs, demo=False)
    owner = await connect(settings.owner_url)
    rows = await owner.fetch("select slug, valid_from::text from document_revisions")
    await owner.close()
    first = {row[0]: row[1] for row in rows}
    assert first["eu-dcc"] == "2021-04-30"
    assert first["wohngeld-sh"] == "2019-12-31"


def test_mistakes_of_all_services_are_told_and_the_others_load(
    settings: Settings, specs: Path
) -> None:
    _edit(specs / "ehe-online" / "service.yaml", "theme: familie_kind", "theme: familie")
    _edit(specs / "wohngeld-sh" / "reuse.csv", "reuse,010020000000,live", "reuse,019999,live")
    _edit(specs / "eu-dcc" / "versions" / "1.0.0" / "version.yaml", "exchanges", "both")
    mistakes = _refused(settings, specs)
    assert [mistake.split(": ", 1)[0] for mistake in mistakes] == [
        "ehe-online/service.yaml:12",
        "eu-dcc/versions/1.0.0/version.yaml:3",
        "wohngeld-sh/reuse.csv:3",
    ]
    shutil.copytree(ROOT / "feuerwerk", specs / "feuerwerk")
    assert len(_refused(settings, specs)) == 3


async def test_a_service_with_a_mistake_leaves_nothing(settings: Settings, specs: Path) -> None:
    await load_all(settings.database_url, specs, demo=False)
    before = await _count(settings, "events")
    _edit(specs / "wohngeld-sh" / "service.yaml", "de: Wohngeld", "de: Das Wohngeld")
    _edit(specs / "wohngeld-sh" / "reuse.csv", ",live,2019-12,", ",rejected,2019-12,")
    _edit(
        specs / "wohngeld-sh" / "reuse.csv", "05,live,2022-09,observed", "05,live,2099-09,observed"
    )
    outcome = await load_all(settings.database_url, specs, demo=False)
    assert outcome.failed == 1
    assert await _count(settings, "events") == before


@pytest.mark.parametrize(
    ("file", "content", "mistake"),
    [
        ("ehe-online/notes.txt", "x", "ehe-online/notes.txt:1: this file is no part of a service"),
        ("ehe-online/service.yaml", "slug: other\nnames: {de: A}\n", "service.yaml:1: the slug is"),
        ("eu-dcc/versions/1.0.0/other.json", "{}", "version.yaml does not name this interface"),
        ("eu-dcc/versions/v2/version.yaml", "", "versions/v2:1: this is no version number"),
        ("wohngeld-sh/reuse.csv", "fact,who\n", "reuse.csv:1: there is no column who"),
    ],
)
def test_what_does_not_belong_is_named(
    settings: Settings, specs: Path, file: str, content: str, mistake: str
) -> None:
    path = specs / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    assert mistake in "\n".join(_refused(settings, specs))


def test_a_schema_with_a_fault_is_named_by_its_line(settings: Settings, specs: Path) -> None:
    schema = specs / "eu-dcc" / "versions" / "1.3.3" / "certificate.json"
    _edit(schema, '"type": "object"', '"type": "objekt"')
    line = next(
        number
        for number, text in enumerate(schema.read_text().splitlines(), start=1)
        if "objekt" in text
    )
    (mistake,) = _refused(settings, specs)
    assert mistake.startswith(f"eu-dcc/versions/1.3.3/certificate.json:{line}: ")
