"""SQL of codelists: editions of data sets, and their dated entries."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from registry.audit import Moment
from registry.catalogue.codelists import Codelist, CodelistEntry, CodelistSummary, Portal
from registry.catalogue.model import EditionFacts, UnknownCodelist
from registry.db import Query, Tx, many, one


async def last_editions(db: Query) -> dict[str, tuple[int, bytes]]:
    """By data set the number and SHA-256 of the edition loaded last."""
    rows = await db.fetch(
        """
        select distinct on (dataset) dataset, edition, sha256
        from reference_editions order by dataset, edition desc
        """
    )
    return {row[0]: (row[1], row[2]) for row in rows}


class LoadedEdition(msgspec.Struct, frozen=True):
    """An edition of a data set, and the event it came with."""

    dataset: str
    edition: int
    event_id: UUID


async def editions(db: Query) -> list[LoadedEdition]:
    """All editions of all data sets, in the order of loading."""
    rows = await db.fetch(
        """
        select r.dataset, r.edition, r.event_id
        from reference_editions r join events e on e.id = r.event_id order by e.seq
        """
    )
    return many(LoadedEdition, rows)


async def lock_editions(tx: Tx) -> None:
    """Make loads of reference data wait for each other."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('reference_editions', 0))")


async def content(db: Query, dataset: str, edition: int) -> bytes:
    """The bytes of one edition of a data set."""
    return await db.fetchval(
        """
        select b.content from reference_editions r join blobs b on b.sha256 = r.sha256
        where r.dataset = $1 and r.edition = $2
        """,
        dataset,
        edition,
    )


async def insert_edition(tx: Tx, event_id: UUID, facts: EditionFacts) -> None:
    await tx.execute(
        """
        insert into reference_editions (dataset, edition, sha256, event_id)
        values ($1, $2, $3, $4)
        """,
        facts.dataset,
        facts.edition,
        bytes.fromhex(facts.sha256),
        event_id,
    )


async def insert_entries(
    tx: Tx, codelist: str, edition: int, entries: Sequence[CodelistEntry]
) -> None:
    """Store the entries of one edition of a codelist."""
    await tx.executemany(
        """
        insert into codelist_entries (codelist, edition, place, code, label_de, label_en,
                                      valid_from, valid_to, note, source, properties)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        [(codelist, edition, place, *_columns(entry)) for place, entry in enumerate(entries)],
    )


async def forget_entries(tx: Tx) -> None:
    """Take out all entries, to be made anew; nobody else changes them meanwhile."""
    await tx.execute("lock table codelist_entries in share row exclusive mode")
    await tx.execute("delete from codelist_entries")


def _columns(e: CodelistEntry) -> tuple[object, ...]:
    labels = (e.labels.de, e.labels.en)
    return (e.code, *labels, e.valid_from, e.valid_to, e.note, e.source, e.properties)


async def directory(db: Query, log_size: int | None) -> list[CodelistSummary]:
    """All codelists in their last edition, as recorded in a prefix of the log (None: all)."""
    rows = await db.fetch(
        """
        select k.name, k.edition, k.sha256, k.recorded_at, k.titles,
               (select count(*) from codelist_entries c
                where c.codelist = k.name and c.edition = k.edition) as entries
        from codelists_known($1) k order by k.name
        """,
        log_size,
    )
    return many(CodelistSummary, rows)


async def codelist(db: Query, name: str, at: Moment, *, history: bool) -> Codelist:
    """A codelist with the entries in force on a day, or all with `history`, as known then."""
    row = await db.fetchrow(
        """
        select k.name, k.edition, k.sha256, k.recorded_at, k.titles, $3::date as as_of,
               coalesce((select jsonb_agg(jsonb_build_object(
                                    'code', c.code, 'valid_from', c.valid_from,
                                    'labels',
                                    jsonb_build_object('de', c.label_de, 'en', c.label_en),
                                    'valid_to', c.valid_to, 'note', c.note, 'source', c.source,
                                    'properties', c.properties) order by c.place)
                         from codelist_entries c
                         where c.codelist = k.name and c.edition = k.edition
                           and ($4 or holds_on($3, c.valid_from, c.valid_to))),
                        '[]') as items,
               null as known_at
        from codelists_known($2) k where k.name = $1
        """,
        name,
        at.size,
        at.day,
        history,
    )
    found = one(Codelist, row)
    if found is None:
        raise UnknownCodelist(codelist=name)
    return msgspec.structs.replace(found, known_at=at.known)


async def known_codes(db: Query, wanted: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    """By codelist those of the wanted codes that its last edition has, in force or not."""
    pairs = [(name, code) for name, codes in wanted.items() for code in codes]
    rows = await db.fetch(
        """
        select c.codelist, array_agg(distinct c.code) as codes
        from unnest($1::text[], $2::text[]) as w (codelist, code)
        join codelist_entries c on c.codelist = w.codelist and c.code = w.code
        where c.edition = (select max(r.edition) from reference_editions r
                           where r.dataset = c.codelist)
        group by c.codelist
        """,
        [name for name, _ in pairs],
        [code for _, code in pairs],
    )
    return {row[0]: frozenset(row[1]) for row in rows}


async def portals(db: Query, day: date, log_size: int | None) -> list[Portal]:
    """The portals in force on a day, each with the services it offers then.

    As recorded in a prefix of the log (None: all).
    """
    rows = await db.fetch(
        """
        with offered as materialized (
            select f.value as portal, array_agg(distinct f.slug order by f.slug) as services
            from services_in_force($1, $2) s
            join document_cards d
                on d.kind = 'services' and d.slug = s.slug and d.revision = s.revision
            join document_facets f
                on f.kind = 'services' and f.slug = s.slug and f.revision = s.revision
            where f.facet = 'portal' and not d.demo
              and holds_on($1, f.valid_from, f.valid_to)
            group by f.value
        )
        select c.code as slug, c.label_de, c.label_en, c.valid_from, c.valid_to, c.source,
               c.properties ->> 'operator' as operator, coalesce(o.services, '{}') as services
        from codelists_known($2) k
        join codelist_entries c on c.codelist = k.name and c.edition = k.edition
        left join offered o on o.portal = c.code
        where k.name = 'portals' and holds_on($1, c.valid_from, c.valid_to)
        order by c.place
        """,
        day,
        log_size,
    )
    return many(Portal, rows)
