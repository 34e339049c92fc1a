r"""The second opinion: Python's `jsonschema`, hardened and made exact.

As it comes it fails on `\p{L}`, takes `$` before a line end, computes `multipleOf` in binary, and
fetches remote references; here patterns run in linear time, numbers are exact, and nothing is
retrieved. A schema of several dialects is not for it: a nested `$schema` would bring back the
validators as they come.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Any, cast

from jsonschema import validators
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema_specifications import REGISTRY
from referencing import Resource
from referencing.jsonschema import lookup_recursive_ref, specification_with

from registry.compatibility.judges.formats import second_checker
from registry.compatibility.languages import matches
from registry.compatibility.model import Formats
from registry.dialects.keywords import SCHEMA_URI, Dialect
from registry.dialects.strict_json import Json

_CLASSES: dict[Dialect, Any] = {
    "draft-04": validators.Draft4Validator,
    "draft-06": validators.Draft6Validator,
    "draft-07": validators.Draft7Validator,
    "2019-09": validators.Draft201909Validator,
    "2020-12": validators.Draft202012Validator,
}
_validators: Any = validators
_standard: Any = REGISTRY
_BRANCHES = ("allOf", "anyOf", "oneOf")


def python_validator(
    dialect: Dialect,
    schema: Any,
    *,
    address: str = "",
    others: Mapping[str, Json] | None = None,
    formats: Formats = "annotate",
) -> Validator:
    """A validator of one dialect for numbers as `read_json` gives them; no `$schema` within."""
    specification = specification_with(SCHEMA_URI[dialect])
    documents = {**(others or {}), address: schema}
    resources = [
        (name, Resource(cast("Any", root), specification)) for name, root in documents.items()
    ]
    registry = _standard.with_resources(resources)
    checker = second_checker() if formats == "assert" else None
    resolver = registry.resolver(address)
    return _hardened(dialect)(schema, format_checker=checker, _resolver=resolver)


@cache
def _hardened(dialect: Dialect) -> Any:
    base = _CLASSES[dialect]
    # Draft 4 counts 1.0 as no integer where JSON text says so; every later dialect as one.
    integer = _is_int if dialect == "draft-04" else _is_integer
    checker = base.TYPE_CHECKER.redefine_many({"number": _is_number, "integer": integer})
    keywords: dict[str, Any] = {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "multipleOf": _multiple_of,
        "items": _once_each(base.VALIDATORS["items"]),
    }
    if "unevaluatedProperties" in base.VALIDATORS:
        keywords["unevaluatedProperties"] = _unevaluated_properties
    return _validators.extend(base, keywords, type_checker=checker)


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Any:
    if validator.is_type(instance, "string") and not matches(pattern, instance):
        yield ValidationError("pattern")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _schema: Any) -> Any:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in patterns.items():
        for name, value in instance.items():
            if matches(pattern, name):
                yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _extra(instance: Any, schema: Any) -> list[str]:
    patterns, names = schema.get("patternProperties", {}), schema.get("properties", {})
    return [
        name
        for name in instance
        if name not in names and not any(matches(pattern, name) for pattern in patterns)
    ]


def _additional_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Any:
    if not validator.is_type(instance, "object"):
        return
    for name in _extra(instance, schema):
        yield from validator.descend(instance[name], wanted, path=name)


def _multiple_of(validator: Any, divisor: Any, instance: Any, _schema: Any) -> Any:
    if validator.is_type(instance, "number") and _exact(instance) % _exact(divisor) != 0:
        yield ValidationError("multipleOf")


def _exact(number: Any) -> Fraction:
    """As it was written: a float stands for its shortest decimal."""
    return Fraction(repr(number)) if isinstance(number, float) else Fraction(number)


def _once_each(judged: Any) -> Any:
    """`items`, asked once of an element that is repeated: long witnesses repeat one."""

    def items(validator: Any, wanted: Any, instance: Any, schema: Any) -> Any:
        if isinstance(instance, list) and isinstance(wanted, dict):
            elements = cast("list[Any]", instance)
            first = len(schema.get("prefixItems", ()))
            rest = {id(element): element for element in elements[first:]}
            instance = [*elements[:first], *rest.values()]
        yield from judged(validator, wanted, instance, schema) or ()

    return items


def _unevaluated_properties(validator: Any, wanted: Any, instance: Any, schema: Any) -> Any:
    if not validator.is_type(instance, "object"):
        return
    beside = {key: value for key, value in schema.items() if key != "unevaluatedProperties"}
    evaluated = set(_evaluated(validator, instance, beside))
    for name in instance:
        if name not in evaluated:
            yield from validator.descend(instance[name], wanted, path=name)


def _evaluated(validator: Any, instance: Any, schema: Any) -> Iterator[str]:
    """The names of properties that a schema the object is valid under has looked at."""
    if not isinstance(schema, dict):
        return
    found = cast("dict[str, Any]", schema)
    yield from found.get("properties", {}).keys() & instance.keys()
    patterns = found.get("patternProperties", {})
    yield from (name for name in instance if any(matches(each, name) for each in patterns))
    if "additionalProperties" in found:
        yield from _extra(instance, found)
    if "unevaluatedProperties" in found:
        yield from instance
    for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
        if keyword in found:
            yield from _evaluated_there(validator, instance, keyword, found[keyword])
    for branch in _branches(validator, instance, found):
        yield from _evaluated(validator, instance, branch)


def _evaluated_there(validator: Any, instance: Any, word: str, reference: str) -> Iterator[str]:
    resolver = validator._resolver
    recursive = word == "$recursiveRef"
    resolved = lookup_recursive_ref(resolver) if recursive else resolver.lookup(reference)
    there = validator.evolve(schema=resolved.contents, _resolver=resolved.resolver)
    return _evaluated(there, instance, resolved.contents)


def _branches(validator: Any, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """The schemas within that apply to the same object, and that it is valid under."""
    for keyword in _BRANCHES:
        for branch in schema.get(keyword, ()):
            if _fits(validator, instance, branch):
                yield branch
    for name, branch in schema.get("dependentSchemas", {}).items():
        if name in instance:
            yield branch
    if "if" in schema:
        fits = _fits(validator, instance, schema["if"])
        yield schema["if"] if fits else True
        yield schema.get("then" if fits else "else", True)


def _fits(validator: Any, instance: Any, schema: Any) -> bool:
    return next(validator.descend(instance, schema), None) is None


def _is_number(_checker: Any, value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _is_integer(checker: Any, value: Any) -> bool:
    return _is_number(checker, value) and value == Decimal(value).to_integral_value()


def _is_int(_checker: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
