"""SQL of agreements: their revisions, their parties, and who joined them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from registry.agreements.model import (
    Accession,
    AccessionDraft,
    AccessionFacts,
    AccessionLinks,
    Agreement,
    AgreementDraft,
    AgreementFacts,
    AgreementItem,
    AgreementKind,
    AgreementLinks,
    AgreementRecord,
    AgreementStatus,
    NamedParty,
    PartyName,
    RecordedParty,
    UnknownAccession,
    UnknownAgreement,
)
from registry.audit import Moment
from registry.db import Query, Row, Tx, one
from registry.organisations.model import DEMO_STATE
from registry.organisations.names import sort_key


class LastRevision(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement as it was recorded last."""

    revision: int
    document: AgreementDraft
    parties: tuple[RecordedParty, ...]


class LastAccession(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded last of the accession of a body."""

    ordinal: int
    document: AccessionDraft


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is asked for."""

    kind: AgreementKind | None = None
    status: AgreementStatus | None = None
    party: UUID | None = None
    service: str | None = None
    theme: str | None = None
    within: str | None = None
    demo: bool = False

    @property
    def arguments(self) -> tuple[object, ...]:
        return msgspec.structs.astuple(self)


class Listed(msgspec.Struct, frozen=True):
    """An agreement in a list, and its place there."""

    key: tuple[str, str]
    item: AgreementItem


async def hold(tx: Tx, slug: str) -> None:
    """Make changes of one agreement wait for each other, from before its first one."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('agreements/' || $1, 0))", slug)


async def last_revision(db: Query, slug: str) -> LastRevision | None:
    row = await db.fetchrow(
        """
        select r.revision, r.document,
               coalesce((select jsonb_agg(jsonb_build_object(
                             'organisation_id', p.organisation_id, 'key', p.key, 'keys', p.keys,
                             'name', p.name, 'role', p.role) order by p.place)
                         from agreement_parties p
                         where p.slug = r.slug and p.revision = r.revision), '[]') as parties
        from agreement_revisions r where r.slug = $1 order by r.revision desc limit 1
        """,
        slug,
    )
    return one(LastRevision, row)


async def last_accession(db: Query, slug: str, organisation_id: UUID) -> LastAccession | None:
    row = await db.fetchrow(
        """
        select a.ordinal, a.document from agreement_accessions a
        where a.agreement = $1 and a.organisation_id = $2 order by a.ordinal desc limit 1
        """,
        slug,
        organisation_id,
    )
    return one(LastAccession, row)


async def kinds(db: Query, slugs: Sequence[str]) -> dict[str, str]:
    """The kinds of those of the agreements that are recorded."""
    rows = await db.fetch(
        "select slug, kind from agreements_known(null) where slug = any($1)", slugs
    )
    return {row[0]: row[1] for row in rows}


async def require_open(db: Query, slug: str) -> None:
    """Refuse what is no agreement that somebody may join."""
    if (await kinds(db, [slug])).get(slug, "decision") == "decision":
        raise UnknownAgreement(agreement=slug)


async def line(db: Query, slug: str) -> list[str]:
    """An agreement and all those above it."""
    rows = await db.fetch(
        """
        with recursive line as (
            select slug, parent from agreements_known(null) where slug = $1
            union
            select above.slug, above.parent
            from line join agreements_known(null) above on above.slug = line.parent
        )
        select slug from line
        """,
        slug,
    )
    return [row[0] for row in rows]


async def insert_revision(tx: Tx, event_id: UUID, facts: AgreementFacts) -> None:
    """Write one revision with its parties."""
    document = facts.document
    await tx.execute(
        "insert into agreements (slug, event_id) values ($1, $2) on conflict (slug) do nothing",
        document.slug,
        event_id,
    )
    await tx.execute(
        """
        insert into agreement_revisions (slug, revision, kind, parent, document, concluded_by,
                                         begins_on, ends_on, demo, sort_key, event_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        document.slug,
        facts.revision,
        document.kind,
        document.parent,
        document,
        document.concluded_by,
        document.begins_on,
        document.ends_on,
        any((party.key or "").startswith(DEMO_STATE) for party in facts.parties),
        sort_key(document.names.de),
        event_id,
    )
    await tx.executemany(
        """
        insert into agreement_parties (slug, revision, place, organisation_id, key, keys, name,
                                       role, event_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        [
            (document.slug, facts.revision, place, *msgspec.structs.astuple(party), event_id)
            for place, party in enumerate(facts.parties)
        ],
    )


async def insert_accession(tx: Tx, event_id: UUID, facts: AccessionFacts) -> None:
    await tx.execute(
        """
        insert into agreement_accessions (agreement, organisation_id, ordinal, key, keys, name,
                                          begins_on, ends_on, document, event_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        facts.agreement,
        facts.organisation_id,
        facts.ordinal,
        facts.key,
        facts.keys,
        facts.name,
        facts.document.begins_on,
        facts.document.ends_on,
        facts.document,
        event_id,
    )


async def agreement(db: Query, slug: str, at: Moment) -> Agreement:
    """An agreement on a day, as known then; refuses an unknown one."""
    row = await db.fetchrow(
        """
        select r.revision, e.recorded_at, r.event_id, r.document,
               agreement_status(r.concluded_by, r.begins_on, r.ends_on, $2) as status,
               coalesce((select jsonb_agg(jsonb_build_object(
                             'key', p.key, 'name', p.name, 'role', p.role) order by p.place)
                         from agreement_parties p
                         where p.slug = r.slug and p.revision = r.revision), '[]') as parties
        from agreements_known($3) r join events e on e.id = r.event_id
        where r.slug = $1
        """,
        slug,
        at.day,
        at.size,
    )
    if row is None:
        raise UnknownAgreement(agreement=slug)
    document = msgspec.convert(row["document"], AgreementDraft)
    return Agreement(
        **msgspec.structs.asdict(document),
        status=row["status"],
        accessions=tuple(await accessions(db, slug, at.size)),
        record=AgreementRecord(
            revision=row["revision"],
            recorded_at=row["recorded_at"],
            event_id=row["event_id"],
            parties=msgspec.convert(row["parties"], tuple[NamedParty, ...]),
            links=_links(document),
        ),
        as_of=at.day,
        known_at=at.known,
    )


def _links(document: AgreementDraft) -> AgreementLinks:
    return AgreementLinks(
        own=f"/v1/agreements/{document.slug}",
        parent=f"/v1/agreements/{document.parent}" if document.parent else None,
    )


async def accessions(db: Query, slug: str, size: int | None) -> list[Accession]:
    """All accessions to an agreement, in the order of their keys."""
    rows = await db.fetch(
        """
        select a.agreement, a.key, a.name, a.document, e.recorded_at, a.event_id
        from accessions_known($2) a join events e on e.id = a.event_id
        where a.agreement = $1 order by a.key collate "C", a.organisation_id
        """,
        slug,
        size,
    )
    return [_accession(row) for row in rows]


async def accession(db: Query, slug: str, organisation_id: UUID, size: int | None) -> Accession:
    """What is known of the accession of a body; refuses where there is nothing."""
    row = await db.fetchrow(
        """
        select a.agreement, a.key, a.name, a.document, e.recorded_at, a.event_id
        from accessions_known($3) a join events e on e.id = a.event_id
        where a.agreement = $1 and a.organisation_id = $2
        """,
        slug,
        organisation_id,
        size,
    )
    if row is None:
        raise UnknownAccession(agreement=slug)
    return _accession(row)


def _accession(row: Row) -> Accession:
    document = msgspec.convert(row["document"], AccessionDraft)
    slug, key = row["agreement"], row["key"]
    return Accession(
        **msgspec.structs.asdict(document),
        organisation=PartyName(key=key, name=row["name"]),
        recorded_at=row["recorded_at"],
        event_id=row["event_id"],
        links=AccessionLinks(
            own=f"/v1/agreements/{slug}/accessions/{key}",
            agreement=f"/v1/agreements/{slug}",
            organisation=f"/v1/organisations/{key}",
        ),
    )


async def agreements(
    db: Query, wanted: Filters, at: Moment, after: Sequence[Any] | None, limit: int
) -> list[Listed]:
    """The agreements that match, by name; those still to come only when their status is asked."""
    rows = await db.fetch(
        """
        select r.slug, r.sort_key, r.document,
               agreement_status(r.concluded_by, r.begins_on, r.ends_on, $8) as status,
               coalesce((select jsonb_agg(jsonb_build_object(
                             'key', p.key, 'name', p.name, 'role', p.role) order by p.place)
                         from agreement_parties p
                         where p.slug = r.slug and p.revision = r.revision), '[]') as parties,
               (select count(*) from accessions_known($9) a
                where a.agreement = r.slug and holds_on($8, a.begins_on, a.ends_on)) as accessions
        from agreements_matching($1, $2, $3, $4, $5, $6, $7, $8, $9) r
        where $10::text is null or (r.sort_key, r.slug) > ($10 collate "C", $11)
        order by r.sort_key, r.slug limit $12
        """,
        *wanted.arguments,
        at.day,
        at.size,
        *(after or (None, None)),
        limit,
    )
    return [Listed((row["sort_key"], row["slug"]), _item(row)) for row in rows]


async def count(db: Query, wanted: Filters, at: Moment) -> int:
    """How many `agreements` finds in all."""
    return await db.fetchval(
        "select count(*) from agreements_matching($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        *wanted.arguments,
        at.day,
        at.size,
    )


def _item(row: Row) -> AgreementItem:
    document = msgspec.convert(row["document"], AgreementDraft)
    known = msgspec.structs.asdict(document)
    values: dict[str, Any] = {n: known[n] for n in AgreementItem.__struct_fields__ if n in known}
    values["status"] = row["status"]
    values["parties"] = msgspec.convert(row["parties"], tuple[NamedParty, ...])
    values["accessions"] = row["accessions"]
    return AgreementItem(**values, link=f"/v1/agreements/{document.slug}")
