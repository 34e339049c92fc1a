"""Where the input is wrong: the framework's and msgspec's messages as faults with a place.

A place is an RFC 6901 pointer into the body, `?name` for a query parameter, `{name}` for a part
of the path, `name:` for a header.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from litestar.exceptions import ValidationException
from msgspec import inspect

from registry.characters import (
    AMOUNT,
    CHANNEL,
    INTERFACE_NAME,
    LINE,
    REGIONAL_KEY,
    SHA256,
    SLUG,
    TEXT,
    URL,
    VERSION_NUMBER,
)
from registry.dates import MONTH, PARTIAL_DATE
from registry.errors import Fault
from registry.web.mappings import LEFT_OUT, keyed_pointer

# A regular expression tells a person nothing.
_TOLD = {
    f"Expected `str` matching regex {pattern!r}": rule
    for pattern, rule in (
        (LINE, "control-character"),
        (TEXT, "control-character"),
        (URL, "no-web-address"),
        (SLUG, "no-slug"),
        (REGIONAL_KEY, "no-regional-key"),
        (VERSION_NUMBER, "no-version-number"),
        (SHA256, "no-sha256"),
        (INTERFACE_NAME, "no-interface-name"),
        (CHANNEL, "no-channel"),
        (AMOUNT, "no-amount"),
        (MONTH, "no-month"),
        (PARTIAL_DATE, "no-date"),
    )
}
_SAID = (
    (re.compile(r"Object contains unknown field `(?P<name>.*)`"), "unknown-field"),
    (re.compile(r"Object missing required field `(?P<name>.*)`"), "missing-field"),
    (re.compile(r"Expected `str` of length <= (?P<most>\d+)"), "too-long"),
    (re.compile(r"Expected `str` of length >= (?P<least>\d+)"), "too-short"),
    (re.compile(r"Expected `int( \| null)?`, got `str`"), "no-number"),
    (re.compile(r"Expected `int` >= (?P<least>-?\d+)"), "too-small"),
    (re.compile(r"Expected `int` <= (?P<most>-?\d+)"), "too-large"),
    (re.compile(r"Expected `bool`, got `str`"), "no-yes-or-no"),
    (re.compile(r"Invalid UUID"), "no-id"),
    (re.compile(r"Invalid enum value '(?P<given>.*)'", re.DOTALL), "no-choice"),
    (re.compile(r"Expected `(?:object|array)` of length >= (?P<least>\d+)"), "too-few"),
    (re.compile(r"Expected `(?:object|array)` of length <= (?P<most>\d+)"), "too-many"),
    (
        re.compile(r"Expected `str` matching regex '(?P<pattern>.*?)(?:\\\\Z)?'", re.DOTALL),
        "no-match",
    ),
)
_TYPES = re.compile(r"Expected `(?P<wanted>[a-z| ]+)`(?:, got `(?P<given>[a-z]+)`)?")
_MISSING_PARAMETER = re.compile(r"Missing required query parameter '(?P<name>\w+)'")
_IN_BODY = re.compile(r"\$\.data(?P<path>[.\[][^`]*)?`\Z")
_STEP = re.compile(r"\.{3}|[^.\[\]]+")
_FORMS = {"query": "?{}", "path": "{{{}}}", "header": "{}:", "cookie": "{}:"}


def faults_of(
    error: ValidationException, forms: Sequence[Any], body: Any, called: Mapping[str, str]
) -> tuple[Fault, ...]:
    """Each place that does not fit, by msgspec's message for it.

    `forms` are the models of all that the request is read into; `body` is their member `data`.
    `called` are the names of parameters as callers write them, by those the handler has for them.
    """
    if missing := _MISSING_PARAMETER.match(error.detail):
        return (Fault(f"?{missing['name']}", "missing-parameter", {"name": missing["name"]}),)
    places = cast("list[dict[str, Any]]", error.extra if isinstance(error.extra, list) else [])
    message = str(error.__cause__)
    found = [_fault(place, message) for place in places]
    found = [_in_mapping(fault, message, forms, body) for fault in found]
    found = [_with_choices(fault, forms, _member(fault.pointer)) for fault in found]
    return tuple(_as_called(fault, called) for fault in found)


def _as_called(fault: Fault, called: Mapping[str, str]) -> Fault:
    """A fault of a parameter by the name callers know."""
    own = fault.pointer.strip("?:")
    if fault.pointer.startswith("/") or own not in called:
        return fault
    return replace(fault, pointer=fault.pointer.replace(own, called[own]))


def _member(pointer: str) -> str:
    return f"/data{pointer}" if pointer.startswith("/") else "/" + pointer.strip("?{}:")


def _in_mapping(fault: Fault, message: str, forms: Sequence[Any], body: Any) -> Fault:
    """The fault at the entry of a mapping that is meant, where msgspec leaves its key out."""
    in_key = "at `key` in" in message
    path = _IN_BODY.search(message) if in_key or f"[{LEFT_OUT}]" in message else None
    form = next((one for one in forms if "data" in one.__struct_fields__), None)
    if path is None or form is None:
        return fault
    steps = _STEP.findall(path["path"] or "") + [LEFT_OUT] * in_key
    pointer = keyed_pointer(steps, body, form, message)
    return fault if pointer is None else replace(fault, pointer=pointer)


def _fault(place: dict[str, Any], first_message: str) -> Fault:
    return _said(_place(place, first_message), str(place.get("message", "")))


def fault_from(message: str, form: Any) -> Fault:
    """What msgspec says of a value of a form: what is wrong, and where (`… - at `$.a[0]``)."""
    said, _, path = message.rpartition(" - at `$") if " - at `$" in message else (message, "", "")
    fault = _said(pointer_to(path.removesuffix("`")), said)
    return _with_choices(fault, [form], fault.pointer)


def _with_choices(fault: Fault, forms: Iterable[Any], pointer: str) -> Fault:
    """A fault of a word that is none of some, with those."""
    if fault.rule != "no-choice":
        return fault
    allowed = [word for form in forms for word in choices(form, pointer)]
    return Fault(fault.pointer, fault.rule, {**fault.facts, "allowed": allowed})


def choices(form: Any, pointer: str) -> list[str]:
    """The words that may stand at a place of a form, if it takes only some."""
    types: list[Any] = [inspect.type_info(form)]
    for step in pointer.split("/")[1:]:
        types = [inner for one in _alternatives(types) for inner in _inside(one, step)]
    words = (word for one in _alternatives(types) for word in getattr(one, "values", ()))
    return sorted(str(word) for word in words)


def _alternatives(types: Iterable[Any]) -> Iterator[Any]:
    for one in types:
        if isinstance(one, inspect.Metadata):
            yield from _alternatives([one.type])
        elif isinstance(one, inspect.UnionType):
            yield from _alternatives(one.types)
        else:
            yield one


def _inside(form: Any, step: str) -> Iterator[Any]:
    if isinstance(form, inspect.StructType):
        yield from (field.type for field in form.fields if field.encode_name == step)
    elif step.isdigit() and hasattr(form, "item_type"):
        yield form.item_type
    elif isinstance(form, inspect.DictType):
        yield form.value_type


def _said(pointer: str, message: str) -> Fault:
    if rule := _TOLD.get(message):
        return Fault(pointer, rule)
    for pattern, rule in _SAID:
        if found := pattern.fullmatch(message):
            return Fault(pointer, rule, found.groupdict())
    if types := _TYPES.fullmatch(message):
        wanted, given = types["wanted"].split(" | "), types["given"]
        return Fault(pointer, "type", {"json_wanted": wanted, "json_given": given})
    return Fault(pointer, "unfit", {"expected": message.removeprefix("Expected ")})


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

    It writes `...` for whatever key of a mapping: the pointer then ends at the mapping, unless
    `mappings` finds the key.
    """
    pointer = ""
    for step in _STEP.findall(path):
        if step == "...":
            break
        pointer += "/" + step.replace("~", "~0").replace("/", "~1")
    return pointer
