"""Documents as JSON text, and how much there is in one."""

import hashlib
import json
from decimal import Decimal

import msgspec

from registry.dialects.strict_json import Json


def text_of(value: Json) -> str:
    """The document as JSON text; numbers keep their exact value."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:  # a Decimal somewhere
        return _exact(value)


def lines_text(value: Json) -> str:
    """The same over several lines, as people write files."""
    return msgspec.json.format(text_of(value).encode(), indent=2).decode() + "\n"


def _exact(value: Json) -> str:
    match value:
        case dict():
            members = (
                f"{json.dumps(name, ensure_ascii=False)}: {_exact(inner)}"
                for name, inner in value.items()
            )
            return "{" + ", ".join(members) + "}"
        case list():
            return "[" + ", ".join(map(_exact, value)) + "]"
        case Decimal():
            return f"{value:f}" if abs(value.adjusted()) < 40 else str(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def count(value: Json, most: int, *, again: bool = True) -> int:
    """How many values the document holds, counted no further than `most`.

    Without `again`, a value that is repeated in a list counts once there, as it is judged.
    """
    waiting, seen = [value], 0
    while waiting and seen <= most:
        seen += 1
        inner = waiting.pop()
        if isinstance(inner, dict):
            waiting.extend(inner.values())
        elif isinstance(inner, list):
            waiting.extend(inner if again else {id(each): each for each in inner}.values())
    return seen


def digest(value: Json) -> str:
    """Tells JSON values apart, whatever the order of names: 64 hex digits."""
    return hashlib.sha256(sorted_text(value).encode(errors="surrogatepass")).hexdigest()


def sorted_text(value: Json) -> str:
    """The same text for values that differ in the order of names only."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_number)


def _number(value: Decimal) -> Json:
    return {"$number": str(value)}
