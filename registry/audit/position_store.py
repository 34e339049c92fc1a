"""SQL of sealed positions: what `known_at` means."""

from datetime import datetime

from registry.audit.model import LogPosition
from registry.db import Query, one


async def last_log_position(db: Query) -> LogPosition | None:
    """The last checkpoint, or None while the log is empty."""
    row = await db.fetchrow(
        """
        select c.size, c.sealed_at, encode(h.root, 'hex') as root
        from checkpoints c left join log_heads h using (size)
        order by c.size desc limit 1
        """
    )
    return one(LogPosition, row)


async def log_position(db: Query, sealed_by: datetime) -> LogPosition | None:
    """The last checkpoint sealed not after `sealed_by`; none while a later one may still be."""
    row = await db.fetchrow(
        """
        select c.size, c.sealed_at, encode(h.root, 'hex') as root
        from checkpoints c left join log_heads h using (size)
        where c.sealed_at <= $1
          and $1 <= greatest((select sealed_until from log_clock),
                             (select max(sealed_at) from checkpoints))
        order by c.sealed_at desc limit 1
        """,
        sealed_by,
    )
    return one(LogPosition, row)


async def log_position_of_size(db: Query, size: int) -> LogPosition | None:
    """The checkpoint that sealed the log at exactly or first beyond `size` leaves."""
    row = await db.fetchrow(
        """
        select $1::bigint as size, c.sealed_at,
               case when c.size = $1 then encode(h.root, 'hex') end as root
        from checkpoints c left join log_heads h using (size)
        where c.size >= $1 and $1 > 0 order by c.size limit 1
        """,
        size,
    )
    return one(LogPosition, row)
