"""Which of the two languages a caller reads, by `Accept-Language` (RFC 9110, 12.5.4)."""

from typing import Literal

Language = Literal["de", "en"]


def spoken(language: Language) -> dict[str, str]:
    """The headers of an answer in a language that the caller's ranking chose."""
    return {"Content-Language": language, "Vary": "Accept-Language"}


def preferred_language(accept_language: str) -> Language:
    """English when it is ranked above German; German otherwise."""
    ranks = {"de": 0.0, "en": 0.0}
    for part in accept_language.split(","):
        tag, _, weight = part.strip().partition(";")
        language = tag.split("-")[0].lower()
        if language in ranks:
            ranks[language] = max(ranks[language], _quality(weight))
    return "en" if ranks["en"] > ranks["de"] else "de"


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
