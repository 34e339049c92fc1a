"""SQL of what a service stood on when it was used: its basis, its theme, and who built it."""

from collections.abc import Sequence

import msgspec

from registry.db import Query, many
from registry.reuse.model import StepFacts
from registry.reuse.store.ledger import Body


class Stood(msgspec.Struct, frozen=True, kw_only=True):
    """A service on the day of a step, or as it begins; and whether the step is own use."""

    basis: str | None
    theme: str | None
    own_use: bool


async def stood(db: Query, service: str, uses: Sequence[tuple[Body, StepFacts]]) -> list[Stood]:
    """How the service stood for each of these uses, in their order."""
    rows = await db.fetch(
        """
        with stood as materialized (
            select d.day, r.document ->> 'agreement_basis' as basis,
                   r.document ->> 'theme' as theme, b.builders, b.lands
            from (select distinct day from unnest($2::date[]) day) d
            left join document_revisions r
                on r.kind = 'services' and r.slug = $1
                   and r.revision = revision_standing('services', $1, d.day)
            left join reuse_builders(null) b
                on b.service = $1 and holds_on(d.day, b.valid_from, b.valid_to)
        )
        select s.basis, s.theme,
               coalesce(reuse_is_own(u.body, u.key, string_to_array(u.area, ' '), s.builders,
                                     s.lands), false) as own_use
        from unnest($2::date[], $3::uuid[], $4::text[], $5::text[])
                 with ordinality u (day, body, key, area, place)
        join stood s on s.day = u.day
        order by u.place
        """,
        service,
        [step.valid_from for _, step in uses],
        [body.id for body, _ in uses],
        [body.key for body, _ in uses],
        [" ".join(step.area) if step.area else None for _, step in uses],
    )
    return many(Stood, rows)
