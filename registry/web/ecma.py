"""Regular expressions of ours as JSON Schema writes them (ECMA-262)."""

from typing import Any, cast


def portable(value: Any) -> Any:
    r"""A schema with `$` for Python's `\Z`: its own `$` also stands before a last line break."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {key: portable(part) for key, part in members.items()}
    if isinstance(value, list):
        return [portable(part) for part in cast("list[Any]", value)]
    if isinstance(value, str) and value.endswith(r"\Z"):
        return value.removesuffix(r"\Z") + "$"
    return value
