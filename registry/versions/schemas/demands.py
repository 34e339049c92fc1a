"""What a keyword of a schema demands, in a form that fits into a sentence."""

from decimal import Decimal
from typing import Any, cast

import jsonschema_rs
import msgspec

from registry.errors import Fact

MAX_SHOWN = 10
MAX_LENGTH = 80

_NOT_SHOWN = frozenset({"unexpected", "error", "context", "schema"})


def limit_of(kind: jsonschema_rs.ValidationErrorKind) -> dict[str, Fact]:
    """What the schema demands there, as the facts of a text: `keyword` and `limit`."""
    values = [value for name, value in kind.as_dict().items() if name not in _NOT_SHOWN]
    return {"keyword": kind.name, "limit": ", ".join(map(_shown, values))}


def _shown(value: Any) -> str:
    if isinstance(value, list):
        options = cast("list[Any]", value)
        shown = [_shown(option) for option in options[:MAX_SHOWN]]
        return ", ".join(shown) + (", …" if len(options) > MAX_SHOWN else "")
    if isinstance(value, str | Decimal):
        return shortened(str(value))
    return shortened(msgspec.json.encode(value).decode())


def shortened(text: str) -> str:
    """The text, or its beginning where it is long."""
    return text if len(text) <= MAX_LENGTH else text[:MAX_LENGTH] + "…"
