"""Verbs of versions: publishing a prepared release, and keeping verdicts."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from registry import audit
from registry.audit import Replay
from registry.catalogue import store as catalogue
from registry.catalogue.model import UnknownService
from registry.compatibility.compare import ENGINE
from registry.compatibility.model import Reading, Verdict
from registry.dates import Precision
from registry.db import Database, Tx, begin
from registry.identity.operator import operator
from registry.versions import store
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.comparing import Comparing
from registry.versions.comparisons.verdicts import DecideFacts, Question, VersionVerdict, is_decided
from registry.versions.model import (
    ComparedFacts,
    InterfaceFacts,
    NeighboursChanged,
    Override,
    PublishFacts,
    RecordedOverride,
    UnknownVersion,
    VerdictFacts,
    release_day,
    require_new_number,
)
from registry.versions.numbers import honesty
from registry.versions.numbers.judging import is_up_to_date
from registry.versions.preparing import (
    Release,
    is_published,
    require_none_revoked,
    require_publisher,
)
from registry.versions.schemas.encodings import brotlied, gzipped
from registry.versions.workers.pool import Workers

Outcome = Literal["created", "unchanged"]


async def compare(
    database: Database, workers: Workers, slug: str, pair: Sequence[str], reading: Reading
) -> VersionVerdict:
    """The verdict on two published versions; what was worked out anew is kept."""
    reads = database.reads
    known = await verdict_store.contents(reads, slug, pair)
    for number in pair:
        if number not in known:
            if not await catalogue.known(reads, [slug]):
                raise UnknownService(service=slug)
            raise UnknownVersion(service=slug, version=number)
    formats = await catalogue.formats(reads, slug)
    comparing = Comparing(reads, workers, formats=formats, reading=reading)
    verdict = await comparing.verdict(*(known[number] for number in pair))
    if comparing.fresh:
        async with database.writes.acquire() as conn, begin(conn, operator()) as tx:
            await keep_verdicts(tx, slug, comparing.fresh)
    return verdict


async def publish(tx: Tx, release: Release) -> Outcome:
    """Publish a prepared release; the same again changes nothing."""
    await catalogue.hold(tx, release.service)
    tx.behalf = await require_publisher(tx, tx.actor, release.service)
    if await is_published(tx, release):
        return "unchanged"
    policy = await catalogue.policy(tx, release.service)
    released_on, precision = release_day(release.draft, policy, tx.actor, tx.today)
    require_new_number(release.version, await store.numbers(tx, release.service, revoked=True))
    await require_none_revoked(tx, release)
    enforced = honesty.is_enforced(policy, released_on)
    verdict = await _verdict(tx, release, enforced=enforced)
    facts = await _facts(tx, release, released_on, precision, verdict)
    subject = f"services/{release.service}/versions/{release.version}"
    event_id = await audit.record(tx, "versions.publish", subject, facts)
    await apply_publish(tx, event_id, facts)
    return "created"


async def apply_publish(tx: Tx, event_id: UUID, facts: PublishFacts) -> None:
    """Write the rows of `publish`."""
    await store.insert_version(tx, event_id, facts)
    await store.insert_interfaces(tx, event_id, facts)
    await verdict_store.insert_verdicts(tx, event_id, facts)
    for interface in facts.interfaces:
        await show_schema(tx, bytes.fromhex(interface.sha256))
    for compared in facts.verdict.comparisons if facts.verdict else []:
        await show_verdicts(tx, bytes.fromhex(compared.sha256))


async def show_schema(tx: Tx, sha256: bytes) -> None:
    """Make anew the compressed forms a schema is sent in."""
    content = await audit.blob(tx, sha256)
    if content is not None:
        gzip = await asyncio.to_thread(gzipped, content)
        br = await asyncio.to_thread(brotlied, content)
        await store.insert_encoding(tx, sha256, gzip, br)


async def show_verdicts(tx: Tx, sha256: bytes) -> None:
    """Keep the verdicts on pairs of schemas within a recorded one."""
    content = await audit.blob(tx, sha256)
    if content is not None:
        for question, verdict in read_verdict(content).answered.items():
            await verdict_store.insert_worked_out(tx, question, verdict)


async def _verdict(tx: Tx, release: Release, *, enforced: bool) -> VerdictFacts | None:
    """What is recorded of the comparisons; refuses a number that hides what they say."""
    judged, overrides = release.judged, release.draft.overrides
    if judged is None or not await is_up_to_date(tx, release.service, judged):
        raise NeighboursChanged(service=release.service, version=release.version)
    honesty.require_vouching(tx.actor, overrides)
    honesty.require_needed(overrides, judged)
    if enforced:
        honesty.require_honest(judged, release.overridden)
    if not judged.verdicts:
        return None
    return VerdictFacts(
        reading="reserved",
        formats=judged.formats,
        engine=ENGINE,
        enforced=enforced,
        comparisons=[await _kept(tx, release.version, one) for one in judged.verdicts],
        overrides=[_recorded(one) for one in overrides],
        person=tx.actor.person if overrides else None,
    )


def _recorded(override: Override) -> RecordedOverride:
    return RecordedOverride(**msgspec.structs.asdict(override))


async def _kept(tx: Tx, version: str, verdict: VersionVerdict) -> ComparedFacts:
    return ComparedFacts(
        version=verdict.old if verdict.new == version else verdict.new,
        bump=verdict.bump,
        relation=verdict.relation,
        sha256=(await audit.keep(tx, msgspec.json.encode(verdict))).hex(),
    )


async def _facts(
    tx: Tx,
    release: Release,
    released_on: date,
    precision: Precision,
    verdict: VerdictFacts | None,
) -> PublishFacts:
    examined = release.examined
    interfaces = [
        InterfaceFacts(
            name=name,
            direction=interface.direction,
            dialect=examined.dialects[name],
            sha256=(await audit.keep(tx, release.texts[name])).hex(),
            references=examined.references[name],
        )
        for name, interface in sorted(release.draft.interfaces.items())
    ]
    return PublishFacts(
        service=release.service,
        version=release.version,
        released_on=released_on,
        precision=precision,
        interfaces=interfaces,
        notes=release.draft.notes,
        verdict=verdict,
    )


async def keep_verdicts(tx: Tx, service: str, found: Mapping[Question, Verdict]) -> None:
    """Keep verdicts that a reader asked for; one on a question undecided so far is an event."""
    await catalogue.hold(tx, service)
    undecided = await verdict_store.undecided_before(tx, found)
    for question, verdict in found.items():
        if question in undecided and is_decided(verdict):
            await decide(tx, service, question, verdict)
        else:
            await verdict_store.insert_worked_out(tx, question, verdict)


async def decide(tx: Tx, service: str, question: Question, verdict: Verdict) -> None:
    """Record that what was unknown about two schemas of a service is decided now."""
    sha256 = (await audit.keep(tx, msgspec.json.encode(verdict))).hex()
    facts = DecideFacts(question=question, engine=verdict.engine, sha256=sha256)
    subject = f"services/{service}/comparison"
    event_id = await audit.record(tx, "versions.decide", subject, facts)
    await apply_decide(tx, event_id, facts)


async def apply_decide(tx: Tx, _event_id: UUID, facts: DecideFacts) -> None:
    """Write the row of `decide`."""
    await _show_decision(tx, facts)


async def show_worked_out(tx: Tx) -> None:
    """Make anew what is kept of verdicts, as far as the history tells of them."""
    await verdict_store.forget_worked_out(tx)
    for sha256 in await verdict_store.recorded(tx):
        await show_verdicts(tx, sha256)
    for facts in await verdict_store.decisions(tx):
        await _show_decision(tx, facts)


async def _show_decision(tx: Tx, facts: DecideFacts) -> None:
    content = await audit.blob(tx, bytes.fromhex(facts.sha256))
    if content is not None:
        verdict = msgspec.json.decode(content, type=Verdict)
        await verdict_store.insert_worked_out(tx, facts.question, verdict)


def read_verdict(content: bytes) -> VersionVerdict:
    """A recorded verdict from its text."""
    return msgspec.json.decode(content, type=VersionVerdict)


REPLAY = {
    "versions.decide": Replay(DecideFacts, apply_decide),
    "versions.publish": Replay(PublishFacts, apply_publish),
}
