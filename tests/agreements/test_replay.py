import msgspec

from registry.agreements import actions
from registry.agreements.model import AccessionDraft, AgreementDraft
from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.reuse.actions import start
from registry.reuse.model import ReuseDraft
from tests.agreements.drafts import contract, framework
from tests.client import ApiClient
from tests.replayed import digests, replay_emptied
from tests.reuse.drafts import reuse

TABLES = (
    "agreements",
    "agreement_revisions",
    "agreement_parties",
    "agreement_accessions",
    "distribution_key_editions",
    "reuse_steps",
    "reuse_periods",
)


async def fill(conn: Connection) -> None:
    """A framework that is corrected, one that joins it, a contract below it, and what it covers."""
    async with begin(conn, operator()) as tx:
        for document in (
            framework("05"),
            framework("05", "13", note="berichtigt"),
            contract("vertrag", "05", "13", services=["bauantrag"]),
        ):
            draft = msgspec.convert(document, AgreementDraft)
            await actions.put_agreement(tx, draft.slug, draft)
        for until in (None, "2024"):
            joined = AccessionDraft(valid_from="2022", valid_to=until)
            await actions.put_accession(tx, "rahmen", "06", joined)
        covered = msgspec.convert(reuse("05315"), ReuseDraft)
        await start(tx, covered)
    assert await conn.fetchval("select agreement from reuse_steps") == "vertrag"


async def test_an_export_replayed_gives_the_same_rows(
    api: ApiClient, conn: Connection, owner: Connection
) -> None:
    await fill(conn)
    before = await digests(owner, TABLES)
    await replay_emptied(owner)
    assert await digests(owner, TABLES) == before
