"""What is asked about cost shares, and the answer."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from registry.agreements.keys import DistributionKey, DistributionKeys, KeyName
from registry.audit import LogPosition
from registry.catalogue.parts import Line, Reference, ServiceSlug, Texts
from registry.characters import AMOUNT
from registry.errors import Fault, Unprocessable

Rule = Literal["2021/24", "2023/35"]
Basis = Literal["inhabitants", "uses", "target_group", "koenigstein", "lukifg", "equal"]

SignedEur = Annotated[
    str,
    Meta(
        pattern=AMOUNT,
        max_length=17,
        description="Euros, exact decimal; negative: money paid back.",
    ),
]
Amount = Annotated[
    str, Meta(pattern=r"^[0-9]{1,15}(\.[0-9]{1,6})?\Z", description="Exact number, not negative.")
]
Year = Annotated[int, Meta(ge=1949, le=2200)]
Few = Meta(max_length=200)
BUND = "bund"


class InvalidCostQuestion(Unprocessable):
    """The question contradicts itself, or leaves out what the rule needs."""

    code = "invalid-cost-question"


class Cost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One position of what is to be paid."""

    name: Line
    amount_eur: SignedEur


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of every position, and what it is split by; of a combination the weights say how."""

    basis: Basis
    weight: Amount = "1"


class CostQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be paid under which decision of the IT-Planungsrat, and by whom.

    `participants` left out: the Länder in which `service` is reused on the day asked for.
    `joining` are those who might join; the answer says what that changes. `parts` says what the
    participants' money is split by: under 2023/35 one of them, for the half of the reusing Länder.
    `key_year` is the year of the table, `charged_year` the one that is paid for. Inhabitants come
    from the register unless `measures` gives them; uses and target groups must be given there.
    """

    rule: Rule
    charged_year: Year
    costs: Annotated[tuple[Cost, ...], Meta(min_length=1, max_length=200)]
    parts: Annotated[tuple[Part, ...], Meta(min_length=1, max_length=6)]
    key: KeyName = "koenigstein"
    key_year: Year | None = None
    service: ServiceSlug | None = None
    participants: Annotated[tuple[Reference, ...], Few] | None = None
    joining: Annotated[tuple[Reference, ...], Few] = ()
    measures: dict[Basis, dict[Reference, Amount]] = {}


class BodyShare(msgspec.Struct, frozen=True, kw_only=True):
    """What one body pays of a pot; `adjusted_percent` is its weight renormalised over the pot."""

    key: str
    weight: str
    adjusted_percent: str
    amount_eur: str


class PotShare(msgspec.Struct, frozen=True, kw_only=True):
    """One pot of a position, and who pays it."""

    name: str
    basis: str
    amount_eur: str
    bodies: tuple[BodyShare, ...]


class PositionShare(msgspec.Struct, frozen=True, kw_only=True):
    """One position, by pots."""

    name: str
    amount_eur: str
    pots: tuple[PotShare, ...]


class BodyTotal(msgspec.Struct, frozen=True, kw_only=True):
    """What one body pays in all."""

    key: str
    amount_eur: str


class Remainder(msgspec.Struct, frozen=True, kw_only=True):
    """A cent that was given for the fraction cut off; `pot` null: to a pot, else to a body of it.

    `remainder` is that fraction of a cent.
    """

    position: str
    pot: str | None
    key: str
    cents: int
    remainder: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a body pays without and with those who join."""

    key: str
    before_eur: str
    after_eur: str
    difference_eur: str


class UsedKey(msgspec.Struct, frozen=True, kw_only=True):
    """The table of a distribution key that was used; `sha256` is that of the file it stands in."""

    name: KeyName
    year: int
    sources: tuple[str, ...]
    sha256: str


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """The inhabitants of a participant, as the register has them."""

    key: str
    inhabitants: int | None
    counted_on: date | None


class CostShares(msgspec.Struct, frozen=True, kw_only=True):
    """Who pays what, every cent given for a remainder, and what joining would change."""

    definition: Texts
    denominator: Texts
    rule: Rule
    charged_year: int
    as_of: date
    known_at: LogPosition | None
    participants: tuple[str, ...]
    joining: tuple[str, ...]
    keys: tuple[UsedKey, ...]
    inhabitants: tuple[Population, ...]
    positions: tuple[PositionShare, ...]
    totals: tuple[BodyTotal, ...]
    remainders: tuple[Remainder, ...]
    changes: tuple[Change, ...]
    rows: str | None


def require_answerable(question: CostQuestion) -> None:
    """Refuse what no rule answers: no participants named, parts twice, a table without its year."""
    faults: list[Fault] = []
    if question.participants is None and question.service is None:
        faults.append(Fault("/participants", "participants-or-service"))
    bases = [part.basis for part in question.parts]
    faults += [
        Fault(f"/parts/{n}/basis", "repeated") for n, base in enumerate(bases) if base in bases[:n]
    ]
    if not any(Decimal(part.weight) for part in question.parts):
        faults.append(Fault("/parts", "no-weight"))
    if question.rule == "2023/35" and len(bases) > 1:
        faults.append(Fault("/parts", "one-part"))
    if question.key_year is None and (
        question.rule == "2023/35" or {*bases} & {"koenigstein", "lukifg"}
    ):
        faults.append(Fault("/key_year", "key-year-missing"))
    if faults:
        raise InvalidCostQuestion(*faults)


def tables(question: CostQuestion, known: DistributionKeys) -> dict[str, DistributionKey]:
    """The distribution keys the question needs, each of its year; a missing one is refused."""
    names: list[KeyName] = [
        part.basis for part in question.parts if part.basis in ("koenigstein", "lukifg")
    ]
    if question.rule == "2023/35":
        names.append(question.key)
    year = question.key_year or 0
    return {name: known.of(name, year) for name in names}
