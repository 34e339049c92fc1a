"""Who pays which share of costs, pure and exact to the cent.

Beschluss 2021/24 of the IT-Planungsrat: by inhabitants, actual uses, target group or the
Königsteiner Schlüssel over the participants, or a combination. Beschluss 2023/35: one half by the
reusing Länder (how it is split among them the decision leaves open), one quarter by the Bund,
one quarter by all Länder by a distribution key.

Each position is split into pots, each pot over its bodies, both by largest remainder on absolute
cents; of equal remainders the smaller key comes first. A negative amount mirrors the positive one.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from registry.reports.cost_model import (
    BodyShare,
    BodyTotal,
    Change,
    PositionShare,
    PotShare,
    Remainder,
)

_PLACES = Decimal("0.00001")


class Pot(msgspec.Struct, frozen=True, kw_only=True):
    """A part of every position: its weight among the pots, and the weights of its bodies."""

    name: str
    basis: str
    weight: Decimal
    bodies: Mapping[str, Decimal]


class Portion(msgspec.Struct, frozen=True, kw_only=True):
    """What one key gets, in cents; `remainder` is what was cut off where a cent was given for it.

    The remainder is a fraction of a cent.
    """

    cents: int
    remainder: Fraction | None


class Sharing(msgspec.Struct, frozen=True, kw_only=True):
    """Every position over its pots and bodies, the sum of each body, and every cent given."""

    positions: tuple[PositionShare, ...]
    totals: tuple[BodyTotal, ...]
    remainders: tuple[Remainder, ...]


def cents_of(euros: str) -> int:
    """Exact cents of an amount such as `-12.30`."""
    return int(Decimal(euros) * 100)


def euros_of(cents: int) -> str:
    """The amount as a decimal with two places."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02}"


def split(cents: int, weights: Mapping[str, Decimal]) -> dict[str, Portion]:
    """`cents` over the keys by their weights, which are not negative and not all zero."""
    sign = -1 if cents < 0 else 1
    whole = sum((Fraction(weight) for weight in weights.values()), Fraction(0))
    exact = {key: abs(cents) * Fraction(weights[key]) / whole for key in sorted(weights)}
    floors = {key: int(value) for key, value in exact.items()}
    left = abs(cents) - sum(floors.values())
    # `sorted` keeps the order of keys among equal remainders.
    lucky = sorted(exact, key=lambda key: floors[key] - exact[key])[:left]
    return {
        key: Portion(
            cents=sign * (floors[key] + (key in lucky)),
            remainder=exact[key] - floors[key] if key in lucky else None,
        )
        for key in exact
    }


def share(costs: Iterable[tuple[str, int]], pots: Sequence[Pot]) -> Sharing:
    """Each cost, by name and cents, over the pots and their bodies."""
    positions: list[PositionShare] = []
    remainders: list[Remainder] = []
    totals: dict[str, int] = {}
    for name, cents in costs:
        parts = split(cents, {pot.name: pot.weight for pot in pots})
        remainders += _remainders(name, None, cents, parts)
        shown: list[PotShare] = []
        for pot in sorted(pots, key=lambda pot: pot.name):
            portions = split(parts[pot.name].cents, pot.bodies)
            remainders += _remainders(name, pot.name, cents, portions)
            shown.append(_pot_share(pot, parts[pot.name].cents, portions))
            for key, portion in portions.items():
                totals[key] = totals.get(key, 0) + portion.cents
        positions.append(PositionShare(name=name, amount_eur=euros_of(cents), pots=tuple(shown)))
    return Sharing(
        positions=tuple(positions),
        totals=tuple(BodyTotal(key=k, amount_eur=euros_of(totals[k])) for k in sorted(totals)),
        remainders=tuple(remainders),
    )


def _remainders(
    position: str, pot: str | None, cents: int, portions: Mapping[str, Portion]
) -> list[Remainder]:
    return [
        Remainder(
            position=position,
            pot=pot,
            key=key,
            cents=-1 if cents < 0 else 1,
            remainder=f"{portion.remainder.numerator}/{portion.remainder.denominator}",
        )
        for key, portion in portions.items()
        if portion.remainder is not None
    ]


def _pot_share(pot: Pot, cents: int, portions: Mapping[str, Portion]) -> PotShare:
    whole = sum(pot.bodies.values(), Decimal(0))
    return PotShare(
        name=pot.name,
        basis=pot.basis,
        amount_eur=euros_of(cents),
        bodies=tuple(
            BodyShare(
                key=key,
                weight=str(pot.bodies[key]),
                adjusted_percent=str((pot.bodies[key] * 100 / whole).quantize(_PLACES)),
                amount_eur=euros_of(portion.cents),
            )
            for key, portion in portions.items()
        ),
    )


def changes(before: Sharing, after: Sharing) -> tuple[Change, ...]:
    """What each body pays without and with those who join."""
    old = {total.key: cents_of(total.amount_eur) for total in before.totals}
    new = {total.key: cents_of(total.amount_eur) for total in after.totals}
    return tuple(
        Change(
            key=key,
            before_eur=euros_of(old.get(key, 0)),
            after_eur=euros_of(new.get(key, 0)),
            difference_eur=euros_of(new.get(key, 0) - old.get(key, 0)),
        )
        for key in sorted(old.keys() | new.keys())
    )
