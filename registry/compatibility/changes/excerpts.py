"""Excerpts of schemas as findings show them."""

from collections.abc import Iterable

from registry.compatibility.rules import set_off, shortened
from registry.compatibility.texts import text_of
from registry.dialects.strict_json import Json

_LONGEST = 200
_MOST = 8


def excerpt(value: Json) -> str:
    """JSON text, cut where it is long."""
    text = text_of(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def enumerated(texts: Iterable[str], between: str = ", ") -> str:
    """Some texts as a list in a sentence."""
    given = [*texts]
    shown = between.join(set_off(shortened(text)) for text in given[:_MOST])
    return f"{shown}{between}… ({len(given)})" if len(given) > _MOST else shown
