"""What a page says once, after something was done; pure.

A browser carries only a code from this list, and numbers: no text of others gets onto a page.
"""

import re

from registry.web.language import Language

_NOTICES: dict[str, tuple[str, str]] = {
    "recorded": ("Eingetragen.", "Recorded."),
    "batch": (
        "Neu eingetragen: {0}. Schon vorher eingetragen: {1}.",
        "Recorded now: {0}. Recorded before: {1}.",
    ),
    "published": (
        "Die Version ist veröffentlicht und ändert sich nicht mehr.",
        "The version is published and does not change any more.",
    ),
    "unchanged": (
        "Das war schon so eingetragen; es hat sich nichts geändert.",
        "This was recorded already; nothing has changed.",
    ),
}
_SHAPE = re.compile(r"([a-z-]{1,40})((?:\.[0-9]{1,9}){0,4})")


def notice_code(code: str, *numbers: int) -> str:
    """A notice with its numbers, as a browser carries it."""
    return ".".join([code, *map(str, numbers)])


def notice_text(carried: str, language: Language) -> str | None:
    """What a notice says; None where it is none of ours."""
    shape = _SHAPE.fullmatch(carried)
    texts = _NOTICES.get(shape[1]) if shape else None
    if shape is None or texts is None:
        return None
    numbers = shape[2].split(".")[1:]
    text = texts[1 if language == "en" else 0]
    return text.format(*numbers) if text.count("{") == len(numbers) else None
