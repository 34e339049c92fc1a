"""The four roles and the database as SQL: run for the embedded server, printed for another.

And the refusal of a role that row security does not bind.
"""

from registry.db.connections import Query
from registry.errors import SetupProblem

ROLES_SQL = """\
-- The roles and the database of the EfA registry, for PostgreSQL 15 or newer.
-- Run once as an administrator of the server (psql -f), then give each role a password or
-- another way to log in, for instance:  alter role efa_app password '...';
-- An administrator who is no superuser runs  grant efa_owner to current_user;
-- after the four roles are made. Then set EFA_OWNER_URL to a URL of efa_owner,
-- EFA_DATABASE_URL to one of efa_app, and, to keep apart what they may do,
-- EFA_READER_URL and EFA_SEQUENCER_URL.

create role efa_owner login nosuperuser nocreatedb nocreaterole nobypassrls;

create role efa_app login nosuperuser nocreatedb nocreaterole nobypassrls;

create role efa_reader login nosuperuser nocreatedb nocreaterole nobypassrls;

create role efa_sequencer login nosuperuser nocreatedb nocreaterole nobypassrls;

grant efa_app, efa_reader, efa_sequencer to efa_owner;

alter role efa_reader set default_transaction_read_only = on;

create database efa owner efa_owner encoding 'UTF8' template template0;

revoke all on database efa from public;

grant connect, temporary on database efa to efa_app, efa_reader, efa_sequencer;
"""


async def require_bound_role(db: Query) -> None:
    """Refuse a role that could read or change what row security hides: all of it rests on that."""
    role, how = await db.fetchrow(
        """
        select current_user::text,
               case when r.rolsuper then 'is a superuser'
                    when r.rolbypassrls then 'has BYPASSRLS'
                    when exists (
                        select 1 from pg_class c
                        where c.relrowsecurity
                          and pg_has_role(current_user, c.relowner, 'MEMBER'))
                    then 'owns the tables, or may act as who does' end
        from pg_roles r where r.rolname = current_user
        """
    ) or ("", "is unknown")
    if how:
        raise SetupProblem(
            f"The role {role} {how}, so that the database would not keep private rows from it;"
            " EFA_DATABASE_URL and EFA_READER_URL take the roles of `efa migrate --print-roles`."
        )
