"""SQL of the hash tree: leaves, full tiles, and what was signed."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from registry.audit.model import Seal
from registry.audit.store import Batch
from registry.audit.tree import Tile
from registry.db import Connection, Query, Row, one


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """A signed size of the log; `note` is the signed checkpoint."""

    size: int
    root: bytes
    note: str


class Revealed(msgspec.Struct, frozen=True, kw_only=True):
    """An event as its reader may see it, whether it has its number or not."""

    event: UUID
    number: int | None
    leaf: bytes
    salt: bytes | None
    facts: bytes | None


async def leaves(db: Query, first: int, below: int) -> list[bytes]:
    """The leaves of these numbers, in order."""
    rows = await db.fetch("select leaf from log_leaves($1, $2)", first, below)
    return [row["leaf"] for row in rows]


async def size(db: Query) -> int:
    """How many leaves have their number."""
    return await db.fetchval("select coalesce(max(leaf_idx) + 1, 0) from events")


async def hashes_held(
    db: Query, full: Sequence[tuple[int, int]], parts: Sequence[tuple[int, int, int, int]]
) -> list[Row]:
    """What tiles are made of, in order: level, tile, and the hashes, root or leaf in `held`.

    Of full tiles their hashes; of parts of tiles (level, tile, and from which place below which)
    the roots of the tiles below, or the leaves at level 0.
    """
    return await db.fetch(
        """
        select t.level::int as level, t.tile, t.hashes as held, 0::bigint as place
        from unnest($1::smallint[], $2::bigint[]) w (level, tile)
        join log_tiles t on t.level = w.level and t.tile = w.tile
        union all
        select w.level::int, w.tile, t.root, t.tile
        from unnest($3::smallint[], $4::bigint[], $5::int[], $6::int[]) w (level, tile, low, high)
        join log_tiles t on t.level = w.level - 1
            and t.tile >= w.tile * 256 + w.low and t.tile < w.tile * 256 + w.high
        union all
        select 0, w.tile, l.leaf, l.log_index
        from unnest($3::smallint[], $4::bigint[], $5::int[], $6::int[]) w (level, tile, low, high)
        cross join lateral log_leaves(w.tile * 256 + w.low, w.tile * 256 + w.high) l
        where w.level = 0
        order by 1, 2, 4
        """,
        [level for level, _ in full],
        [tile for _, tile in full],
        *([part[column] for part in parts] for column in range(4)),
    )


async def tile_roots(db: Query, level: int, first: int, below: int) -> list[bytes]:
    """The roots of the full tiles of a level, in order."""
    rows = await db.fetch(
        """
        select root from log_tiles where level = $1 and tile >= $2 and tile < $3 order by tile
        """,
        level,
        first,
        below,
    )
    return [row["root"] for row in rows]


async def full_tile_count(db: Query, level: int) -> int:
    """How many tiles of a level are full."""
    return await db.fetchval(
        "select coalesce(max(tile) + 1, 0) from log_tiles where level = $1", level
    )


async def number(conn: Connection, batch: Batch, tiles: Sequence[Tile], head: Head | None) -> None:
    """Give a batch its numbers, seal it and keep what it adds to the tree, all of it or nothing.

    Where not all of it waits any more, the seal is of another size than the head, which refers to
    it: that is refused.
    """
    await conn.execute(
        """
        with given as (
            select g.seq, $2 + g.place - 1 as number
            from unnest($1::bigint[]) with ordinality g (seq, place)
        ),
        numbered as (
            update events set leaf_idx = given.number
            from given where events.seq = given.seq and events.leaf_idx is null
            returning 1
        ),
        sealed as (
            insert into checkpoints (size, sealed_at) select $2 + count(*), $3 from numbered
        ),
        filled as (
            insert into log_tiles (level, tile, root, hashes)
            select * from unnest($4::smallint[], $5::bigint[], $6::bytea[], $7::bytea[])
        ),
        head as (
            insert into log_heads (size, root, note)
            select $8, $9, $10 where $10::text is not null
        )
        select pg_notify('efa_sealed', $8::bigint::text) where $10::text is not null
        """,
        batch.seqs,
        batch.first,
        batch.seal.sealed_at,
        *([tile[column] for tile in tiles] for column in range(4)),
        *((head.size, head.root, head.note) if head else (None, None, None)),
    )


async def insert_tiles(conn: Connection, tiles: Sequence[Tile]) -> None:
    await conn.execute(
        """
        insert into log_tiles (level, tile, root, hashes)
        select * from unnest($1::smallint[], $2::bigint[], $3::bytea[], $4::bytea[])
        """,
        *([tile[column] for tile in tiles] for column in range(4)),
    )


async def last_head(db: Query) -> Head | None:
    """What was signed last."""
    row = await db.fetchrow("select size, root, note from log_heads order by size desc limit 1")
    return one(Head, row)


async def head(db: Query, of_size: int) -> Head | None:
    """What was signed at exactly this size."""
    row = await db.fetchrow("select size, root, note from log_heads where size = $1", of_size)
    return one(Head, row)


async def signed_roots(db: Query, after: int, up_to: int) -> dict[int, bytes]:
    """The roots that were signed for sizes in a range."""
    rows = await db.fetch(
        "select size, root from log_heads where size > $1 and size <= $2", after, up_to
    )
    return {row["size"]: row["root"] for row in rows}


async def insert_head(conn: Connection, signed: Head) -> None:
    """Keep a signed checkpoint, and tell who waits for one."""
    await conn.execute(
        """
        with head as (insert into log_heads (size, root, note) values ($1, $2, $3))
        select pg_notify('efa_sealed', $1::bigint::text)
        """,
        signed.size,
        signed.root,
        signed.note,
    )


async def last_seal(db: Query) -> int:
    """The size of the last checkpoint; 0 while there is none."""
    return await db.fetchval("select coalesce(max(size), 0) from checkpoints")


async def seal(db: Query, size: int) -> Seal | None:
    """When the log was sealed at exactly this size."""
    row = await db.fetchrow(
        """
        select sealed_at, (select coalesce(max(b.size), 0) from checkpoints b where b.size < c.size)
        from checkpoints c where c.size = $1
        """,
        size,
    )
    return Seal(*row) if row else None


async def say_restored(conn: Connection) -> None:
    """The database was brought back; what was signed beyond it is not known."""
    await conn.execute("update log_clock set restored_at = now()")


async def forget_restored(conn: Connection) -> None:
    """The log goes on from here."""
    await conn.execute("update log_clock set restored_at = null where restored_at is not null")


async def was_restored(db: Query) -> bool:
    """Whether the database was brought back, and the log did not go on since."""
    return await db.fetchval("select restored_at is not null from log_clock")


async def verifier_key(db: Query) -> str | None:
    """The public key the log is signed under now."""
    return await db.fetchval(
        "select verifier_key from log_origins order by first_size desc limit 1"
    )


async def insert_origin(conn: Connection, first_size: int, verifier_key: str) -> None:
    """From this size on the log is signed under this key."""
    await conn.execute(
        "insert into log_origins (first_size, verifier_key) values ($1, $2)",
        first_size,
        verifier_key,
    )


async def logged(db: Query, events: Sequence[UUID]) -> list[tuple[UUID, int, Head]]:
    """Those of the events that the last signed head holds, with their numbers."""
    rows = await db.fetch(
        """
        select w.event, i.log_index, h.size, h.root, h.note
        from (select * from log_heads order by size desc limit 1) h
        cross join unnest($1::uuid[]) w (event)
        cross join lateral (select log_index_of(w.event) as log_index) i
        where i.log_index < h.size
        """,
        events,
    )
    return [
        (event, index, Head(size=size, root=root, note=note))
        for event, index, size, root, note in rows
    ]


async def revealed(db: Query, event: UUID) -> Revealed | None:
    """The leaf of an event this reader may see, with what it commits to unless that was erased."""
    row = await db.fetchrow(
        """
        select e.id as event, e.leaf_idx as number, e.leaf, f.salt, f.facts
        from events e left join event_facts f on f.event_id = e.id where e.id = $1
        """,
        event,
    )
    return one(Revealed, row)


async def first_head_from(db: Query, size: int) -> Head | None:
    """The first that was signed at this size or beyond."""
    row = await db.fetchrow(
        "select size, root, note from log_heads where size >= $1 order by size limit 1", size
    )
    return one(Head, row)


async def origins(db: Query) -> list[dict[str, object]]:
    """Every public key with the size from which it signs."""
    rows = await db.fetch("select first_size, verifier_key from log_origins order by first_size")
    return [dict(row.items()) for row in rows]
