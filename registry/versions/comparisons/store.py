"""SQL of verdicts: what versions consist of, verdicts as published, and those worked out before."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from registry.compatibility.model import Verdict
from registry.db import Query, Tx
from registry.versions.comparisons.contents import Content, Part
from registry.versions.comparisons.verdicts import DecideFacts, Question, is_decided, ran_out
from registry.versions.model import PublishFacts
from registry.versions.schemas.guard import Published
from registry.versions.store import columns

_decoder = msgspec.json.Decoder(Verdict)


async def contents(db: Query, service: str, versions: Sequence[str]) -> dict[str, Content]:
    """By number, what versions of a service consist of; a number that is not there is left out."""
    rows = await db.fetch(
        "select version, name from version_interfaces where service = $1 and version = any ($2)",
        service,
        versions,
    )
    known = await parts(db, [(service, row[0], row[1]) for row in rows])
    return {
        number: Content(service=service, version=number, parts=known)
        for number in {row[0] for row in rows}
    }


async def parts(db: Query, places: Iterable[Published]) -> dict[Published, Part]:
    """The schemas at these places, and all that they refer to, without their texts."""
    rows = await db.fetch(
        """
        select i.service, i.version, i.name, i.direction, encode(i.sha256, 'hex'),
               (select coalesce(jsonb_agg(jsonb_build_array(
                           r.target_service, r.target_version, r.target_interface)), '[]')
                from interface_references r
                where r.service = i.service and r.version = i.version and r.interface = i.name)
        from schemas_with_references($1, $2, $3) i
        """,
        *columns(places),
    )
    return {
        (row[0], row[1], row[2]): Part(
            direction=row[3], sha256=row[4], references=tuple((a, b, c) for a, b, c in row[5])
        )
        for row in rows
    }


async def texts(db: Query, sha256s: Iterable[str]) -> dict[str, bytes]:
    """By SHA-256 (hex), the texts of published schemas."""
    rows = await db.fetch(
        "select encode(sha256, 'hex'), content from blobs where sha256 = any ($1)",
        [bytes.fromhex(sha256) for sha256 in sha256s],
    )
    return {row[0]: row[1] for row in rows}


async def worked_out(
    db: Query, questions: Iterable[Question], engine: str
) -> dict[Question, Verdict]:
    """Those of the questions that this engine answered before."""
    asked = {question.columns: question for question in questions}
    rows = await db.fetch(
        """
        select v.old, v.new, v.direction, v.reading, v.formats, v.verdict
        from unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[])
             as q (old, new, direction, reading, formats)
        join schema_verdicts v
          on v.old = q.old and v.new = q.new and v.direction = q.direction
             and v.reading = q.reading and v.formats = q.formats and v.engine = $6
        """,
        *_transposed(asked),
        engine,
    )
    return {asked[tuple(row)[:5]]: _decoder.decode(row[5]) for row in rows}


async def undecided_before(db: Query, questions: Iterable[Question]) -> list[Question]:
    """Those of the questions that were asked before, and that no engine decided."""
    asked = {question.columns: question for question in questions}
    rows = await db.fetch(
        """
        select v.old, v.new, v.direction, v.reading, v.formats
        from unnest($1::bytea[], $2::bytea[], $3::text[], $4::text[], $5::text[])
             as q (old, new, direction, reading, formats)
        join schema_verdicts v
          on v.old = q.old and v.new = q.new and v.direction = q.direction
             and v.reading = q.reading and v.formats = q.formats
        group by 1, 2, 3, 4, 5
        having not bool_or(v.decided)
        """,
        *_transposed(asked),
    )
    return [asked[tuple(row)] for row in rows]


def _transposed(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[]] * 5


async def insert_worked_out(tx: Tx, question: Question, verdict: Verdict) -> None:
    """Keep a verdict; one kept before gives way only to a better one.

    Better is what is decided, and of two that are or are not what time or memory did not end.
    """
    await tx.execute(
        """
        insert into schema_verdicts (old, new, direction, reading, formats, engine, decided,
                                     ran_out, verdict)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (old, new, direction, reading, formats, engine)
        do update set decided = excluded.decided, ran_out = excluded.ran_out,
                      verdict = excluded.verdict
        where (excluded.decided, not excluded.ran_out)
              > (schema_verdicts.decided, not schema_verdicts.ran_out)
        """,
        *question.columns,
        verdict.engine,
        is_decided(verdict),
        ran_out(verdict),
        msgspec.json.encode(verdict),
    )


async def insert_verdicts(tx: Tx, event_id: UUID, facts: PublishFacts) -> None:
    """What `publish` recorded of the version's neighbours, and what was vouched for."""
    made = facts.verdict
    if made is None:
        return
    await tx.executemany(
        """
        insert into version_verdicts (service, version, other, reading, formats, engine, bump,
                                      relation, enforced, sha256, event_id)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        """,
        [
            (
                facts.service,
                facts.version,
                one.version,
                made.reading,
                made.formats,
                made.engine,
                one.bump,
                one.relation,
                made.enforced,
                bytes.fromhex(one.sha256),
                event_id,
            )
            for one in made.comparisons
        ],
    )
    await tx.executemany(
        """
        insert into version_overrides (service, version, interface, other, fingerprint, reason,
                                       event_id)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        [
            (facts.service, facts.version, *msgspec.structs.astuple(one), event_id)
            for one in made.overrides
        ],
    )


async def forget_worked_out(tx: Tx) -> None:
    """Take out all verdicts on pairs of schemas; nobody else keeps any meanwhile."""
    await tx.execute("lock table schema_verdicts in share row exclusive mode")
    await tx.execute("delete from schema_verdicts")


async def recorded(db: Query) -> list[bytes]:
    """The SHA-256 (32 bytes) of every verdict that was recorded at publishing."""
    rows = await db.fetch("select distinct sha256 from version_verdicts order by sha256")
    return [row[0] for row in rows]


async def decisions(db: Query) -> list[DecideFacts]:
    """What was recorded of questions decided later."""
    rows = await db.fetch(
        """
        select f.facts from events e join event_facts f on f.event_id = e.id
        where e.action = 'versions.decide' order by e.seq
        """
    )
    return [msgspec.json.decode(row[0], type=DecideFacts) for row in rows]


async def published(db: Query, service: str, version: str) -> list[bytes]:
    """The full verdicts as they were when a version was published, by neighbour."""
    rows = await db.fetch(
        """
        select b.content
        from version_verdicts v
        join versions o on o.service = v.service and o.version = v.other
        join blobs b on b.sha256 = v.sha256
        where v.service = $1 and v.version = $2 order by o.sort_key collate "C"
        """,
        service,
        version,
    )
    return [row[0] for row in rows]
