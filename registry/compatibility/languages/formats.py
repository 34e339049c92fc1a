"""The formats of 2020-12, 7.3, real-looking texts of them, and what tells them apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs

NATURAL = {
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
FORMATS = frozenset(NATURAL)
"""They assert something where `formats="assert"`."""

_TELLING = (
    *("", "name", "\\", "{", "("),
    *("https://example.org/ä", "straße/ä", "jörg.müller@example.org", "münchen.example"),
    *dict.fromkeys(NATURAL.values()),
)


@cache
def checks() -> Mapping[str, Callable[[Any], bool]]:
    """The answer of `jsonschema-rs` for each format; all but strings are in all of them."""
    return {
        name: jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid
        for name in sorted(FORMATS)
    }


def texts(within: Iterable[str], outside: Iterable[str], first: str) -> Iterator[str]:
    """Texts in all formats of the one kind and in none of the other, `first` among those tried."""
    wanted, barred = sorted(within), sorted(outside)
    for text in (*(NATURAL[name] for name in wanted), first, *_TELLING):
        if all(checks()[name](text) for name in wanted) and not any(
            checks()[name](text) for name in barred
        ):
            yield text
