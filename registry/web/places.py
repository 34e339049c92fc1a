"""Where the input is wrong: the framework's and msgspec's messages as faults with a place.

A place is an RFC 6901 pointer into the body, `?name` for a query parameter, `{name}` for a part
of the path, `name:` for a header.
"""

import re
from typing import Any, cast

from litestar.exceptions import ValidationException

from registry.characters import LINE, TEXT, URL
from registry.errors import Fault

# A regular expression tells a person nothing.
_TOLD = {
    f"Expected `str` matching regex {pattern!r}": rule
    for pattern, rule in (
        (LINE, "control-character"),
        (TEXT, "control-character"),
        (URL, "no-web-address"),
    )
}
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`")
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`")
_IN_BODY = re.compile(r"\$\.data(?P<path>[.\[][^`]*)?`\Z")
_STEP = re.compile(r"\.{3}|[^.\[\]]+")
_FORMS = {"query": "?{}", "path": "{{{}}}", "header": "{}:", "cookie": "{}:"}


def faults_of(error: ValidationException) -> tuple[Fault, ...]:
    """Each place that does not fit, by msgspec's message for it."""
    places = cast("list[dict[str, Any]]", error.extra if isinstance(error.extra, list) else [])
    return tuple(_fault(place, str(error.__cause__)) for place in places)


def _fault(place: dict[str, Any], first_message: str) -> Fault:
    return _said(_place(place, first_message), str(place.get("message", "")))


def fault_from(message: str) -> Fault:
    """What msgspec says of a value as a whole: what is wrong, and where (`… - at `$.a[0]``)."""
    said, _, path = message.partition(" - at `$")
    return _said(pointer_to(path.removesuffix("`")), said)


def _said(pointer: str, message: str) -> Fault:
    for pattern, rule in ((_UNKNOWN, "unknown-field"), (_MISSING, "missing-field")):
        if found := pattern.fullmatch(message):
            return Fault(pointer, rule, {"name": found["name"]})
    if rule := _TOLD.get(message):
        return Fault(pointer, rule)
    return Fault(pointer, "type", {"expected": message.removeprefix("Expected ")})


def _place(place: dict[str, Any], first_message: str) -> str:
    key, source = str(place.get("key", "")), place.get("source")
    if source != "body":
        return _FORMS.get(str(getattr(source, "value", source)), "?{}").format(key)
    # The framework's key drops every "data.": only the whole message tells a field called `data`
    # from the body itself. It speaks of another parameter where that one is wrong as well.
    if found := _IN_BODY.search(first_message):
        return pointer_to(found["path"] or "")
    return "" if key == "data" else pointer_to(key)


def pointer_to(path: str) -> str:
    """Msgspec's path as a pointer: `.m[0].name` becomes `/m/0/name`.

    It writes `...` for whatever key of a mapping: the pointer then ends at the mapping.
    """
    pointer = ""
    for step in _STEP.findall(path):
        if step == "...":
            break
        pointer += "/" + step.replace("~", "~0").replace("/", "~1")
    return pointer
