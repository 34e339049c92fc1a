"""Verbs of sessions: begin one, end one, end all of a person."""

from datetime import timedelta
from uuid import UUID, uuid4

from registry.authority import ADMIN
from registry.db import Database, Tx, begin
from registry.identity import rules
from registry.identity import session_store as store
from registry.identity import store as tokens
from registry.identity.operator import operator
from registry.identity.sign_in_model import NewSession, UnknownPerson
from registry.identity.tokens import digest, new_token
from registry.settings import Settings

ADMIN_MINUTES = 60
"""How long a session with scope `admin` lasts at most."""


async def start_session(database: Database, settings: Settings, new: NewSession, old: str) -> str:
    """A session in place of the one a browser had; its text is known to the browser alone."""
    longest = ADMIN_MINUTES if ADMIN in new.scopes else settings.session_minutes
    text, life = new_token("session"), timedelta(minutes=min(longest, settings.session_minutes))
    async with database.writes.acquire() as conn, begin(conn, operator()) as tx:
        await store.end(tx, digest(old))
        await store.insert(tx, uuid4(), digest(text), new, life)
    return text


async def end_session(database: Database, text: str) -> None:
    """End the session a browser shows."""
    async with database.writes.acquire() as conn, begin(conn, operator()) as tx:
        await store.end(tx, digest(text))


async def end_sessions(tx: Tx, person: str) -> tuple[UUID, int]:
    """End all sessions of a person; returns of which body, and how many went on.

    The person does, or whoever may all that the sessions may.
    """
    found = await store.of_person(tx, person)
    if found is None:
        raise UnknownPerson
    if tx.actor.person != person:
        body = await tokens.body(tx, found.organisation_id)
        rules.require_unlent(tx.actor, body.key)
        rules.require_issuer(tx.actor, str(body.id), body.key, found.scopes)
    return found.organisation_id, await store.end_all(tx, found.organisation_id, person)
