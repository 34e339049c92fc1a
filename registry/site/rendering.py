"""Pages from templates: the language of an address, hashed static files, words for codes."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jinja2
import msgspec
from markupsafe import Markup, escape

from registry.characters import spelled, spelled_in_lines
from registry.compatibility.rules import what_breaks
from registry.db import LEGAL_TIME
from registry.site.addresses import LISTS, data_path, data_query
from registry.site.outlines import outline_map
from registry.site.words import TILES, sentence, word
from registry.subscriptions.sentences import says
from registry.web.language import Language

OWN = "/meine-stelle"
_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"

CSP = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""`data:` only for pictures: the icons of KERN are masks of that kind."""


@cache
def static_files() -> dict[str, bytes]:
    """Every static file by its path below the folder."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    return {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in files}


@cache
def static_digest() -> str:
    """What the addresses of static files change with: the SHA-256 over all of them."""
    digest = hashlib.sha256()
    for name, content in static_files().items():
        digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


# How much of a document is shown on a page.
_LONGEST = 2_000


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a page is: its address without the language, and its language."""

    path: str
    query: str
    language: Language

    def t(self, german: str, english: str) -> str:
        """The text in the language of the page."""
        return english if self.language == "en" else german

    def url(self, path: str, **query: object) -> str:
        """An address of this site in the language of the page."""
        given = {name: value for name, value in query.items() if value not in (None, "")}
        rest = f"?{urlencode(given)}" if given else ""
        return ("/en" if self.language == "en" else "") + path + rest or "/"

    @property
    def asked(self) -> dict[str, str]:
        """What of the query was filled in."""
        return dict(_filled_in(self.query))

    @property
    def dates(self) -> dict[str, str]:
        """The dates asked for, which links between pages keep."""
        asked = self.asked
        return {name: asked[name] for name in ("as_of", "known_at") if name in asked}

    @property
    def undated(self) -> dict[str, str]:
        """What else was asked for: the filters, without the place in the list."""
        left_out = {"as_of", "known_at", "cursor", "limit", "before", "behind"}
        return {name: value for name, value in self.asked.items() if name not in left_out}

    def also(self, **query: object) -> str:
        """The address of this page with these filters as well."""
        return self.to(self.path, **(self.undated | query))

    def to(self, path: str, **query: object) -> str:
        """An address of this site on the same day, as known at the same time."""
        return self.url(path, **(query | self.dates))

    def raw(self, path: str, **query: object) -> str:
        """An address of the interface on the same day, as known at the same time."""
        given = [(name, str(value)) for name, value in query.items() if value not in (None, "")]
        rest = urlencode(given + data_query(self.dates.items()))
        return path + (f"?{rest}" if rest else "")

    @property
    def data(self) -> str | None:
        """Where the same is to be had as data."""
        return self.path and data_path(self.path) and f"{self.path}.json" + self._question

    @property
    def table(self) -> str | None:
        """Where the same is to be had as a table."""
        if self.path in LISTS:
            return self.url(f"{self.path}.csv") + self._question
        return f"{self.path}.csv" + self._question if data_path(self.path, "csv") else None

    @property
    def _question(self) -> str:
        return f"?{self.query}" if self.query else ""

    def own_way(self, *further: tuple[str, str]) -> tuple[tuple[str, str], ...]:
        """The way to a page of a body's own: names with their addresses."""
        return ((self.t("Meine Stelle", "My body"), OWN), *further)

    def in_language(self, language: Language) -> str:
        """The address of the same page in a language."""
        path = (f"/en{self.path}".rstrip("/") if language == "en" else self.path) or "/"
        return path + (f"?{self.query}" if self.query else "")

    def name(self, names: Any) -> str:
        """A name in the language of the page, or the German one."""
        return (names.en if self.language == "en" else None) or names.de

    def day(self, value: date | datetime | str | None) -> str:
        """A date as people write it; a year or month as it was given."""
        if value is None:
            return "–"
        if isinstance(value, str):
            return ".".join(reversed(value.split("-")))
        if isinstance(value, datetime):
            value = value.astimezone(LEGAL_TIME)
        return value.strftime("%Y-%m-%d" if self.language == "en" else "%d.%m.%Y")

    def clock(self, value: datetime) -> str:
        """The legal time of an instant."""
        return value.astimezone(LEGAL_TIME).strftime("%H:%M")

    def number(self, value: int | None) -> str:
        """A number with the separators of the language."""
        if value is None:
            return "–"
        text = f"{value:,}"
        return text if self.language == "en" else text.replace(",", ".")

    def megabytes(self, value: int) -> str:
        """A number of bytes as people write it: 4,8 MB."""
        text = f"{value // 100_000 / 10:g} MB"
        return text if self.language == "en" else text.replace(".", ",")

    def money(self, value: str | None) -> str:
        """An exact amount in euros as people write it."""
        if value is None:
            return "–"
        whole, _, cents = value.partition(".")
        comma = "." if self.language == "en" else ","
        return f"{self.number(int(whole))}{comma + cents if cents else ''} €"

    def word(self, kind: str, code: str | None) -> str:
        """What a code is called."""
        return word(kind, code, self.language)

    def choices(self, kind: str, codes: Iterable[str]) -> list[tuple[str, str]]:
        """Codes with what they are called, for a field of a form."""
        return [(code, self.word(kind, code)) for code in codes]


@lru_cache(maxsize=64)
def _filled_in(query: str) -> dict[str, str]:
    return {name: value for name, value in parse_qsl(query) if value}


def foreign(text: object, most: int = 200) -> str:
    """Text of a schema as it stands on a page: no longer than that, and no other than it looks."""
    return spelled(str(text)[:most]) + _cut(str(text), most)


def foreign_lines(text: object, most: int = 10_000) -> str:
    """The same with its lines."""
    return spelled_in_lines(str(text)[:most]) + _cut(str(text), most)


def coded(text: str) -> Markup:
    """Text of ours with what stands between backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


def _cut(whole: str, most: int) -> str:
    return " …" if len(whole) > most else ""


def readable(document: bytes) -> str:
    """A document as indented text, cut where it is long."""
    text = msgspec.json.format(bytes(document), indent=2).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = f"/static/{static_digest()}"  # pyright: ignore[reportArgumentType]
    environment.filters |= {"foreign": foreign, "foreign_lines": foreign_lines}
    environment.filters["coded"] = coded  # pyright: ignore[reportArgumentType]
    environment.filters["sentence"] = sentence  # pyright: ignore[reportArgumentType]
    environment.filters["happening"] = _happening  # pyright: ignore[reportArgumentType]
    environment.globals["what_breaks"] = what_breaks  # pyright: ignore[reportArgumentType]
    environment.globals["readable"] = readable  # pyright: ignore[reportArgumentType]
    environment.globals["outlines"] = outline_map()  # pyright: ignore[reportArgumentType]
    environment.globals["tiles"] = TILES  # pyright: ignore[reportArgumentType]
    return environment


def _happening(action: str, language: Language) -> str:
    return says(action)[1 if language == "en" else 0]


def render(template: str, place: Place, **facts: Any) -> bytes:
    """A page as bytes; a gap in the facts is a defect, not an empty place."""
    short: dict[str, Callable[..., str]] = {
        "t": place.t,
        "url": place.url,
        "to": place.to,
        "raw": place.raw,
        "name": place.name,
        "day": place.day,
        "num": place.number,
        "clock": place.clock,
        "money": place.money,
        "word": place.word,
    }
    text = _environment().get_template(template).render(place=place, **short, **facts)
    return text.encode()
