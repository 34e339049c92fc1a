"""Pages from templates: the language of an address, hashed static files, words for codes."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
import msgspec

from registry.site.words import LAENDER, TILES, word
from registry.web.language import Language

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
        return value.strftime("%Y-%m-%d" if self.language == "en" else "%d.%m.%Y")

    def number(self, value: int | None) -> str:
        """A number with the separators of the language."""
        if value is None:
            return "–"
        text = f"{value:,}"
        return text if self.language == "en" else text.replace(",", ".")

    def word(self, kind: str, code: str | None) -> str:
        """What a code is called."""
        return word(kind, code, self.language)


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
    environment.globals["laender"] = LAENDER  # pyright: ignore[reportArgumentType]
    environment.globals["tiles"] = TILES  # pyright: ignore[reportArgumentType]
    return environment


def render(template: str, place: Place, **facts: Any) -> bytes:
    """A page as bytes; a gap in the facts is a defect, not an empty place."""
    short: dict[str, Callable[..., str]] = {
        "t": place.t,
        "url": place.url,
        "name": place.name,
        "day": place.day,
        "num": place.number,
        "word": place.word,
    }
    text = _environment().get_template(template).render(place=place, **short, **facts)
    return text.encode()
