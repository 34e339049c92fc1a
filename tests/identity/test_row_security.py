"""The second wall: private rows are hidden by the database itself, from a role it does bind."""

from collections.abc import Iterator

import asyncpg
import pytest

from registry.db import Connection, connect
from registry.db.embedded import EmbeddedPostgres
from registry.db.roles import require_bound_role
from registry.errors import SetupProblem
from registry.settings import Settings
from tests.client import open_client

# Tables with rows that not everybody may see. Whoever adds a table says here or below which it is.
PRIVATE = {
    "acknowledgements",
    "deliveries",
    "delivery_attempts",
    "event_facts",
    "events",
    "mail_reminders",
    "mail_states",
    "pipeline_ends",
    "pipeline_pins",
    "pipelines",
    "reuse_areas",
    "reuse_notes",
    "reuse_parameters",
    "reuse_past_periods",
    "reuse_periods",
    "reuse_positions",
    "reuse_steps",
    "reuse_voids",
    "reuses",
    "security_log",
    "sessions",
    "subscription_ends",
    "subscription_states",
    "subscriptions",
    "token_revocations",
    "token_uses",
    "tokens",
}
# Tables the application has no right to: their rows need no policy.
UNREACHABLE: set[str] = set()
# Views that look past row security on purpose: what they show names neither body nor stage.
OWNERS_VIEWS = {"reuse_ledger", "reuse_note_ledger", "reuse_position_ledger"}


async def test_every_private_table_has_forced_row_security(owner: Connection) -> None:
    rows = await owner.fetch(
        "select relname, relforcerowsecurity from pg_class"
        " where relrowsecurity and relnamespace = 'public'::regnamespace"
    )
    assert {row[0] for row in rows} == PRIVATE
    assert all(row[1] for row in rows)


async def test_what_refers_to_private_rows_is_private_too(owner: Connection) -> None:
    """A table with a foreign key to private rows could tell of them."""
    rows = await owner.fetch(
        """
        select c.conrelid::regclass::text, c.confrelid::regclass::text
        from pg_constraint c
        where c.contype = 'f' and c.confrelid::regclass::text in
              ('reuses', 'reuse_steps', 'tokens', 'event_facts')
        """
    )
    # Figures are told of reuses of which something is public, see `usage`.
    told = {row[0] for row in rows if not row[0].startswith("usage_figures")}
    assert told - PRIVATE == set()


async def test_every_view_asks_as_its_reader_or_is_known_not_to(owner: Connection) -> None:
    rows = await owner.fetch(
        """
        select relname from pg_class
        where relkind = 'v' and relnamespace = 'public'::regnamespace
          and not coalesce(reloptions @> array['security_invoker=true'], false)
        """
    )
    assert {row[0] for row in rows} == OWNERS_VIEWS


async def test_every_function_with_the_owners_rights_is_bound_to_our_schema(
    owner: Connection,
) -> None:
    rows = await owner.fetch(
        """
        select proname, proconfig from pg_proc
        where prosecdef and pronamespace = 'public'::regnamespace
        """
    )
    assert rows
    loose = [row[0] for row in rows if "search_path=public" not in (row[1] or [])]
    assert loose == []


@pytest.mark.parametrize("role", ["database_url", "reader_url"])
async def test_without_a_body_no_private_row_is_seen(settings: Settings, role: str) -> None:
    async with open_client(settings) as client:
        koeln = await client.as_body("05315", "reuse")
        await koeln.post("/v1/tokens", json={"scopes": ["read"]})
        await koeln.post("/v1/tokens", json={"scopes": ["usage"]})
    owner, conn = await connect(settings.owner_url), await connect(getattr(settings, role))
    try:
        for table in ("tokens", "security_log", "token_uses"):
            assert await owner.fetchval("select count(*) from " + table), table  # noqa: S608
            try:
                seen = await conn.fetchval("select count(*) from " + table)  # noqa: S608
            except asyncpg.InsufficientPrivilegeError:
                seen = 0
            assert seen == 0, table
    finally:
        await owner.close()
        await conn.close()


async def test_the_digest_of_a_token_is_found_by_the_application_only(settings: Settings) -> None:
    reader = await connect(settings.reader_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.fetch("select * from token_holders(array['\\x00'::bytea])")
    finally:
        await reader.close()


async def test_the_roles_of_the_application_are_bound(settings: Settings) -> None:
    for url in (settings.database_url, settings.reader_url):
        conn = await connect(url)
        await require_bound_role(conn)
        await conn.close()


@pytest.mark.parametrize("role", ["owner", "superuser", "bypassrls", "member"])
async def test_the_application_does_not_start_as_who_could_pass_the_wall(
    cluster: EmbeddedPostgres, settings: Settings, role: str
) -> None:
    database = settings.database_url.rpartition("/")[2].partition("?")[0]
    admin = await connect(cluster.dsn("postgres", database))
    await admin.execute("drop role if exists over, past, within")
    await admin.execute("create role past login bypassrls")
    await admin.execute("create role within login in role efa_owner")
    name = {"owner": "efa_owner", "superuser": "postgres", "bypassrls": "past"}.get(role, "within")
    for other in ("past", "within"):
        await admin.execute(f"grant select on migrations to {other}")
    try:
        for field in ("database_url", "reader_url"):
            wrong = {field: cluster.dsn(name, database)}
            with pytest.raises((SetupProblem, BaseExceptionGroup)) as refused:
                async with open_client(_with(settings, wrong)):
                    pass
            assert "would not keep private" in " ".join(_texts(refused.value))
    finally:
        await admin.execute("drop owned by past, within")
        await admin.execute("drop role past, within")
        await admin.close()


def _texts(error: BaseException) -> Iterator[str]:
    yield str(error)
    inner: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    for each in inner:
        yield from _texts(each)


def _with(settings: Settings, fields: dict[str, str]) -> Settings:
    import msgspec

    return msgspec.structs.replace(settings, **fields)
