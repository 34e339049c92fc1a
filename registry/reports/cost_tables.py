"""Cost shares as rows of one table."""

from collections.abc import Iterator

import msgspec

from registry.reports.cost_model import CostShares


class ShareRow(msgspec.Struct, frozen=True, kw_only=True):
    """What one body pays of one pot of one position."""

    position: str
    pot: str
    basis: str
    key: str
    weight: str
    adjusted_percent: str
    amount_eur: str
    charged_year: int


def share_rows(answer: CostShares) -> Iterator[ShareRow]:
    """The rows in the order of positions, pots and keys."""
    for position in answer.positions:
        for pot in position.pots:
            for body in pot.bodies:
                yield ShareRow(
                    position=position.name,
                    pot=pot.name,
                    basis=pot.basis,
                    key=body.key,
                    weight=body.weight,
                    adjusted_percent=body.adjusted_percent,
                    amount_eur=body.amount_eur,
                    charged_year=answer.charged_year,
                )
