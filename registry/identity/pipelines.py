"""Verbs of pipelines: let a project publish, end that, and give a job of it a token."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from registry import audit
from registry.audit import Replay
from registry.authority import Actor, require_own, require_scope
from registry.catalogue import store as catalogue
from registry.catalogue.model import RecordedBuilder
from registry.db import Tx
from registry.errors import Fault, NotYours
from registry.identity import jobs, rules, store
from registry.identity import pipeline_store as pipelines
from registry.identity.issuers import LEEWAY, IdTokenRefused
from registry.identity.jobs import Allowed, Job
from registry.identity.model import OF_JOB, TokenFacts
from registry.identity.pipeline_model import (
    InvalidPipeline,
    PinFacts,
    PipelineDraft,
    PipelineEndFacts,
    PipelineFacts,
    UnknownPipeline,
)
from registry.identity.tokens import digest, new_token
from registry.organisations import store as organisations

LIFE = timedelta(minutes=15)


async def add_pipeline(tx: Tx, draft: PipelineDraft) -> tuple[UUID, bool]:
    """Let the jobs of a project publish a service; the same again changes nothing.

    Only the body that builds it does, itself: who acts for it could go on by it afterwards.
    """
    require_scope(tx.actor, f"publish:{draft.service}")
    builder = await _builder(tx, draft)
    rules.require_unlent(tx.actor, builder.key)
    if not tx.actor.is_admin and tx.actor.organisation != str(builder.organisation_id):
        raise NotYours(organisation=builder.key)
    await pipelines.hold(tx, draft.issuer, draft.project)
    known = await pipelines.same(tx, draft, builder.organisation_id)
    if known:
        return known, False
    facts = PipelineFacts(
        id=uuid4(),
        organisation_id=builder.organisation_id,
        service=draft.service,
        issuer=draft.issuer,
        project=draft.project,
        tags=draft.tags,
        note=draft.note,
    )
    event_id = await _record(tx, "identity.add_pipeline", facts.id, facts, facts.organisation_id)
    await pipelines.insert(tx, event_id, facts)
    return facts.id, True


async def _builder(tx: Tx, draft: PipelineDraft) -> RecordedBuilder:
    """The leading builder a pipeline is to publish for: the one named, the caller, or the only."""
    leads = [one for one in await catalogue.builders(tx, draft.service) if one.role == "lead"]
    if not leads:
        raise InvalidPipeline(Fault("/service", "unknown-service", {"value": draft.service}))
    named = tx.actor.organisation
    if draft.organisation is not None:
        named = str((await organisations.resolve(tx, draft.organisation)).id)
    found = [one for one in leads if str(one.organisation_id) == named]
    if not found and (draft.organisation is not None or len(leads) > 1):
        keys = [one.key for one in leads]
        raise InvalidPipeline(Fault("/organisation", "no-lead", {"limit": keys}))
    return (found or leads)[0]


async def end_pipeline(tx: Tx, pipeline_id: UUID) -> bool:
    """Let a project publish no longer; again changes nothing. Tokens it has live for minutes."""
    known = await pipelines.pipeline(tx, pipeline_id)
    if known is None:
        raise UnknownPipeline
    require_scope(tx.actor, f"publish:{known.service}")
    await pipelines.hold(tx, known.issuer, known.project)
    known = await pipelines.pipeline(tx, pipeline_id)
    if known is None or known.ended_at:
        return False
    body = (await organisations.resolve(tx, known.organisation.key)).id
    require_own(tx.actor, str(body), known.organisation.key, f"publish:{known.service}")
    facts = PipelineEndFacts(pipeline_id=pipeline_id)
    event_id = await _record(tx, "identity.end_pipeline", pipeline_id, facts, body)
    await pipelines.insert_end(tx, event_id, facts)
    return True


async def exchange_token(tx: Tx, job: Job, bound: Sequence[Allowed]) -> tuple[str, TokenFacts]:
    """Give a job a token for what its project may publish; its ID token is used up by that."""
    await pipelines.hold(tx, job.issuer, job.project)
    wanted = {each.id for each in bound}
    found = await pipelines.of_project(tx, job.issuer, job.project)
    held = jobs.require_bound(job, [each for each in found if each.id in wanted], ())
    jobs.require_release(job, held)
    jobs.require_same_project(job, held)
    if not await pipelines.use_up(tx, job.mark, job.ends + LEEWAY):
        raise IdTokenRefused("id-token-used")
    for each in held:
        if each.project_id is None:
            await _pin(tx, each, job)
    return await _issue(tx, held)


async def _pin(tx: Tx, pipeline: Allowed, job: Job) -> None:
    facts = PinFacts(
        pipeline_id=pipeline.id, project_id=job.project_id, namespace_id=job.namespace_id
    )
    organisation = pipeline.organisation_id
    event_id = await _record(tx, "identity.pin_pipeline", pipeline.id, facts, organisation)
    await pipelines.insert_pin(tx, event_id, facts)


async def _issue(tx: Tx, held: Sequence[Allowed]) -> tuple[str, TokenFacts]:
    token = new_token(OF_JOB)
    facts = TokenFacts(
        id=uuid4(),
        sha256=digest(token).hex(),
        organisation_id=held[0].organisation_id,
        scopes=sorted({f"publish:{each.service}" for each in held}),
        note="",
        expires_at=tx.now + LIFE,
        kind=OF_JOB,
    )
    event_id = await audit.record(
        tx, "identity.exchange_token", f"tokens/{facts.id}", facts, public=False
    )
    await store.insert_token(tx, event_id, facts)
    return token, facts


async def _record(
    tx: Tx, action: str, pipeline_id: UUID, facts: object, organisation: UUID
) -> UUID:
    behalf = tx.actor.on_behalf_of(organisation)
    subject = f"pipelines/{pipeline_id}"
    return await audit.record(tx, action, subject, facts, public=False, on_behalf_of=behalf)


def job_actor(bound: Sequence[Allowed], job: Job) -> Actor:
    """A job before it has a token: it acts for the body, and may do nothing yet."""
    return Actor(organisation=str(bound[0].organisation_id), name=job.project)


REPLAY = {
    "identity.add_pipeline": Replay(PipelineFacts, pipelines.insert),
    "identity.pin_pipeline": Replay(PinFacts, pipelines.insert_pin),
    "identity.end_pipeline": Replay(PipelineEndFacts, pipelines.insert_end),
    "identity.exchange_token": Replay(TokenFacts, store.insert_token),
}
