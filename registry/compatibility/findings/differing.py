"""Where two schemas are written differently: the innermost place around all that differs."""

from registry.dialects.strict_json import Json, Steps


def differing(old: Json, new: Json) -> Steps:
    """The steps to it, the same in both texts."""
    steps: list[str | int] = []
    while (inner := _only(old, new)) is not None:
        step, old, new = inner
        steps.append(step)
    return tuple(steps)


def _only(old: Json, new: Json) -> tuple[str | int, Json, Json] | None:
    """The one member or entry that differs; None where there is more, or other ones are there."""
    found: list[tuple[str | int, Json, Json]] = []
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        found = [(name, value, new[name]) for name, value in old.items() if value != new[name]]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = zip(old, new, strict=True)
        found = [(place, one, other) for place, (one, other) in enumerate(pairs) if one != other]
    return found[0] if len(found) == 1 else None
