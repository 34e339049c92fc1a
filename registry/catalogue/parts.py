"""What a service's document is made of: words with types, and the dated lists it holds.

Every text refuses characters that nobody sees (`registry.characters`).
"""

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from registry.characters import LINE, SLUG, TEXT, URL
from registry.dates import PartialDate

SERVICE_SLUG = SLUG
LEIKA_KEY = r"^99[0-9]{12}\Z"
OZG_ID = r"^[0-9]{5}\Z"
CODE = r"^[a-zA-Z0-9][a-zA-Z0-9._:/-]{0,79}\Z"

ServiceSlug = Annotated[
    str, Meta(pattern=SERVICE_SLUG, description="Lower-case letters, digits, hyphens.")
]
Line = Annotated[str, Meta(min_length=1, max_length=300, pattern=LINE)]
Text = Annotated[str, Meta(max_length=4_000, pattern=TEXT)]
Url = Annotated[str, Meta(max_length=2_000, pattern=URL)]
Code = Annotated[str, Meta(pattern=CODE, description="A code of one of the codelists.")]
LeikaKey = Annotated[
    str, Meta(pattern=LEIKA_KEY, max_length=14, description="Leistungsschlüssel, 14 digits.")
]
OzgId = Annotated[str, Meta(pattern=OZG_ID, max_length=5, description="OZG-ID, five digits.")]
Reference = Annotated[
    str,
    Meta(
        pattern=SLUG,
        description="An organisation, by one of its regional keys or its slug.",
    ),
]
Mailbox = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}\Z",
        description="A functional mailbox, never a person's.",
    ),
]
AmountEur = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,13}(\.[0-9]{1,2})?\Z", max_length=16, description="Euros, exact decimal."
    ),
]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One part of a document; what is left out is not said."""


class Names(Part, frozen=True, kw_only=True):
    """A name in German and, where there is one, in English."""

    de: Line
    en: Line | None = None


class Texts(Part, frozen=True, kw_only=True):
    """A text in German and, where there is one, in English."""

    de: Text = ""
    en: Text = ""


class Period(Part, frozen=True, kw_only=True):
    """When something holds: from the first day of `valid_from` up to, not including, `valid_to`.

    Left out where no source gives the date.
    """

    valid_from: PartialDate | None = None
    valid_to: PartialDate | None = None


class Builder(Part, frozen=True, kw_only=True):
    """An organisation that builds and runs the service, leading or as a partner."""

    organisation: Reference
    role: Literal["lead", "partner"] = "lead"


class CompetenceRule(Period, frozen=True, kw_only=True):
    """Which bodies are competent for the procedure in an area: by level, by kind, or by name.

    Without `area` the rule is for all of Germany.
    """

    source: Line
    area: Reference | None = None
    levels: tuple[Code, ...] = ()
    kinds: tuple[Code, ...] = ()
    bodies: tuple[Reference, ...] = ()
    exceptions: tuple[Reference, ...] = ()


class Contact(Part, frozen=True, kw_only=True):
    """Whom to write to: a role and its mailbox."""

    role: Line
    mailbox: Mailbox


_NOTICE_DAYS = 90


class Policy(Part, frozen=True, kw_only=True):
    """What is asked of versions: that their numbers tell the truth, and how their end is announced.

    `record` covers versions released before `released_before`; later ones are enforced. The end of
    a version is announced `notice_days` ahead at least (90 unless said), and falls on 1 February,
    May, August or November unless `sunset_on` is `any_day`. Only the operator makes less of either.
    What is not said is not written, so documents recorded before stay as their events say.
    """

    kind: Literal["enforce", "record"] = "enforce"
    released_before: date | None = None
    notice_days: Annotated[int, Meta(ge=1, le=3_650)] | UnsetType = UNSET
    sunset_on: Literal["quarter_day", "any_day"] | UnsetType = UNSET

    @property
    def days_ahead(self) -> int:
        """How many days ahead the end of a version is announced at least."""
        return _NOTICE_DAYS if self.notice_days is UNSET else self.notice_days

    @property
    def on_any_day(self) -> bool:
        """Whether a version may end on any day."""
        return self.sunset_on == "any_day"


class Source(Part, frozen=True, kw_only=True):
    """Where a statement comes from: an address, or a citation in `note`."""

    url: Url | None = None
    note: Text = ""
    stated_on: PartialDate | None = None


class AcceptedAccount(Period, frozen=True, kw_only=True):
    """A user account the service accepts, and the trust level it asks for."""

    account: Code
    trust_level: Code | None = None


class BaseComponent(Period, frozen=True, kw_only=True):
    """A base component the service uses, for payment, transport and the like."""

    kind: Code
    component: Code


class RequirementDeclaration(Part, frozen=True, kw_only=True):
    """What the builder itself declares about an EfA-Mindestanforderung or a whole group of them."""

    requirement: Code
    fulfilled: bool
    declared_on: PartialDate | None = None
    note: Text = ""


class Maturity(Part, frozen=True, kw_only=True):
    """A Reifegrad from a date on, under one version of the model (1.1: 0 to 4, 2.0: 0 to 7)."""

    model_version: Literal["1.1", "2.0"]
    level: Annotated[int, Meta(ge=0, le=7)]
    valid_from: PartialDate | None = None

    @property
    def code(self) -> str:
        """The code of this level in the codelist `maturity`."""
        return f"{self.model_version}:{self.level}"


class OfferingPortal(Period, frozen=True, kw_only=True):
    """A portal that offers the service."""

    portal: Code


class Funding(Part, frozen=True, kw_only=True):
    """Money for building or running the service, as a source states it."""

    reference: Line
    amount_eur: AmountEur | None = None
    source: Line | None = None
