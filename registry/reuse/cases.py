"""A reuse held for a change: who it is about, what is recorded, and how more is recorded."""

from typing import Any
from uuid import UUID, uuid4

import msgspec

from registry import audit
from registry.authority import ADMIN, Actor, require_authority, require_scope
from registry.catalogue import store as catalogue
from registry.db import Query, Tx
from registry.errors import Fault
from registry.organisations import store as organisations
from registry.reuse.drafts import AnyDraft, faults, version_of, with_short_keys
from registry.reuse.ledger import Ledger, Setting, require_step_fits, resolve, sent_again
from registry.reuse.model import (
    Fact,
    InvalidStep,
    ReuseDraft,
    ReuseExists,
    ReuseFacts,
    StepDraft,
    StepFacts,
    UnknownReuse,
    UnknownStep,
)
from registry.reuse.store import ledger as store

SCOPE = "reuse"


class Outcome(msgspec.Struct, frozen=True):
    """The reuse an action was about, and whether it recorded anything."""

    reuse_id: UUID
    changed: bool


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse held for a change: whose it is, what is recorded, what a step takes from around."""

    reuse_id: UUID
    begun: bool
    service: str
    body: store.Body
    ledger: Ledger
    setting: Setting

    @property
    def subject(self) -> str:
        return f"reuses/{self.reuse_id}"

    def facts(self, **added: Any) -> ReuseFacts:
        """Facts of an event that adds this; the first one begins the reuse."""
        return ReuseFacts(
            reuse_id=self.reuse_id,
            service=self.service,
            organisation_id=self.body.id,
            organisation_key=self.body.key,
            begins=not self.begun,
            **added,
        )


async def hold(tx: Tx, service: str, body: store.Body) -> Case:
    """Make changes of one reuse wait for each other, and read what is recorded of it so far."""
    await store.hold(tx, [(service, body.id)])
    return await read(tx, service, body)


async def read(tx: Tx, service: str, body: store.Body) -> Case:
    """What is recorded of a reuse that is held already."""
    known = await store.find(tx, service, body.id)
    return Case(
        reuse_id=known or uuid4(),
        begun=known is not None,
        service=service,
        body=body,
        ledger=await store.ledger(tx, known) if known else Ledger(),
        setting=Setting(today=tx.today, territory=(body.key,) if body.keys else None),
    )


def first_step(case: Case, draft: ReuseDraft) -> StepFacts | None:
    """The step that begins a reuse; None where the draft says what is recorded."""
    step = resolve(draft, uuid4(), case.ledger, case.setting)
    if sent_again(case.ledger, draft, step):
        return None
    if case.begun:
        raise ReuseExists(address=f"/v1/{case.subject}")
    require_step_fits([], step)
    return step


def next_step(case: Case, draft: StepDraft) -> StepFacts | None:
    """The step a reuse goes on with; None where the draft says what is recorded."""
    step = resolve(draft, uuid4(), case.ledger, case.setting)
    if sent_again(case.ledger, draft, step):
        return None
    require_step_fits(case.ledger.sequence, step)
    return step


async def record(tx: Tx, action: str, case: Case, facts: ReuseFacts) -> Outcome:
    """Record one event of a reuse and write its rows."""
    event_id = await audit.record(
        tx,
        action,
        case.subject,
        facts,
        public=is_public(case.ledger, facts),
        on_behalf_of=tx.actor.on_behalf_of(case.body.id),
    )
    await apply_change(tx, event_id, facts)
    return Outcome(case.reuse_id, changed=True)


def is_public(ledger: Ledger, facts: ReuseFacts) -> bool:
    """Whether everything an event adds or takes out may be seen by all."""
    out = {void.step_id for void in facts.voids}
    touched = [*facts.steps, *facts.notes, *(step for step in ledger.steps if step.id in out)]
    return all(part.public for part in touched)


async def apply_change(tx: Tx, event_id: UUID, facts: ReuseFacts) -> None:
    """Write the rows of any event of a reuse."""
    await store.add(tx, [(event_id, facts)])


async def held(tx: Tx, reuse_id: UUID) -> Case:
    """A recorded reuse held for a change by an actor who may change it."""
    return await hold(tx, *await require_mine(tx, tx.actor, reuse_id))


async def require_mine(db: Query, actor: Actor, reuse_id: UUID) -> tuple[str, store.Body]:
    """The service and the body of a reuse; refuses an actor who may not change it."""
    require_scope(actor, SCOPE)
    head = await store.head(db, reuse_id)
    if head is None:
        raise UnknownReuse
    body = await store.body(db, head.organisation_id)
    require_authority(actor, str(body.id), body.keys, body.key, SCOPE, head.service)
    return head.service, body


def step_of(case: Case, step_id: UUID) -> StepFacts:
    for known in case.ledger.steps:
        if known.id == step_id:
            return known
    raise UnknownStep


async def body_named(tx: Tx, key: str) -> store.Body:
    """The body a key or slug leads to; refuses one that leads nowhere."""
    found = await organisations.find(tx, [key])
    if key not in found:
        raise InvalidStep(Fault("/organisation", "unknown-organisation", {"value": key}))
    body = found[key]
    return store.Body(id=body.id, key=body.key, keys=body.keys)


async def sound(tx: Tx, service: str, body: store.Body, draft: AnyDraft) -> AnyDraft:
    """The draft with unpadded keys; refuses what is wrong by itself, all faults at once."""
    draft = with_short_keys(draft)
    found = [*faults(draft, body.keys, tx.today), *await unknown_names(tx, service, draft)]
    if found:
        raise InvalidStep(*found)
    if draft.evidence and draft.evidence.kind == "reported":
        require_scope(tx.actor, ADMIN)
    return draft


async def unknown_names(tx: Tx, service: str, draft: StepDraft | Fact) -> list[Fault]:
    if service not in await catalogue.known(tx, [service]):
        return [Fault("/service", "unknown-service", {"value": service})]
    version = version_of(draft)
    found: list[Fault] = []
    if version and not await store.has_version(tx, service, version):
        found.append(Fault("/version", "unknown-version", {"value": version}))
    area = draft.area if isinstance(draft.area, tuple) else ()
    known = await organisations.find_ids(tx, area)
    for place, key in enumerate(area):
        if key not in known:
            found.append(Fault(f"/area/{place}", "unknown-organisation", {"value": key}))
    return found
