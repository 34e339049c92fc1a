"""Public bodies: how keys name them, and how they are shown."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID, uuid5

import msgspec

from registry.audit import LogPosition
from registry.authority import KEY_LENGTHS
from registry.errors import MalformedKey, NotFound, SetupProblem

Level = Literal["state", "region", "district", "association", "municipality", "unincorporated"]
KeyLevel = Literal[Level, "part"]
SuccessionKind = Literal["merger", "incorporation", "split", "transfer"]
Basis = Literal["all", "population", "area", "equal"]
Status = Literal["current", "ended", "not-yet"]

DEMO_STATE = "99"
"""The key of the fictitious Land."""

ATTRIBUTION = (
    "Verwaltungseinheiten, Einwohnerzahlen, Flächen und Gebietsänderungen: "
    "© Statistisches Bundesamt (Destatis), 2025. Vervielfältigung und Verbreitung, auch "
    "auszugsweise, mit Quellenangabe gestattet. Spalten neu geordnet, Namen ausgeschrieben, "
    "Vorgänger und Nachfolger abgeleitet.",
    "Karten: © BKG (2026) dl-de/by-2-0 (Daten verändert), Datenquellen: "
    "https://sgx.geodatenzentrum.de/web_public/gdz/datenquellen/datenquellen_vg_nuts.pdf",
)

_NAMESPACE = UUID("6b7e5d0a-5f0e-5c53-9d5b-3f6f2c1f8f42")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
_DIGITS = re.compile(r"[0-9]+")
_AGS = 8
_ARS = 12
_SHORTER = {12: 9, 9: 5, 8: 5, 5: 3, 3: 2}


class UnknownOrganisation(NotFound):
    """No body has, or ever had, this key or slug."""

    code = "unknown-organisation"


class UnknownTerritory(NotFound):
    """No body has, or ever had, a key that begins so."""

    code = "unknown-territory"


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """A public body on one day.

    `key` is its shortest regional key (a municipality's has 12 digits), or its slug; `keys` are all
    regional keys it held. A body that ended is shown as it last was, one to come as it begins.
    """

    id: UUID
    key: str
    slug: str | None
    name: str
    kind: str
    levels: tuple[Level, ...]
    keys: tuple[str, ...]
    ags: str | None
    status: Status
    population: int | None
    population_on: date | None


class BodyName(msgspec.Struct, frozen=True, kw_only=True):
    """A body by its shortest regional key or its slug, and its name."""

    key: str
    name: str


class Relative(msgspec.Struct, frozen=True, kw_only=True):
    """Another body, as it is named in the answer about one."""

    id: UUID
    key: str
    name: str
    kind: str


class DatedState(msgspec.Struct, frozen=True, kw_only=True):
    """What a body was from `valid_from` to the day before `valid_to`; null is open."""

    valid_from: date | None
    valid_to: date | None
    name: str
    kind: str
    levels: tuple[Level, ...]
    ags: str | None


class DatedKey(msgspec.Struct, frozen=True, kw_only=True):
    """A regional key from `valid_from` to the day before `valid_to`; null is open.

    A key of level `part` names a quarter and leads to its city.
    """

    key: str
    level: KeyLevel
    valid_from: date | None
    valid_to: date | None


class DatedSuccession(msgspec.Struct, frozen=True, kw_only=True):
    """What passed between a body and another on a day: all of the giver, or a share of it.

    `share` is between 0 and 1 and measured on `basis`; null where the source does not tell.
    """

    organisation: Relative
    effective_on: date
    kind: SuccessionKind
    share: float | None
    basis: Basis | None


class Heir(msgspec.Struct, frozen=True, kw_only=True):
    """A body that exists on the day asked for, and the share of the ended one that came to it."""

    organisation: Relative
    share: float


class OrganisationDetail(Organisation, frozen=True, kw_only=True):
    """A public body with all it was, what it came from and what became of it.

    `heirs` follows all successions of a body that ended, to the bodies of the day asked for.
    `known_at` is the position of the log the answer rests on, if asked.
    """

    as_of: date | None
    known_at: LogPosition | None
    ended_on: date | None
    legal_form: str | None
    area_km2: float | None
    postcode: str | None
    longitude: float | None
    latitude: float | None
    parents: tuple[Relative, ...]
    children: dict[Level, int]
    history: tuple[DatedState, ...]
    key_history: tuple[DatedKey, ...]
    predecessors: tuple[DatedSuccession, ...]
    successors: tuple[DatedSuccession, ...]
    heirs: tuple[Heir, ...]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """Which bodies are listed: on a day, of a level, by words, by how their keys begin.

    Those of the fictitious Land only with `demo`; all as known in the first `size` events of the
    log (None: in all that is recorded). `today` is the day for what no data set names one for.
    """

    as_of: date | None = None
    level: Level | None = None
    words: str | None = None
    prefix: str | None = None
    demo: bool = False
    size: int | None = None
    today: date

    @property
    def arguments(self) -> tuple[object, ...]:
        asked = (self.as_of, self.level, self.words, self.prefix, self.demo)
        return (*asked, self.size, self.today)


class Matches(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the bodies that match, how many do in all, and the day it holds for."""

    items: tuple[Organisation, ...]
    total: int
    as_of: date | None


class OrganisationList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of bodies as of a day; `total` counts all matches, `next` is the next page.

    `known_at` is the position of the log the answer rests on, if asked.
    """

    items: tuple[Organisation, ...]
    total: int
    next: str | None
    as_of: date | None
    known_at: LogPosition | None


class RegisterFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `organisations.load_register`: the kept content and the files it was made from."""

    data_set: str
    territory_date: date | None
    organisations: int
    content: str
    sources: str


def require_bodies_kept(lost: Sequence[str]) -> None:
    """Refuse a data set that no longer has bodies others refer to; a body that ended stays in it.

    SetupProblem names some of them.
    """
    if lost:
        raise SetupProblem(
            f"The data set lacks {len(lost)} bodies of its former version, "
            f"such as {', '.join(lost[:3])}; nothing was loaded."
        )


def organisation_id(identity: str) -> UUID:
    """The id of a body, the same in every installation.

    `identity` is its slug, or its level and the key it had in the first directory (`state/05`).
    """
    return uuid5(_NAMESPACE, identity)


def forms_of(key: str) -> tuple[str, ...]:
    """The forms under which the body with this key or slug may be recorded, the closest first.

    A key of 12 digits leads by its AGS where the association's digits are no longer the same.
    """
    if not _DIGITS.fullmatch(key):
        if _SLUG.fullmatch(key):
            return (key,)
        raise MalformedKey(key=key)
    if len(key) not in (*KEY_LENGTHS, _AGS):
        raise MalformedKey(key=key)
    forms = _without_padding(key)
    return (*forms, key[:5] + key[9:]) if len(key) == _ARS else forms


def regional_key(text: str) -> str:
    """The shortest regional key of the same territory, without zeros that only fill it up."""
    if not _DIGITS.fullmatch(text) or len(text) not in KEY_LENGTHS:
        raise MalformedKey(key=text)
    return _without_padding(text)[-1]


def _without_padding(key: str) -> tuple[str, ...]:
    """The key, and the shorter ones it is when what follows them is zeros."""
    shorter = _SHORTER.get(len(key))
    if shorter is None or key[shorter:].strip("0"):
        return (key,)
    return (key, *_without_padding(key[:shorter]))
