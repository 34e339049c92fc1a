"""Cost shares from what is recorded: who takes part, by which table, as of a day."""

from collections.abc import Iterable

import msgspec

from registry.agreements.keys import read_keys
from registry.agreements.store import keys as key_store
from registry.audit import Moment
from registry.db import Query
from registry.errors import Fault
from registry.organisations import store as organisations
from registry.reports.answers import dated_address
from registry.reports.cost_model import (
    CostQuestion,
    CostShares,
    InvalidCostQuestion,
    require_answerable,
    tables,
)
from registry.reports.cost_pots import shared, used_keys
from registry.reports.cost_shares import changes
from registry.reports.definitions import definition
from registry.reports.store import costs as store


async def cost_shares(db: Query, question: CostQuestion, at: Moment) -> CostShares:
    """The answer for a day; participants come from the ledger unless named."""
    require_answerable(question)
    question = await _with_keys(db, question, at)
    found = tables(question, read_keys(await key_store.content(db, at.size)))
    participants = question.participants
    if participants is None:
        reusing = await store.reusing_states(db, question.service or "", at, demo=False)
        participants = tuple(reusing)
    everybody = sorted({*participants, *question.joining})
    people = await store.populations(db, everybody, at)
    whole, before = shared(question, found, participants, people)
    says = definition(f"cost-shares-{question.rule.replace('/', '-')}")
    return CostShares(
        definition=says.definition,
        denominator=says.denominator,
        rule=question.rule,
        charged_year=question.charged_year,
        as_of=at.day,
        known_at=at.known,
        participants=tuple(sorted(participants)),
        joining=tuple(sorted(question.joining)),
        keys=used_keys(found),
        inhabitants=tuple(people),
        positions=whole.positions,
        totals=whole.totals,
        remainders=whole.remainders,
        changes=changes(before, whole) if before else (),
        rows=_rows(question, at),
    )


def _rows(question: CostQuestion, at: Moment) -> str | None:
    return dated_address("/v1/reuses", at, service=question.service) if question.service else None


async def _with_keys(db: Query, question: CostQuestion, at: Moment) -> CostQuestion:
    """The same with every body by its shortest key; refuses one the register does not know."""
    measured = {key for values in question.measures.values() for key in values}
    named = {*(question.participants or ()), *question.joining, *measured}
    found = await organisations.find(db, sorted(named), at.day, at.size)
    if missing := sorted(named - found.keys()):
        raise InvalidCostQuestion(
            *[Fault("/participants", "unknown-organisation", {"value": key}) for key in missing]
        )
    keys = {name: body.key for name, body in found.items()}
    return msgspec.structs.replace(
        question,
        participants=question.participants and _each(keys, question.participants),
        joining=_each(keys, question.joining),
        measures={
            basis: {keys[key]: value for key, value in values.items()}
            for basis, values in question.measures.items()
        },
    )


def _each(keys: dict[str, str], named: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys[name] for name in named))
