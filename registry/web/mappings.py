"""The entry of a mapping that does not fit: msgspec says `[...]` and leaves out the key.

A mapping is read in order and its first wrong entry told; so the shortest beginning of it that
gives the same message ends with that entry.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec

from registry.dialects.strict_json import pointer_to

LEFT_OUT = "..."

Step = str | int


def keyed_pointer(steps: Sequence[str], body: Any, form: Any, message: str) -> str | None:
    """The pointer of these steps into a body, with the keys that were left out.

    `form` is the model with a member `data` that refused the body with that message; None where it
    refuses it with another one.
    """

    def is_refused(given: Any) -> bool:
        try:
            msgspec.convert({"data": given}, form, strict=False)
        except msgspec.ValidationError as error:
            return str(error) == message
        return False

    try:
        return pointer_to(_with_keys(steps, body, is_refused))
    except (LookupError, TypeError, ValueError):
        return None


def _with_keys(
    steps: Sequence[str], body: Any, is_refused: Callable[[Any], bool]
) -> tuple[Step, ...]:
    taken: tuple[Step, ...] = ()
    value = body
    for step in steps:
        if step == LEFT_OUT:
            chosen: Any = _first_refused(body, taken, value, is_refused)
        else:
            chosen = step if isinstance(value, dict) else int(step)
        value = cast("Any", value)[chosen]
        taken += (chosen,)
    return taken


def _first_refused(
    body: Any, taken: tuple[Step, ...], mapping: dict[str, Any], is_refused: Callable[[Any], bool]
) -> str:
    keys = list(mapping)

    def refuses(count: int) -> bool:
        return is_refused(_with(body, taken, {key: mapping[key] for key in keys[:count]}))

    return keys[bisect_left(range(1, len(keys) + 1), True, key=refuses)]


def _with(value: Any, steps: tuple[Step, ...], inner: Any) -> Any:
    """A copy of a value with another at a place of it."""
    if not steps:
        return inner
    copied = value.copy()
    copied[steps[0]] = _with(value[steps[0]], steps[1:], inner)
    return copied
