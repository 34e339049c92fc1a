"""SQL of codelists: editions of data sets, and their dated entries."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

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


def _columns(e: CodelistEntry) -> tuple[object, ...]:
    labels = (e.labels.de, e.labels.en)
    return (e.code, *labels, e.valid_from, e.valid_to, e.note, e.source, e.properties)


async def directory(db: Query) -> list[CodelistSummary]:
    """All codelists in their last edition."""
    rows = await db.fetch(
        """
        select distinct on (r.dataset)
               r.dataset as name, r.edition, encode(r.sha256, 'hex') as sha256, e.recorded_at,
               coalesce((select jsonb_build_object('de', t.label_de, 'en', t.label_en)
                         from codelist_entries t
                         where t.codelist = 'codelists' and t.code = r.dataset
                         order by t.edition desc limit 1),
                        jsonb_build_object('de', r.dataset)) as titles,
               (select count(*) from codelist_entries c
                where c.codelist = r.dataset and c.edition = r.edition) as entries
        from reference_editions r join events e on e.id = r.event_id
        where exists (select 1 from codelist_entries c
                      where c.codelist = r.dataset and c.edition = r.edition)
        order by r.dataset, r.edition desc
        """
    )
    return many(CodelistSummary, rows)


async def codelist(
    db: Query, name: str, day: date | None, log_size: int | None, *, history: bool
) -> Codelist:
    """A codelist with the entries in force on a day (null: today), or all with `history`.

    Read from its last edition in a prefix of the log (null: all).
    """
    row = await db.fetchrow(
        """
        select r.dataset as name, r.edition, encode(r.sha256, 'hex') as sha256, e.recorded_at,
               coalesce((select jsonb_build_object('de', t.label_de, 'en', t.label_en)
                         from codelist_entries t
                         join reference_editions named
                             on named.dataset = t.codelist and named.edition = t.edition
                         join events n on n.id = named.event_id
                         where t.codelist = 'codelists' and t.code = r.dataset
                           and ($3::bigint is null or n.leaf_idx < $3)
                         order by t.edition desc limit 1),
                        jsonb_build_object('de', r.dataset)) as titles,
               coalesce((select jsonb_agg(jsonb_build_object(
                                    'code', c.code, 'valid_from', c.valid_from,
                                    'labels',
                                    jsonb_build_object('de', c.label_de, 'en', c.label_en),
                                    'valid_to', c.valid_to, 'note', c.note, 'source', c.source,
                                    'properties', c.properties) order by c.place)
                         from codelist_entries c
                         cross join (select coalesce($2, legal_today())
                                     as day) asked
                         where c.codelist = r.dataset and c.edition = r.edition
                           and ($4 or holds_on(asked.day, c.valid_from, c.valid_to))),
                        '[]') as items
        from reference_editions r join events e on e.id = r.event_id
        where r.dataset = $1 and ($3::bigint is null or e.leaf_idx < $3)
          and exists (select 1 from codelist_entries c where c.codelist = r.dataset)
        order by r.edition desc limit 1
        """,
        name,
        day,
        log_size,
        history,
    )
    found = one(Codelist, row)
    if found is None:
        raise UnknownCodelist(codelist=name)
    return found


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


async def portals(db: Query, day: date | None) -> list[Portal]:
    """The portals in force on a day (null: today), each with the services it offers then."""
    rows = await db.fetch(
        """
        with asked as (select coalesce($1, legal_today()) as day)
        select c.code as slug, c.label_de, c.label_en, c.valid_from, c.valid_to, c.source,
               c.properties ->> 'operator' as operator,
               array(select distinct f.slug
                     from service_facets f
                     join service_cards s on s.slug = f.slug and s.revision = f.revision
                     where f.facet = 'portal' and f.value = c.code and not s.demo
                       and holds_on(asked.day, s.valid_from, s.valid_to)
                       and holds_on(asked.day, f.valid_from, f.valid_to)
                     order by f.slug) as services
        from codelist_entries c cross join asked
        where c.codelist = 'portals'
          and c.edition = (select max(r.edition) from reference_editions r
                           where r.dataset = 'portals')
          and holds_on(asked.day, c.valid_from, c.valid_to)
        order by c.place
        """,
        day,
    )
    return many(Portal, rows)
