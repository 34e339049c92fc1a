"""Documents as JSON text."""

import json
from decimal import Decimal

from registry.dialects.strict_json import Json


def text_of(value: Json) -> str:
    """The document as JSON text; numbers keep their exact value."""
    match value:
        case dict():
            members = (f"{json.dumps(name)}: {text_of(inner)}" for name, inner in value.items())
            return "{" + ", ".join(members) + "}"
        case list():
            return "[" + ", ".join(map(text_of, value)) + "]"
        case Decimal():
            return f"{value:f}" if abs(value.adjusted()) < 40 else str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return json.dumps(value)
