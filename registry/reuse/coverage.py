"""Which agreement covers a step: asked of `agreements` for every step that needs one."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from registry.agreements.coverage import Contract, Member, Missing, Need, cover, is_needed
from registry.agreements.rules import SCOPE as AGREEMENTS
from registry.agreements.store.contracts import contracts
from registry.db import Tx
from registry.errors import Fault
from registry.identity.delegation_store import Acting, delegates
from registry.reuse.model import COVERED_STAGES, ReuseNotCovered, StepFacts
from registry.reuse.store import ledger as store
from registry.reuse.store.basis import Stood, stood

Use = tuple[store.Body, StepFacts]


class Uncovered(msgspec.Struct, frozen=True, kw_only=True):
    """A step that nothing covers: what is missing, of what, and on which basis."""

    step: UUID
    missing: Missing
    need: Need

    def refusal(self, pointer: str = "/stage") -> ReuseNotCovered:
        """The refusal of the step, which stands at `pointer`."""
        missing, need = self.missing, self.need
        fault = Fault(pointer, missing.link, {"agreement": missing.agreement, "body": missing.body})
        return ReuseNotCovered(
            fault,
            service=need.service,
            organisation=need.body.key,
            date=need.day.isoformat(),
            basis=need.basis,
            missing=missing.link,
            agreement=missing.agreement,
            body=missing.body,
        )


async def covering(
    tx: Tx, service: str, uses: Sequence[Use]
) -> tuple[dict[UUID, str], list[Uncovered]]:
    """By step the agreement that covers it, and the steps that need one and have none.

    Own use needs none, nor does what is only reported: its contract is not recorded.
    """
    asking = [(body, step) for body, step in uses if _may_need(step)]
    if not asking:
        return {}, []
    acting = await delegates(tx, {body.id for body, _ in asking}, AGREEMENTS, service)
    needs = [
        (step.id, _need(service, body, step, now, acting))
        for (body, step), now in zip(asking, await stood(tx, service, asking), strict=True)
        if is_needed(now.basis) and not now.own_use
    ]
    known = await contracts(tx, service, _themes(need for _, need in needs), _bodies(needs))
    found = await asyncio.to_thread(_judged, needs, known)
    return (
        {step: each for step, _, each in found if isinstance(each, str)},
        [
            Uncovered(step=step, missing=each, need=need)
            for step, need, each in found
            if isinstance(each, Missing)
        ],
    )


def _judged(
    needs: Iterable[tuple[UUID, Need]], known: Mapping[str, Contract]
) -> list[tuple[UUID, Need, str | Missing]]:
    """What covers each need; beside the event loop, since a batch may have thousands."""
    return [(step, need, cover(need, known)) for step, need in needs]


async def covered(
    tx: Tx, service: str, body: store.Body, steps: Iterable[StepFacts]
) -> tuple[StepFacts, ...]:
    """The steps with what covers them; refuses the first that needs an agreement and has none."""
    steps = tuple(steps)
    agreements, uncovered = await covering(tx, service, [(body, step) for step in steps])
    for each in uncovered:
        raise each.refusal()
    return with_agreements(steps, agreements)


def with_agreements(
    steps: Iterable[StepFacts], agreements: dict[UUID, str]
) -> tuple[StepFacts, ...]:
    """The steps, those that are covered with their agreement."""
    return tuple(msgspec.structs.replace(step, agreement=agreements.get(step.id)) for step in steps)


def _may_need(step: StepFacts) -> bool:
    reported = step.evidence is not None and step.evidence.kind == "reported"
    return step.stage in COVERED_STAGES and not reported


def _need(
    service: str, body: store.Body, step: StepFacts, now: Stood, acting: Iterable[Acting]
) -> Need:
    day = step.valid_from
    delegates = (each.delegate for each in acting if each.delegator == body.id and each.on(day))
    return Need(
        service=service,
        theme=now.theme,
        basis=now.basis or "",
        body=Member(
            organisation_id=body.id, key=body.key, keys=body.keys, delegates=tuple(delegates)
        ),
        day=day,
    )


def _themes(needs: Iterable[Need]) -> list[str]:
    return sorted({need.theme for need in needs if need.theme})


def _bodies(needs: Iterable[tuple[UUID, Need]]) -> list[Member]:
    return list({need.body: need.body for _, need in needs})
