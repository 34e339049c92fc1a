"""Whatever became of the derived tables, the history gives them again."""

from registry.cli.projections import show_everything
from registry.db import Connection, begin, connect
from registry.identity.operator import operator
from registry.reuse.actions import take_over
from registry.settings import Settings
from registry.usage.actions import record
from registry.usage.contents import one_row
from registry.usage.model import UsageDraft
from tests.cli.test_rebuild import DIGEST
from tests.reuse.drafts import fact

# What the application may take out again is no history; refused attempts are derived from nothing.
PROJECTIONS = """
select relname from pg_class
where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
  and has_table_privilege('efa_app', oid, 'delete')
  and relname not in ('deliveries', 'delivery_attempts', 'mail_reminders', 'mail_states',
                      'security_log', 'sessions', 'token_uses', 'used_id_tokens')
order by relname
"""
DAMAGE = {
    "codelist_entries": "update codelist_entries set label_de = 'x' where place > 0",
    "document_cards": "update document_cards set valid_to = valid_from, body = '', words = ''",
    "document_facets": "update document_facets set value = 'x' where facet <> 'theme'",
    "procedures": "update procedures set name = 'x', ozg_id = null",
    "reuse_body_spans": "update reuse_body_spans set land = 'x', days = '{}'",
    "reuse_counters": "update reuse_counters set periods = periods + 1",
    "reuse_dwells": "update reuse_dwells set stays = stays + 1",
    "reuse_funnel": "update reuse_funnel set reuses = reuses + 1",
    "reuse_land_counters": "update reuse_land_counters set periods = periods + 1",
    "reuse_land_spans": "update reuse_land_spans set days = '{}'",
    "reuse_past_periods": "update reuse_past_periods set known_until = known_until + 1",
    "reuse_periods": "update reuse_periods set stage = 'ended', valid_to = null",
    "schema_encodings": "update schema_encodings set br = '', gzip = ''",
    "usage_changes": "update usage_changes set started = started + 1",
    "usage_months": "update usage_months set figures = 0",
    "schema_verdicts": "update schema_verdicts set verdict = '{}', decided = false",
}


async def digests(owner: Connection) -> dict[str, tuple[int, str | None]]:
    found: dict[str, tuple[int, str | None]] = {}
    for (name,) in await owner.fetch(PROJECTIONS):
        row = await owner.fetchrow(DIGEST.replace("TABLE", name))
        assert row is not None
        found[name] = (row[0], row[1])
    return found


async def add_what_no_source_tells(conn: Connection) -> None:
    """A use that is counted, and a step after those of the sources, which makes periods past."""
    told = UsageDraft(
        organisation="08", service="digitale-baugenehmigung", month="2024-06", channel="online",
        started=3,
    )  # fmt: skip
    async with begin(conn, operator()) as tx:
        await record(tx, one_row(told), b"")
    async with begin(conn, operator()) as tx:
        await take_over(tx, "digitale-baugenehmigung", [fact("08", "live", "2025-03-01")])


async def test_damaged_and_emptied_projections_are_made_anew(loaded_settings: Settings) -> None:
    owner = await connect(loaded_settings.owner_url)
    conn = await connect(loaded_settings.database_url)
    await add_what_no_source_tells(conn)
    before = await digests(owner)
    assert before.keys() == DAMAGE.keys()
    assert all(count for count, _ in before.values()), before
    for statement in DAMAGE.values():
        await owner.execute(statement)
    damaged = await digests(owner)
    assert [name for name in before if damaged[name] == before[name]] == []
    await show_everything(conn)
    assert await digests(owner) == before
    await owner.execute(f"truncate {', '.join(before)} cascade")
    await show_everything(conn)
    assert await digests(owner) == before
    await conn.close()
    await owner.close()
