"""A second opinion: Python's `jsonschema`, hardened and made exact, for differential tests.

As it comes it fails on `\\p{L}`, takes `$` before a line end, computes `multipleOf` in binary, and
fetches remote references; here patterns run in RE2, numbers are Decimal, and nothing is retrieved.
"""

from decimal import Decimal
from typing import Any, cast

import re2
from jsonschema import validators
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from referencing import Registry

from registry.dialects.keywords import Dialect

_CLASSES: dict[Dialect, Any] = {
    "draft-04": validators.Draft4Validator,
    "draft-06": validators.Draft6Validator,
    "draft-07": validators.Draft7Validator,
    "2019-09": validators.Draft201909Validator,
    "2020-12": validators.Draft202012Validator,
}


_re2: Any = re2
_validators: Any = validators
_registry: Any = Registry


def _search(pattern: str, text: str) -> bool:
    return _re2.search(pattern.replace("$", "\\z"), text) is not None


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Any:
    if validator.is_type(instance, "string") and not _search(pattern, instance):
        yield ValidationError("pattern")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Any:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in patterns.items():
        for name, value in instance.items():
            if _search(pattern, name):
                yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _extra(instance: Any, schema: Any) -> list[str]:
    patterns, names = schema.get("patternProperties", {}), schema.get("properties", {})
    return [
        name
        for name in instance
        if name not in names and not any(_search(pattern, name) for pattern in patterns)
    ]


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Any:
    if not validator.is_type(instance, "object"):
        return
    for name in _extra(instance, schema):
        if wanted is False:
            yield ValidationError("additionalProperties")
        elif wanted is not True:
            yield from validator.descend(instance[name], wanted, path=name)


def _additional_items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Any:
    first = schema.get("items")
    if isinstance(first, list) and validator.is_type(instance, "array"):
        for item in instance[len(cast("list[Any]", first)) :]:
            yield from validator.descend(item, wanted)


def _multiple_of(validator: Any, divisor: Any, instance: Any, schema: Any) -> Any:
    if validator.is_type(instance, "number") and Decimal(instance) % Decimal(divisor) != 0:
        yield ValidationError("multipleOf")


def _is_number(checker: Any, value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_integer(checker: Any, value: Any) -> bool:
    return _is_number(checker, value) and value == int(value)


def _is_int(checker: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def reference(dialect: Dialect, schema: Any) -> Validator:
    """The second opinion on a schema of one dialect, numbers as `read_json` gives them."""
    base = _CLASSES[dialect]
    # Draft 4 counts 1.0 as no integer where JSON text says so; every later dialect as one.
    integer = _is_int if dialect == "draft-04" else _is_integer
    checker = base.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": integer})
    keywords = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "multipleOf": _multiple_of,
    }
    hardened = _validators.extend(base, keywords, type_checker=checker)
    return hardened(schema, registry=_registry())
