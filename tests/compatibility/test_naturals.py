"""Texts in examples look like real ones where the schema allows it."""

import jsonschema_rs
import pytest

from registry.compatibility.languages.naturals import natural


@pytest.mark.parametrize(
    ("format_name", "name", "text"),
    [
        ("date", None, "2026-01-31"),
        (None, "Geburtsdatum", "1964-08-12"),
        (None, "validFromDate", "2026-01-31"),
        (None, "candidate", None),
        (None, "contactEmail", "erika.mustermann@example.org"),
        (None, "birth_date", "1964-08-12"),
        ("unheard-of", "plz", "51147"),
        (None, "filename", None),
        (None, None, None),
    ],
)
def test_formats_and_names_have_their_texts(
    format_name: str | None, name: str | None, text: str | None
) -> None:
    assert natural(format_name, name) == text


@pytest.mark.parametrize(
    "format_name",
    [
        *("date", "date-time", "time", "duration", "email", "hostname", "ipv4", "ipv6", "regex"),
        *("uri", "uri-reference", "iri", "uri-template", "uuid", "json-pointer"),
    ],
)
def test_the_text_for_a_format_fits_it(format_name: str) -> None:
    validator = jsonschema_rs.Draft202012Validator({"format": format_name}, validate_formats=True)
    assert validator.is_valid(natural(format_name, None))
