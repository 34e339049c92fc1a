"""History tables: all of them are known, and none is changed by accident, not even by the owner."""

import asyncpg
import pytest

from registry.db import connected
from registry.settings import Settings
from tests.audit.signed import grow

# Every table of the schema is one of these. History is only added to; what is derived can be made
# anew from it; the rest serves the running of the program.
HISTORY = {
    "acknowledgements",
    "distribution_key_editions",
    "agreement_accessions",
    "agreement_parties",
    "agreement_revisions",
    "agreements",
    "blobs",
    "delegations",
    "checkpoints",
    "document_revisions",
    "event_facts",
    "events",
    "interface_references",
    "loads",
    "log_heads",
    "log_origins",
    "log_tiles",
    "organisation_data_sets",
    "organisation_keys",
    "organisation_states",
    "organisation_successions",
    "organisations",
    "reference_editions",
    "pipeline_ends",
    "pipeline_pins",
    "pipelines",
    "reported_figures",
    "reuse_areas",
    "reuse_notes",
    "reuse_parameters",
    "reuse_positions",
    "reuse_steps",
    "reuse_voids",
    "reuses",
    "service_builders",
    "services",
    "sign_in_providers",
    "subscription_ends",
    "subscriptions",
    "token_revocations",
    "tokens",
    "usage_figures",
    "version_deprecations",
    "version_interfaces",
    "version_overrides",
    "version_revocations",
    "version_verdicts",
    "versions",
}
DERIVED = {
    "codelist_entries",
    "document_cards",
    "document_facets",
    "log_late",
    "procedures",
    "reuse_body_spans",
    "reuse_counters",
    "reuse_dwells",
    "reuse_funnel",
    "reuse_land_counters",
    "reuse_land_spans",
    "reuse_past_periods",
    "reuse_periods",
    "schema_encodings",
    "schema_verdicts",
    "usage_changes",
    "usage_months",
}
SERVING = {
    "deliveries",
    "delivery_attempts",
    "log_clock",
    "mail_reminders",
    "mail_states",
    "migrations",
    "reuse_locks",
    "security_log",
    "sessions",
    "subscription_position",
    "subscription_states",
    "token_uses",
    "tokens_count_from",
    "used_id_tokens",
}

TABLES = """
select c.relname from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
"""
GUARDED = """
select c.relname from pg_trigger t join pg_class c on c.oid = t.tgrelid
where t.tgname in ('history_row', 'history_whole') and t.tgenabled <> 'D' and not c.relispartition
group by c.relname having count(*) = 2
"""


async def test_every_table_is_known_and_all_history_is_guarded(empty_settings: Settings) -> None:
    """A new history table needs `call efa_keep_history('…')` in its migration."""
    async with connected(empty_settings.owner_url) as owner:
        assert {row[0] for row in await owner.fetch(TABLES)} == HISTORY | DERIVED | SERVING
        assert {row[0] for row in await owner.fetch(GUARDED)} == HISTORY


@pytest.mark.parametrize("role", ["efa_app", "efa_reader", "efa_sequencer"])
async def test_no_role_but_the_owner_may_change_history(
    empty_settings: Settings, role: str
) -> None:
    async with connected(empty_settings.owner_url) as owner:
        for table in HISTORY:
            for right in ("update", "delete", "truncate"):
                assert not await owner.fetchval(
                    "select has_table_privilege($1, $2::regclass, $3)", role, table, right
                ), (table, right)


@pytest.mark.parametrize(
    "statement",
    [
        "update events set subject = 'x'",
        "update events set leaf_idx = 7 where leaf_idx = 1",
        "update events set leaf_idx = null",
        "update events set seq = default",
        "delete from events where leaf_idx = 1",
        "update event_facts set facts = ''",
        "delete from event_facts",
        "delete from checkpoints",
        "update log_heads set note = ''",
        "delete from log_tiles",
        "truncate log_tiles",
        "truncate usage_figures",
        "truncate events cascade",
    ],
)
async def test_a_slip_of_the_owner_changes_nothing(
    empty_settings: Settings, statement: str
) -> None:
    await grow(empty_settings, 257)
    async with connected(empty_settings.owner_url) as owner:
        with pytest.raises(asyncpg.PostgresError, match="history is never changed"):
            await owner.execute(statement)
        async with owner.transaction():
            await owner.execute("set local efa.history = 'open'")
            await owner.execute("delete from event_facts")
        assert await owner.fetchval("select count(*) from event_facts") == 0
