"""Data sets into tables."""

from collections.abc import Iterator
from uuid import UUID

import msgspec

from registry.db import Tx, many
from registry.organisations.model import RegisterFacts
from registry.organisations.names import search_text, sort_key
from registry.organisations.register import Body, DataSet, State

_KEYS = ("organisation_id", "key", "level", "valid_from", "valid_to", "event_id")
_STATES = (
    "organisation_id",
    "valid_from",
    "valid_to",
    "name",
    "sort_key",
    "search_text",
    "kind",
    "levels",
    "ags",
    "legal_form",
    "population",
    "population_on",
    "area_km2",
    "postcode",
    "longitude",
    "latitude",
    "event_id",
)
_SUCCESSIONS = (
    "organisation_id",
    "heir_id",
    "effective_on",
    "kind",
    "share",
    "basis",
    "event_id",
)

RowValues = tuple[object, ...]


class LoadedDataSet(msgspec.Struct, frozen=True):
    """A version of a data set: the event it came with, and its content's SHA-256 (32 bytes)."""

    name: str
    event_id: UUID
    content_sha256: bytes


async def lock_data_set(tx: Tx, name: str) -> None:
    """Let loads of one data set wait for each other."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('data set ' || $1, 0))", name)


async def loaded_sources(tx: Tx, name: str) -> bytes | None:
    """The digest of the files the present version of a data set was made from."""
    return await tx.fetchval(
        """
        select sources_sha256 from organisation_data_sets
        where name = $1 order by loaded_at desc limit 1
        """,
        name,
    )


async def data_sets(tx: Tx) -> list[LoadedDataSet]:
    """The present version of each data set."""
    rows = await tx.fetch(
        """
        select distinct on (name) name, event_id, content_sha256 from organisation_data_sets
        order by name, loaded_at desc
        """
    )
    return many(LoadedDataSet, rows)


async def replace_data_set(tx: Tx, event_id: UUID, facts: RegisterFacts, data_set: DataSet) -> None:
    """Write all rows of a data set in place of those of its former version; bodies stay."""
    await _insert_data_set(tx, event_id, facts)
    new = await _unknown(tx, [body.id for body in data_set.bodies])
    await tx.copy(
        "organisations",
        ("id", "slug", "data_set", "event_id"),
        [(b.id, b.slug, data_set.name, event_id) for b in data_set.bodies if b.id in new],
    )
    await show_data_set(tx, event_id, data_set)


async def show_data_set(tx: Tx, event_id: UUID, data_set: DataSet) -> None:
    """Write what the bodies of a data set are, in place of what was written of them before."""
    await _delete_rows(tx, data_set.name)
    await tx.copy("organisation_keys", _KEYS, _key_rows(data_set, event_id))
    await tx.copy("organisation_states", _STATES, _state_rows(data_set, event_id))
    await tx.copy("organisation_successions", _SUCCESSIONS, _succession_rows(data_set, event_id))


async def _insert_data_set(tx: Tx, event_id: UUID, facts: RegisterFacts) -> None:
    await tx.execute(
        """
        insert into organisation_data_sets
            (event_id, name, territory_date, sources_sha256, content_sha256, loaded_at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        event_id,
        facts.data_set,
        facts.territory_date,
        bytes.fromhex(facts.sources),
        bytes.fromhex(facts.content),
        tx.now,
    )


async def _delete_rows(tx: Tx, name: str) -> None:
    await tx.execute(
        """
        delete from organisation_successions
        where organisation_id in (select id from organisations where data_set = $1)
        """,
        name,
    )
    await tx.execute(
        """
        delete from organisation_states
        where organisation_id in (select id from organisations where data_set = $1)
        """,
        name,
    )
    await tx.execute(
        """
        delete from organisation_keys
        where organisation_id in (select id from organisations where data_set = $1)
        """,
        name,
    )


async def _unknown(tx: Tx, ids: list[UUID]) -> set[UUID]:
    rows = await tx.fetch(
        """
        select given.id from unnest($1::uuid[]) as given (id)
        where not exists (select 1 from organisations o where o.id = given.id)
        """,
        ids,
    )
    return {row[0] for row in rows}


def _key_rows(data_set: DataSet, event_id: UUID) -> Iterator[RowValues]:
    for body in data_set.bodies:
        for key in body.keys:
            yield (body.id, key.key, key.level, key.since, key.until, event_id)


def _state_rows(data_set: DataSet, event_id: UUID) -> Iterator[RowValues]:
    for body in data_set.bodies:
        for state in body.states:
            yield _state_row(body, state, event_id)


def _state_row(body: Body, state: State, event_id: UUID) -> RowValues:
    return (
        body.id,
        state.since,
        state.until,
        state.name,
        sort_key(state.name),
        search_text(state.name, state.also_known_as, body.slug or ""),
        state.kind,
        state.levels,
        state.ags,
        state.legal_form,
        state.population,
        state.population_on,
        state.area_km2,
        state.postcode,
        state.longitude,
        state.latitude,
        event_id,
    )


def _succession_rows(data_set: DataSet, event_id: UUID) -> Iterator[RowValues]:
    for body in data_set.bodies:
        for gone in body.successions:
            yield (body.id, gone.heir, gone.on, gone.kind, gone.share, gone.basis, event_id)
