"""SQL of procedures: the merged catalogue, and which services serve a procedure."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from registry.audit import Moment
from registry.catalogue.model import UnknownProcedure
from registry.catalogue.procedures import FoundProcedure, ProcedureCard, ProcedureView
from registry.db import Query, Tx, many, one


async def insert_procedures(tx: Tx, event_id: UUID, cards: Iterable[ProcedureCard]) -> None:
    """Store the catalogue as merged with one edition."""
    await tx.executemany(
        """
        insert into procedures (event_id, place, key, kind, name, type, ozg_id, theme, situation,
                                legal_basis, catalogues, words, vector)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
                setweight(to_tsvector('german', $5), 'A')
                || setweight(to_tsvector('simple', $12), 'B'))
        """,
        [
            (event_id, card.place, *msgspec.structs.astuple(card.procedure), card.words)
            for card in cards
        ],
    )


async def forget_procedures(tx: Tx) -> None:
    """Take out all catalogues, to be made anew; nobody else changes them meanwhile."""
    await tx.execute("lock table procedures in share row exclusive mode")
    await tx.execute("delete from procedures")


async def known_procedures(db: Query, keys: Iterable[str]) -> frozenset[str]:
    """Those of the keys and OZG ids that the catalogue has."""
    rows = await db.fetch("select key from procedures_known(null) where key = any($1)", list(keys))
    return frozenset(row[0] for row in rows)


async def find_procedures(
    db: Query,
    matching: Sequence[str | None],
    at: Moment,
    after: Sequence[int] | None,
    limit: int,
) -> list[FoundProcedure]:
    """Procedures behind `after`, best matches first, then in the order of their names.

    `matching` holds the words, a prefix query of them folded, OZG id, theme and kind.
    """
    rows = await db.fetch(
        """
        with found as (
            select p.*,
                   case when $1::text is null then 0 else
                       -(ts_rank(p.vector, websearch_to_tsquery('german', $1)
                                           || to_tsquery('simple', $2)) * 1000000)::int end as rank
            from procedures_known($7) p
            where ($1 is null or p.vector @@ websearch_to_tsquery('german', $1)
                   or p.vector @@ to_tsquery('simple', $2))
              and ($3::text is null or p.ozg_id = $3)
              and ($4::text is null or p.theme = $4)
              and ($5::text is null or p.kind = $5)
        ),
        listed as materialized (
            select f.place, f.key, f.kind, f.name, f.type, f.ozg_id, f.theme, f.situation, f.rank
            from found f
            where $8::int is null or (f.rank, f.place) > ($8, $9::int)
            order by f.rank, f.place limit $10
        ),
        serving as materialized (
            select l.place, count(distinct n.slug) as services
            from listed l
            join procedures_named($6, $7) n on (n.facet = 'procedure' and n.value = l.key)
                or (n.facet = 'ozg' and n.value = l.ozg_id)
            where not n.demo
            group by l.place
        )
        select l.rank, l.place, jsonb_build_object(
                   'key', l.key, 'kind', l.kind, 'name', l.name, 'type', l.type,
                   'ozg_id', l.ozg_id, 'theme', l.theme, 'situation', l.situation,
                   'services', coalesce(s.services, 0)) as item
        from listed l left join serving s on s.place = l.place
        order by l.rank, l.place
        """,
        *matching,
        at.day,
        at.size,
        *(after or (None, None)),
        limit,
    )
    return many(FoundProcedure, rows)


async def count_procedures(db: Query, matching: Sequence[str | None], log_size: int | None) -> int:
    """How many procedures match."""
    return await db.fetchval(
        """
        select count(*) from procedures_known($6) p
        where ($1::text is null or p.vector @@ websearch_to_tsquery('german', $1)
               or p.vector @@ to_tsquery('simple', $2))
          and ($3::text is null or p.ozg_id = $3)
          and ($4::text is null or p.theme = $4)
          and ($5::text is null or p.kind = $5)
        """,
        *matching,
        log_size,
    )


async def procedure(db: Query, key: str, at: Moment, *, demo: bool) -> ProcedureView:
    """A procedure, its bundle or its parts, and the services that serve it on a day.

    A service serves it by naming its key, or its bundle, of which the service may do only a part; a
    bundle is served by whoever names it or one of its parts.
    """
    row = await db.fetchrow(
        """
        with wanted as (
            select place, key, kind, name, type, ozg_id, theme, situation, legal_basis, catalogues
            from procedures_known($3) where key = $1
        ),
        parts as (
            select p.key, p.name, p.place
            from procedures_known($3) p join wanted w on p.ozg_id = w.ozg_id
            where w.kind = 'ozg' and p.kind <> 'ozg'
        ),
        services as (
            select n.slug, bool_or(n.value = w.key) as by_key, n.card, n.sort_key
            from wanted w
            join procedures_named($2, $3) n on (n.facet = 'procedure' and n.value = w.key)
                or (n.facet = 'ozg' and n.value = w.ozg_id)
                or (n.facet = 'procedure' and n.value in (select key from parts))
            where $4 or not n.demo
            group by n.slug, n.card, n.sort_key
        )
        select w.key, w.kind, w.name, w.type, w.ozg_id, w.theme, w.situation, w.legal_basis,
               w.catalogues, $2::date as as_of, null as known_at,
               (select jsonb_build_object('key', b.key, 'name', b.name)
                from procedures_known($3) b
                where b.key = w.ozg_id and w.kind <> 'ozg') as bundle,
               coalesce((select jsonb_agg(jsonb_build_object('key', key, 'name', name)
                                          order by place) from parts), '[]') as parts,
               coalesce((select jsonb_agg(jsonb_build_object(
                                    'slug', s.slug, 'name', s.card -> 'names' ->> 'de',
                                    'through', case when s.by_key then 'named' else 'bundle' end,
                                    'builders', jsonb_path_query_array(s.card, '$.builders[*].key'),
                                    'link', s.card ->> 'link') order by s.sort_key, s.slug)
                         from services s), '[]') as services
        from wanted w
        """,
        key,
        at.day,
        at.size,
        demo,
    )
    found = one(ProcedureView, row)
    if found is None:
        raise UnknownProcedure(key=key)
    return msgspec.structs.replace(found, known_at=at.known)
