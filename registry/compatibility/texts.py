"""Documents as JSON text."""

import json
from decimal import Decimal

from registry.dialects.strict_json import Json


def text_of(value: Json) -> str:
    """The document as JSON text; numbers keep their exact value."""
    try:
        return json.dumps(value, ensure_ascii=False)
    except TypeError:  # a Decimal somewhere
        return _exact(value)


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
