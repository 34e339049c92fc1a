"""An exported log gives the same versions again."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from msgspec.structs import replace

from registry.catalogue.actions import put_service
from registry.catalogue.model import ServiceDraft
from registry.db import Connection, begin, connect
from registry.identity.operator import operator
from registry.impact.actions import deprecate, revoke
from registry.impact.model import DeprecationDraft, RevocationDraft
from registry.settings import Settings
from registry.versions.actions import publish
from registry.versions.model import (
    InterfaceDraft,
    InvalidVersion,
    Override,
    VersionDraft,
    VersionNotes,
)
from registry.versions.preparing import Release, prepare
from registry.versions.workers.pool import Workers
from tests.catalogue.drafts import draft
from tests.replayed import digests, replay_emptied
from tests.versions.published import leave_undecided

TABLES = (
    "versions",
    "version_interfaces",
    "interface_references",
    "version_deprecations",
    "version_revocations",
    "version_verdicts",
    "schema_encodings",
)


@pytest.fixture
async def original(empty_settings: Settings) -> AsyncIterator[Connection]:
    conn = await connect(empty_settings.owner_url)
    yield conn
    await conn.close()


async def fill(conn: Connection, checker: Workers) -> None:
    """A service with two versions, of which the second refers to the first."""
    async with begin(conn, operator()) as tx:
        document = draft("wohngeld", builders=[])
        await put_service(tx, "wohngeld", msgspec.convert(document, ServiceDraft))
        for number, text in (
            ("1.0.0", '{"minLength": 1}'),
            ("1.1.0", '{"$ref": "efa:wohngeld/1.0.0/antrag"}'),
        ):
            interface = InterfaceDraft(direction="accepts", schema_text=text)
            version = VersionDraft(
                interfaces={"antrag": interface}, notes=VersionNotes(summary=number)
            )
            release = Release(
                service="wohngeld", version=number, draft=version, texts={"antrag": text.encode()}
            )
            await publish(tx, await prepare(tx, tx.actor, release, checker))


async def test_a_reference_revoked_after_preparing_is_refused_when_publishing(
    original: Connection, checker: Workers
) -> None:
    await fill(original, checker)
    text = '{"$ref": "efa:wohngeld/1.0.0/antrag"}'
    interface = InterfaceDraft(direction="accepts", schema_text=text)
    version = VersionDraft(interfaces={"antrag": interface})
    release = Release(
        service="wohngeld", version="2.0.0", draft=version, texts={"antrag": text.encode()}
    )
    async with begin(original, operator()) as tx:
        prepared = await prepare(tx, tx.actor, release, checker)
        await revoke(tx, "wohngeld", "1.0.0", RevocationDraft(reason="Falsche Beträge."))
        with pytest.raises(InvalidVersion) as refused:
            await publish(tx, prepared)
    assert [fault.rule for fault in refused.value.faults] == ["reference-revoked"]


async def test_an_export_replayed_gives_the_same_rows(
    original: Connection, checker: Workers
) -> None:
    await fill(original, checker)
    async with begin(original, operator()) as tx:
        await deprecate(tx, "wohngeld", "1.0.0", DeprecationDraft(note="Es gibt 1.1.0."))
        await revoke(tx, "wohngeld", "1.1.0", RevocationDraft(reason="Falsche Beträge."))
    before = await digests(original, TABLES)
    assert await original.fetchval("select count(*) from interface_references") == 1
    await replay_emptied(original)
    assert await digests(original, TABLES) == before


async def test_what_a_person_vouched_for_is_replayed(
    original: Connection, checker: Workers
) -> None:
    await fill(original, checker)
    text = '{"minLength": 2}'
    fingerprint = await leave_undecided(original, '{"minLength": 1}', text)
    override = Override(
        interface="antrag", version="1.0.0", fingerprint=fingerprint, reason="Geprüft."
    )
    interface = InterfaceDraft(direction="accepts", schema_text=text)
    version = VersionDraft(interfaces={"antrag": interface}, overrides=[override])
    release = Release(
        service="wohngeld", version="1.2.0", draft=version, texts={"antrag": text.encode()}
    )
    async with begin(original, replace(operator(), person="p-1")) as tx:
        await revoke(tx, "wohngeld", "1.1.0", RevocationDraft(reason="Falsche Beträge."))
        await publish(tx, await prepare(tx, tx.actor, release, checker))
    before = await digests(original, ["version_overrides"])
    await replay_emptied(original)
    assert await digests(original, ["version_overrides"]) == before
