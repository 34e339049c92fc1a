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

_OTHERS = (
    *("", "name", "\\", "{", "(", "(abc", "/a/b", "1/a", "^b+$", "P1Y", "12:30:00+01:00"),
    *("1964-08-12", "1964-08-12T08:30:00+02:00", "198.51.100.7", "2001:db8::2"),
    *("00000000-0000-4000-8000-000000000000", "www.example.org", "münchen.example", "xn--xca"),
    *("a@example.org", "jörg.müller@example.org", "a@xn--xca"),
    "erika.mustermann-von-beispielhausen@example.org",
    *("http://example.org", "https://example.org/antrag?nummer=1", "https://example.org/ä"),
    "straße/ä",
)
"""Second texts of formats, and such as are in one format and not in a wider one."""

_TRIED = (*_OTHERS, *dict.fromkeys(NATURAL.values()))


@cache
def checks() -> Mapping[str, Callable[[Any], bool]]:
    """The answer of `jsonschema-rs` for each format; all but strings are in all of them.

    They raise ValueError for a text that is none in UTF-8.
    """
    return {
        name: jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True).is_valid
        for name in sorted(FORMATS)
    }


def in_format(name: str, text: str) -> bool | None:
    """Whether the text is in the format; None for a text that is none in UTF-8."""
    try:
        return checks()[name](text)
    except ValueError:
        return None


def texts(wanted: Iterable[str], barred: Iterable[str], first: str) -> Iterator[str]:
    """Texts in all formats of the one kind and in none of the other, `first` among those tried."""
    asked = {**dict.fromkeys(barred, False), **dict.fromkeys(wanted, True)}
    natural = (NATURAL[name] for name in sorted(asked) if asked[name])
    for text in (*natural, first, *_TRIED):
        if all(in_format(name, text) is is_in for name, is_in in asked.items()):
            yield text
