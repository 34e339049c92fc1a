"""Every statement of a store is valid against the migrated schema; a room writes its own tables."""

import ast
import re
from pathlib import Path

import pytest

import registry
from registry.db import connect
from registry.settings import Settings

PACKAGE = Path(registry.__file__).parent
STATEMENT = re.compile(r"^\s*(select|insert|update|delete|with|merge|truncate)\b")
WRITES = re.compile(
    r"\b(?:insert\s+into|merge\s+into|truncate(?:\s+table)?|delete\s+from|(?<!for )update)"
    r"\s+(?:only\s+)?([a-z_]+)\b"
)
COPIES = re.compile(r"""\.copy\(\s*["']([a-z_]+)["']""")
RESERVED = {"set", "of", "skip", "nothing"}

# Which tables a room's own statements may change; its SQL reads any table of the rooms below it.
OWN_TABLES = {
    "agreements": {
        "agreement_accessions",
        "agreement_parties",
        "agreement_revisions",
        "agreements",
        "distribution_key_editions",
    },
    "audit": {
        "blobs",
        "checkpoints",
        "event_facts",
        "events",
        "log_clock",
        "log_heads",
        "log_late",
        "log_origins",
        "log_tiles",
    },
    "catalogue": {
        "codelist_entries",
        "document_cards",
        "document_facets",
        "document_revisions",
        "procedures",
        "reference_editions",
        "service_builders",
        "services",
    },
    "cli": {"loads"},
    "identity": {
        "delegations",
        "pipeline_ends",
        "pipeline_pins",
        "pipelines",
        "security_log",
        "sessions",
        "sign_in_providers",
        "token_revocations",
        "token_uses",
        "tokens_count_from",
        "tokens",
        "used_id_tokens",
    },
    "organisations": {
        "organisation_data_sets",
        "organisation_keys",
        "organisation_states",
        "organisation_successions",
        "organisations",
    },
    "reuse": {
        "reported_figures",
        "reuse_areas",
        "reuse_body_spans",
        "reuse_counters",
        "reuse_dwells",
        "reuse_funnel",
        "reuse_land_counters",
        "reuse_land_spans",
        "reuse_locks",
        "reuse_notes",
        "reuse_parameters",
        "reuse_past_periods",
        "reuse_periods",
        "reuse_positions",
        "reuse_steps",
        "reuse_voids",
        "reuses",
    },
    "subscriptions": {
        "acknowledgements",
        "deliveries",
        "delivery_attempts",
        "mail_reminders",
        "mail_states",
        "subscription_ends",
        "subscription_position",
        "subscription_states",
        "subscriptions",
    },
    "usage": {"usage_changes", "usage_figures", "usage_months"},
    "versions": {
        "interface_references",
        "schema_encodings",
        "schema_verdicts",
        "version_deprecations",
        "version_interfaces",
        "version_overrides",
        "version_revocations",
        "version_verdicts",
        "versions",
    },
}


def _statements(path: Path) -> list[tuple[int, str]]:
    return [
        (node.lineno, node.value)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and STATEMENT.match(node.value)
    ]


STORES = sorted(
    path for path in PACKAGE.rglob("*.py") if "store" in path.stem or path.parent.name == "store"
)


@pytest.mark.parametrize("path", STORES, ids=lambda path: str(path.relative_to(PACKAGE)))
async def test_every_statement_prepares(path: Path, empty_settings: Settings) -> None:
    conn = await connect(empty_settings.owner_url)
    try:
        for line, statement in _statements(path):
            try:
                await conn.prepare(statement)
            except Exception as error:  # noqa: BLE001 - the test names the place of any failure
                pytest.fail(f"{path.name}:{line}: {error}")
    finally:
        await conn.close()


@pytest.mark.parametrize("path", STORES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_writes_its_own_tables_only(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0]
    written = set(COPIES.findall(path.read_text()))
    for _, statement in _statements(path):
        written |= set(WRITES.findall(statement.lower())) - RESERVED
    assert written <= OWN_TABLES.get(room, set())


@pytest.mark.parametrize(
    "statement",
    [
        "insert into others (a) values (1)",
        "update others set a = 1",
        "delete from only others",
        "merge into others using x on true when matched then do nothing",
        "truncate others",
        "with x as (insert into others (a) values (1)) select 1",
    ],
)
def test_writing_is_recognised_in_every_form(statement: str) -> None:
    assert WRITES.findall(statement) == ["others"]
