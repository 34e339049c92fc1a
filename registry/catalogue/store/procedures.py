"""SQL of procedures: the merged catalogue, and which services serve a procedure."""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec

from registry.catalogue.model import UnknownProcedure
from registry.catalogue.procedures import FoundProcedure, ProcedureCard, ProcedureView
from registry.db import Query, Tx, many, one


async def replace_procedures(tx: Tx, cards: Iterable[ProcedureCard]) -> None:
    """Store the catalogue anew."""
    await tx.execute("delete from procedures")
    await tx.executemany(
        """
        insert into procedures (place, key, kind, name, type, ozg_id, theme, situation,
                                legal_basis, catalogues, words, vector)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                setweight(to_tsvector('german', $4), 'A')
                || setweight(to_tsvector('simple', $11), 'B'))
        """,
        [(card.place, *msgspec.structs.astuple(card.procedure), card.words) for card in cards],
    )


async def known_procedures(db: Query, keys: Iterable[str]) -> frozenset[str]:
    """Those of the keys and OZG ids that the catalogue has."""
    rows = await db.fetch("select key from procedures where key = any($1)", list(keys))
    return frozenset(row[0] for row in rows)


async def find_procedures(
    db: Query,
    search: tuple[str, str] | None,
    filters: Sequence[str | None],
    after: Sequence[int] | None,
    limit: int,
) -> list[FoundProcedure]:
    """Procedures behind `after`, best matches first, then in the order of their names.

    `search` holds the words and a prefix query of them folded; `filters` OZG id, theme and kind.
    """
    words, prefixes = search or (None, None)
    rank, place = after or (None, None)
    rows = await db.fetch(
        """
        with found as (
            select p.place, case when $1::text is null then 0 else
                       -(ts_rank(p.vector, websearch_to_tsquery('german', $1)
                                           || to_tsquery('simple', $2)) * 1000000)::int end as rank
            from procedures p
            where ($1 is null or p.vector @@ websearch_to_tsquery('german', $1)
                   or p.vector @@ to_tsquery('simple', $2))
              and ($3::text is null or p.ozg_id = $3)
              and ($4::text is null or p.theme = $4)
              and ($5::text is null or p.kind = $5)
        )
        select f.rank, f.place, jsonb_build_object(
                   'key', p.key, 'kind', p.kind, 'name', p.name, 'type', p.type,
                   'ozg_id', p.ozg_id, 'theme', p.theme, 'situation', p.situation,
                   'services', (select count(distinct s.slug)
                                from service_facets v
                                join service_cards s on s.slug = v.slug and s.revision = v.revision
                                where ((v.facet = 'procedure' and v.value = p.key)
                                       or (v.facet = 'ozg' and v.value = p.ozg_id))
                                  and not s.demo
                                  and holds_on(legal_today(), s.valid_from, s.valid_to))
               ) as item
        from found f join procedures p on p.place = f.place
        where $6::int is null or (f.rank, f.place) > ($6, $7::int)
        order by f.rank, f.place limit $8
        """,
        words,
        prefixes,
        *filters,
        rank,
        place,
        limit,
    )
    return many(FoundProcedure, rows)


async def count_procedures(
    db: Query, search: tuple[str, str] | None, filters: Sequence[str | None]
) -> int:
    """How many procedures match."""
    words, prefixes = search or (None, None)
    return await db.fetchval(
        """
        select count(*) from procedures p
        where ($1::text is null or p.vector @@ websearch_to_tsquery('german', $1)
               or p.vector @@ to_tsquery('simple', $2))
          and ($3::text is null or p.ozg_id = $3)
          and ($4::text is null or p.theme = $4)
          and ($5::text is null or p.kind = $5)
        """,
        words,
        prefixes,
        *filters,
    )


async def procedure(db: Query, key: str, day: date | None, *, demo: bool) -> ProcedureView:
    """A procedure, its bundle or its parts, and the services that serve it on a day (None: today).

    A service serves it by naming its key, or its bundle, of which the service may do only a part; a
    bundle is served by whoever names it or one of its parts.
    """
    row = await db.fetchrow(
        """
        with asked as (select coalesce($2, legal_today()) as day),
        wanted as (
            select place, key, kind, name, type, ozg_id, theme, situation, legal_basis, catalogues
            from procedures where key = $1
        ),
        parts as (
            select p.key, p.name, p.place from procedures p join wanted w on p.ozg_id = w.ozg_id
            where w.kind = 'ozg' and p.kind <> 'ozg'
        ),
        serving as (
            select f.slug, f.revision, bool_or(f.value = w.key) as by_key
            from wanted w
            join service_facets f on (f.facet = 'procedure' and f.value = w.key)
                or (f.facet = 'ozg' and f.value = w.ozg_id)
                or (f.facet = 'procedure' and f.value in (select key from parts))
            group by f.slug, f.revision
        ),
        services as (
            select s.slug, s.by_key, c.card, c.sort_key
            from serving s
            join service_cards c on c.slug = s.slug and c.revision = s.revision
            cross join asked
            where holds_on(asked.day, c.valid_from, c.valid_to)
              and ($3 or not c.demo)
        )
        select w.key, w.kind, w.name, w.type, w.ozg_id, w.theme, w.situation, w.legal_basis,
               w.catalogues,
               (select jsonb_build_object('key', b.key, 'name', b.name) from procedures b
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
        day,
        demo,
    )
    found = one(ProcedureView, row)
    if found is None:
        raise UnknownProcedure(key=key)
    return found
