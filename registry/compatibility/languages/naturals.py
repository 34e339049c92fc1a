"""Real-looking texts for formats and for names that many schemas share, to show in examples."""

import re

from registry.compatibility.languages.formats import NATURAL
from registry.compatibility.languages.keeping import keeping

# Told by how a name ends, in English and German, the more special before the more general.
_NAMES = (
    ("e-?mail|mailadresse|email_?address", NATURAL["email"]),
    ("timestamp|zeitstempel|zeitpunkt|date_?time", NATURAL["date-time"]),
    ("birth_?date|date_?of_?birth|geburtsdatum", "1964-08-12"),
    ("date|datum", NATURAL["date"]),
    ("uuid|guid", NATURAL["uuid"]),
    ("uri|url|website|webseite|homepage|link", NATURAL["uri"]),
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


@keeping()
def natural(format: str | None, name: str | None) -> str | None:  # noqa: A002 - the keyword's name
    """A real-looking text for a format or for a property's name, if one is known."""
    if format in NATURAL:
        return NATURAL[format]
    parted = _HUMP.sub("_", name).lower() if name else ""
    return next((text for pattern, text in _BY_NAME if pattern.fullmatch(parted)), None)
