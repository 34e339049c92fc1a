"""SQL of coverage: the contracts bodies hold for a service, and what stands above them."""

from collections.abc import Iterable, Sequence

from registry.agreements.coverage import Contract, Member
from registry.authority import KEY_LENGTHS
from registry.db import Query, many


async def contracts(
    db: Query, service: str, themes: Sequence[str], bodies: Iterable[Member]
) -> dict[str, Contract]:
    """All that may be part of a chain from these bodies; onward contracts lead to more bodies."""
    found: dict[str, Contract] = {}
    asking = list(bodies)
    while asking:
        slugs = await _held(db, service, themes, asking)
        new = await _with_parents(db, [slug for slug in slugs if slug not in found])
        found |= new
        onward = [c for c in new.values() if c.kind == "onward" and c.parent is None]
        asking = [member for contract in onward for member in contract.members]
    return found


async def _held(
    db: Query, service: str, themes: Sequence[str], bodies: Sequence[Member]
) -> list[str]:
    """What names the service or a theme and binds a body or one above it, frameworks apart."""
    above = {key[:length] for body in bodies for key in body.keys for length in KEY_LENGTHS}
    rows = await db.fetch(
        """
        select r.slug
        from agreements_known(null) r
        where r.kind <> 'framework'
          and (r.document -> 'services' ? $1 or r.document -> 'themes' ?| $2::text[])
          and exists (select 1 from agreement_members(r.slug, r.revision, null) m
                      where m.organisation_id = any($3) or m.keys && $4::text[])
        """,
        service,
        themes,
        [each for body in bodies for each in (body.organisation_id, *body.delegates)],
        sorted(above),
    )
    return [row[0] for row in rows]


async def _with_parents(db: Query, slugs: Sequence[str]) -> dict[str, Contract]:
    rows = await db.fetch(
        """
        with recursive line as (
            select r.slug, r.revision, r.parent from agreements_known(null) r
            where r.slug = any($1)
            union
            select above.slug, above.revision, above.parent
            from line join agreements_known(null) above on above.slug = line.parent
        )
        select r.slug, r.kind, r.parent, r.begins_on, r.ends_on,
               coalesce(r.document -> 'services', '[]') as services,
               coalesce(r.document -> 'themes', '[]') as themes,
               coalesce((select jsonb_agg(jsonb_build_object(
                             'organisation_id', m.organisation_id, 'key', m.key, 'keys', m.keys,
                             'begins_on', m.begins_on, 'ends_on', m.ends_on))
                         from agreement_members(r.slug, r.revision, null) m), '[]') as members
        from line join agreement_revisions r on r.slug = line.slug and r.revision = line.revision
        order by r.slug
        """,
        slugs,
    )
    return {contract.slug: contract for contract in many(Contract, rows)}
