import msgspec

from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.reuse import actions
from registry.reuse.figures import FigureDraft
from registry.reuse.model import CorrectionDraft, NoteDraft, ReuseDraft, StepDraft, VoidDraft
from registry.reuse.store import ledger as store
from tests.client import ApiClient
from tests.replayed import digests, replay_emptied
from tests.reuse.drafts import BUILDING_FACTS, reuse

TABLES = (
    "reuses",
    "reuse_steps",
    "reuse_areas",
    "reuse_voids",
    "reuse_notes",
    "reuse_past_periods",
    "reuse_periods",
    "reported_figures",
)


async def fill(conn: Connection) -> None:
    """One of everything that can be recorded, by the body itself, its Land and the operator."""
    async with begin(conn, operator()) as tx:
        await actions.take_over(tx, "bauantrag", BUILDING_FACTS)
        await actions.record_figures(
            tx,
            [
                FigureDraft(
                    subject="Behörden", subject_kind="count", measure="authorities", value="452",
                    service="bauantrag", as_of="2024-06", source="https://example.org",
                )
            ],
        )  # fmt: skip
        first = msgspec.convert(reuse("05315", stage="interest"), ReuseDraft)
        reuse_id = (await actions.start(tx, first)).reuse_id
        await actions.step(tx, reuse_id, StepDraft(stage="live", date="2024", back_end="form"))
        await actions.note(tx, reuse_id, NoteDraft(kind="remark", text="läuft"))
        steps = (await store.ledger(tx, reuse_id)).steps
        right = CorrectionDraft(stage="pilot", date="2024", reason="nur Pilot")
        await actions.correct(tx, reuse_id, steps[1].id, right)
        await actions.void(tx, reuse_id, steps[0].id, VoidDraft(reason="nie bekundet"))


async def test_an_export_replayed_gives_the_same_rows(
    api: ApiClient, conn: Connection, owner: Connection
) -> None:
    await fill(conn)
    before = await digests(owner, TABLES)
    await replay_emptied(owner)
    assert await digests(owner, TABLES) == before
