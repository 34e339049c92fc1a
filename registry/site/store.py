"""SQL of the pages alone: what is new."""

from datetime import date

import msgspec

from registry.db import Query, many


class NewVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version, with the German name of its service."""

    service: str
    version: str
    released_on: date
    names: dict[str, str | None]


async def newest_versions(db: Query, day: date, limit: int) -> list[NewVersion]:
    """The versions released last, by a day."""
    rows = await db.fetch(
        """
        select v.service, v.version, v.released_on, c.card -> 'names' as names
        from versions v
        join documents_in_force('services', $1, null) f on f.slug = v.service
        join document_cards c
            on c.kind = 'services' and c.slug = f.slug and c.revision = f.revision
        where v.released_on <= $1 and not c.demo
        order by v.released_on desc, v.service, v.sort_key desc limit $2
        """,
        day,
        limit,
    )
    return many(NewVersion, rows)
