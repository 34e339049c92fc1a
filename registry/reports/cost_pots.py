"""From a question to the pots of a decision, pure: who is in each, with which weight."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from registry.agreements.keys import DistributionKey
from registry.errors import Fault
from registry.reports.cost_model import (
    BUND,
    Basis,
    CostQuestion,
    InvalidCostQuestion,
    Population,
    UsedKey,
)
from registry.reports.cost_shares import Pot, Sharing, cents_of, share

_QUARTER = Decimal(25)


Tables = Mapping[str, DistributionKey]


def pots(
    question: CostQuestion,
    found: Tables,
    participants: Sequence[str],
    inhabitants: Mapping[str, int | None],
) -> list[Pot]:
    """The pots of the decision; refuses a participant without a weight, for there is no default."""
    if question.rule == "2021/24":
        return [
            Pot(
                name=part.basis,
                basis=part.basis,
                weight=Decimal(part.weight),
                bodies=_weights(question, part.basis, participants, found, inhabitants),
            )
            for part in question.parts
        ]
    basis = question.parts[0].basis
    half = _weights(question, basis, participants, found, inhabitants)
    all_states = found[question.key].shares
    return [
        Pot(name="all_states", basis=question.key, weight=_QUARTER, bodies=all_states),
        Pot(name=BUND, basis="equal", weight=_QUARTER, bodies={BUND: Decimal(1)}),
        Pot(name="reusing_states", basis=basis, weight=2 * _QUARTER, bodies=half),
    ]


def _weights(
    question: CostQuestion,
    basis: Basis,
    participants: Sequence[str],
    found: Tables,
    inhabitants: Mapping[str, int | None],
) -> dict[str, Decimal]:
    known = _known(question, basis, participants, found, inhabitants)
    missing = [key for key in participants if key not in known]
    if missing:
        facts = {"basis": basis, "keys": ", ".join(missing)}
        raise InvalidCostQuestion(*[Fault(f"/measures/{basis}", "weight-missing", {**facts})])
    weights = {key: known[key] for key in participants}
    if not any(weights.values()):
        raise InvalidCostQuestion(Fault(f"/measures/{basis}", "no-weight"))
    return weights


def _known(
    question: CostQuestion,
    basis: Basis,
    participants: Sequence[str],
    found: Tables,
    inhabitants: Mapping[str, int | None],
) -> Mapping[str, Decimal]:
    if basis in question.measures:
        return {key: Decimal(value) for key, value in question.measures[basis].items()}
    if basis in found:
        return found[basis].shares
    if basis == "equal":
        return dict.fromkeys(participants, Decimal(1))
    if basis != "inhabitants":
        return {}
    return {key: Decimal(value) for key, value in inhabitants.items() if value is not None}


def shared(
    question: CostQuestion,
    found: Tables,
    participants: Iterable[str],
    people: Sequence[Population],
) -> tuple[Sharing, Sharing | None]:
    """The shares with all who take part, and without those who join, if any do."""
    inhabitants = {each.key: each.inhabitants for each in people}
    costs = [(cost.name, cents_of(cost.amount_eur)) for cost in question.costs]
    before = sorted(set(participants) - set(question.joining))
    after = sorted({*participants, *question.joining})
    if not after:
        raise InvalidCostQuestion(Fault("/participants", "nobody-pays"))
    whole = share(costs, pots(question, found, after, inhabitants))
    if before == after or not before:
        return whole, None
    return whole, share(costs, pots(question, found, before, inhabitants))


def used_keys(found: Tables) -> tuple[UsedKey, ...]:
    """The tables of the answer, as it names them."""
    return tuple(
        UsedKey(name=key.name, year=key.year, sources=key.sources, sha256=key.sha256)
        for _, key in sorted(found.items())
    )
