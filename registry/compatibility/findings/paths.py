"""The places within a document, and what stands there."""

from registry.dialects.strict_json import Json

Path = tuple[str | int, ...]


def get(value: Json, path: Path) -> Json:
    """What stands there, null where nothing does."""
    for step in path:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
    return value


def put(value: Json, path: Path, inner: Json) -> Json:
    """The value with another one there; what is missing on the way is made."""
    if not path:
        return inner
    step, rest = path[0], path[1:]
    if isinstance(step, int) and isinstance(value, list):
        copy = [*value] or [None]
        copy[step] = put(copy[step], rest, inner)
        return copy
    held: dict[str, Json] = value if isinstance(value, dict) else {}
    return {**held, str(step): put(held.get(str(step)), rest, inner)}
