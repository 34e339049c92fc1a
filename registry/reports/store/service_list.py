"""SQL of the list of services."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import msgspec

from registry.catalogue.parts import Names
from registry.db import Query, Row, many
from registry.reports.model import FacetName, Facets, FacetValue, FoundService, label_of


class ServiceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list of services is asked for; `wanted` holds a value for each facet filtered by."""

    words: str | None
    prefixes: str | None
    parts: Sequence[str]
    wanted: dict[str, str]
    day: date
    log_size: int | None
    demo: bool

    @property
    def arguments(self) -> tuple[object, ...]:
        facets, values = list(self.wanted), list(self.wanted.values())
        text = (self.words, self.prefixes, list(self.parts))
        return (*text, facets, values, self.day, self.log_size, self.demo)


async def find_services(
    db: Query, asked: ServiceFilter, after: Sequence[str | int] | None, limit: int
) -> list[FoundService]:
    """The services that match, behind `after`: best matches first, then in the order of names."""
    rank, sort_key, slug = after or (None, None, None)
    rows = await db.fetch(
        """
        with shown as materialized (
            select c.slug, c.card, m.rank, c.sort_key
            from services_matching($1, $2, $3, $4, $5, $6::date, $7, $8) m
            join document_cards c
                on c.kind = 'services' and c.slug = m.slug and c.revision = m.revision
            where cardinality(m.passed) = cardinality($4)
              and ($9::int is null
                   or (m.rank, c.sort_key, c.slug) > ($9, $10::text collate "C", $11::text))
            order by m.rank, c.sort_key, c.slug limit $12
        ),
        used as (
            select u.service, count(*) as bodies
            from reuse_in_use($6::date, $7) u
            where u.service = any(array(select slug from shown)) and ($8 or not u.demo)
            group by u.service
        ),
        places as (
            select p.slug, count(*) as states
            from reuse_places_of_services(
                $6::date, $7, null, $8, array(select slug from shown)) p
            group by p.slug
        )
        select s.card || jsonb_build_object('reused_by', jsonb_build_object(
                   'states', coalesce(p.states, 0), 'bodies', coalesce(u.bodies, 0))) as item,
               s.rank, s.sort_key
        from shown s
        left join used u on u.service = s.slug
        left join places p on p.slug = s.slug
        order by s.rank, s.sort_key, s.slug
        """,
        *asked.arguments,
        rank,
        sort_key,
        slug,
        limit,
    )
    return many(FoundService, rows)


async def facets(db: Query, asked: ServiceFilter) -> Facets:
    """How many services match, and of each facet the values left by all the other filters."""
    rows = await db.fetch(
        """
        with matching as materialized (
            select m.slug, m.revision, m.passed, cardinality($4) - cardinality(m.passed) as missing
            from services_matching($1, $2, $3, $4, $5, $6::date, $7, $8) m
        ),
        counted as (
            select v.facet, v.value, count(distinct v.slug) as count, min(v.slug) as example
            from matching m
            join report_values($6::date, $7, null, $8) v on v.slug = m.slug
            where v.facet not in ('procedure', 'ozg')
              and (m.missing = 0
                   or (m.missing = 1 and v.facet = any($4) and not v.facet = any(m.passed)))
            group by v.facet, v.value
        ),
        codelists (facet, codelist) as (
            values ('theme', 'themes'), ('model', 'models'), ('status', 'statuses'),
                   ('account', 'accounts'), ('trust_level', 'trust_levels'),
                   ('component', 'components'), ('portal', 'portals'), ('maturity', 'maturity'),
                   ('reused_within', 'states'), ('agreement_basis', 'agreement_bases'),
                   ('component_kind', 'component_kinds'), ('requirement', 'minimum_requirements')
        )
        select c.facet, coalesce(b.key, c.value) as value, c.count,
               coalesce(l.label_de, b.name, j.names ->> 'de', c.value) as de,
               coalesce(l.label_en, j.names ->> 'en') as en
        from counted c
        left join codelists k on k.facet = c.facet
        left join codelist_labels($7) l on l.codelist = k.codelist and l.code = c.value
        left join matching m on m.slug = c.example and c.facet = 'builder'
        left join service_builders b on b.slug = m.slug and b.revision = m.revision
            and b.organisation_id::text = c.value
        left join lateral (
            select d.card -> 'names' as names
            from documents_in_force('journeys', $6::date, $7) f
            join document_cards d
                on d.kind = 'journeys' and d.slug = f.slug and d.revision = f.revision
            where c.facet = 'journey' and f.slug = c.value
        ) j on true
        union all
        select '', '', count(*), '', null
        from matching where missing = 0
        order by 1, 3 desc, 2
        """,
        *asked.arguments,
    )
    return _grouped(rows)


def _grouped(rows: Sequence[Row]) -> Facets:
    grouped: defaultdict[FacetName, list[FacetValue]] = defaultdict(list)
    # The row of the whole sorts first: its count is the total.
    whole, *values = rows
    for facet, value, count, de, en in values:
        label = label_of(facet, value) or Names(de=de, en=en)
        grouped[facet].append(FacetValue(value=value, label=label, count=count))
    return Facets(total=whole[2], facets=dict(grouped))
