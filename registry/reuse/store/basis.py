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
        select r.document ->> 'agreement_basis' as basis, r.document ->> 'theme' as theme,
               coalesce(reuse_is_own(u.body, u.key, string_to_array(u.area, ' '), b.builders,
                                     b.lands), false) as own_use
        from unnest($2::date[], $3::uuid[], $4::text[], $5::text[])
                 with ordinality u (day, body, key, area, place)
        left join document_revisions r
            on r.kind = 'services' and r.slug = $1
               and r.revision = revision_standing('services', $1, u.day)
        left join reuse_builders(null) b
            on b.service = $1 and holds_on(u.day, b.valid_from, b.valid_to)
        order by u.place
        """,
        service,
        [step.valid_from for _, step in uses],
        [body.id for body, _ in uses],
        [body.key for body, _ in uses],
        [" ".join(step.area) if step.area else None for _, step in uses],
    )
    return many(Stood, rows)
