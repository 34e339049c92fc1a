"""Data sets into tables."""

from collections.abc import Iterator
from uuid import UUID

from registry.db import Tx
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


async def lost_bodies(tx: Tx, data_set: DataSet) -> list[str]:
    """What the bodies are called that the former version of a data set has and this one lacks."""
    rows = await tx.fetch(
        """
        select s.organisation_id, max(s.name) as name
        from organisation_states s
        where s.event_id = (select event_id from organisation_data_sets
                            where name = $1 order by loaded_at desc limit 1)
          and not s.organisation_id = any ($2::uuid[])
        group by s.organisation_id order by 2, 1
        """,
        data_set.name,
        [body.id for body in data_set.bodies],
    )
    return [row["name"] for row in rows]


async def add_data_set(tx: Tx, event_id: UUID, facts: RegisterFacts, data_set: DataSet) -> None:
    """Write all rows of a data set; from now on it answers in place of its former version."""
    await _insert_data_set(tx, event_id, facts)
    new = await _unknown(tx, [body.id for body in data_set.bodies])
    await tx.copy(
        "organisations",
        ("id", "slug", "event_id"),
        [(body.id, body.slug, event_id) for body in data_set.bodies if body.id in new],
    )
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
