"""Real-looking texts for formats and for names that many schemas share, to show in examples."""

import re
from collections.abc import Iterator, Sequence

from registry.compatibility.languages import (
    NoWord,
    TooHard,
    Unreadable,
    Words,
    find_words,
    matches,
)

_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1M",
    "email": "erika.mustermann@example.org",
    "idn-email": "erika.mustermann@example.org",
    "hostname": "example.org",
    "idn-hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/",
    "uri-reference": "https://example.org/",
    "iri": "https://example.org/",
    "iri-reference": "https://example.org/",
    "uri-template": "https://example.org/{id}",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "json-pointer": "/name",
    "relative-json-pointer": "0",
    "regex": "^a$",
}

# Told by how a name ends, in English and German, the more special before the more general.
_NAMES = (
    ("e-?mail|mailadresse|email_?address", _FORMATS["email"]),
    ("timestamp|zeitstempel|zeitpunkt|date_?time", _FORMATS["date-time"]),
    ("birth_?date|date_?of_?birth|geburtsdatum", "1964-08-12"),
    ("date|datum", _FORMATS["date"]),
    ("uuid|guid", _FORMATS["uuid"]),
    ("uri|url|website|webseite|homepage|link", _FORMATS["uri"]),
    ("phone|phone_?number|telefon|telefonnummer|mobile|fax", "+49 30 23125000"),
    ("iban", "DE02120300000000202051"),
    ("bic", "BYLADEM1001"),
    ("country_?code|countr(?:y|ies)|laendercode|staat", "DE"),
    ("currency|waehrung", "EUR"),
    ("language|lang|locale|sprache", "de"),
    ("first_?name|given_?names?|vornamen?", "Erika"),
    ("last_?name|family_?name|surname|nachname|familienname", "Mustermann"),
    ("zip|zip_?code|postal_?code|post_?code|plz|postleitzahl", "51147"),
    ("city|town|ort|stadt|wohnort|gemeinde", "Köln"),
    ("street|strasse|straße", "Heidestraße"),
    ("house_?number|hausnummer|hausnr", "17"),
    ("ags|gemeindeschluessel", "05315000"),
    ("ars|regionalschluessel", "053150000000"),
    ("version", "1.0.0"),
    ("full_?name|name", "Erika Mustermann"),
)
_BY_NAME = [(re.compile(rf"(?:.*[_\-. ])?(?:{ends})", re.DOTALL), text) for ends, text in _NAMES]
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def natural(format: str | None, name: str | None) -> str | None:  # noqa: A002 - the keyword's name
    """A real-looking text for a format or for a property's name, if one is known."""
    return next(_candidates(format, name), None)


def _candidates(format_: str | None, name: str | None) -> Iterator[str]:
    if format_ in _FORMATS:
        yield _FORMATS[format_]
    if name:
        parted = _HUMP.sub("_", name).lower()
        yield from (text for pattern, text in _BY_NAME if pattern.fullmatch(parted))


def natural_words(
    required: Sequence[str],
    barred: Sequence[str],
    *,
    min_length: int = 0,
    max_length: int | None = None,
    format: str | None = None,  # noqa: A002 - the keyword's name
    name: str | None = None,
) -> Words | NoWord | TooHard:
    """A real-looking text where one fits, else the most natural word of the language."""
    for text in _candidates(format, name):
        if len(text) < min_length or (max_length is not None and len(text) > max_length):
            continue
        if _fits(text, required, barred):
            return Words((text,))
    return find_words(required, barred, min_length=min_length, max_length=max_length)


def _fits(text: str, required: Sequence[str], barred: Sequence[str]) -> bool:
    try:
        return all(matches(pattern, text) for pattern in required) and not any(
            matches(pattern, text) for pattern in barred
        )
    except Unreadable:
        return False
