"""What each keyword becomes in the plain form, by dialect."""

from collections.abc import Mapping

from registry.compatibility.languages.formats import FORMATS
from registry.compatibility.plain import legacy
from registry.compatibility.plain.values import count, exact, exact_data, names
from registry.compatibility.plain.writer import At, Handler, stated
from registry.dialects.strict_json import Json

_TYPES = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))


def _nothing(at: At, keyword: str, value: Json) -> None:
    """The keyword asserts nothing here, and tells people nothing."""


def _unknown(at: At, keyword: str, value: Json) -> None:
    at.opaque(keyword, at.writer.meaning(value))


def _type(at: At, keyword: str, value: Json) -> None:
    if isinstance(value, str) and value in _TYPES:
        at.state(keyword, value)
    elif (found := names(value)) and _TYPES.issuperset(found):
        at.state(keyword, found)
    elif not (at.resource.third and value == "any"):
        at.opaque(keyword)


def _enum(at: At, keyword: str, value: Json) -> None:
    if not isinstance(value, list):
        at.opaque(keyword)
    elif value:
        _data(at, keyword, value)
    else:
        at.state("not", True, "enum")


def _data(at: At, keyword: str, value: Json) -> None:
    """`const`, and the members of `enum`."""
    try:
        at.state(keyword, exact_data(value))
    except ValueError:
        at.opaque(keyword)


def _multiple(at: At, keyword: str, value: Json) -> None:
    number = exact(value)
    if number is None or number <= 0:
        at.opaque(keyword)
    else:
        at.state("multipleOf", number, keyword)


def _count(at: At, keyword: str, value: Json) -> None:
    number = count(value)
    if number is None:
        at.opaque(keyword)
    else:
        at.state(keyword, number)


def _contained(at: At, keyword: str, value: Json) -> None:
    if "contains" in at.schema:
        _count(at, keyword, value)


def _pattern(at: At, keyword: str, value: Json) -> None:
    if isinstance(value, str):
        at.state(keyword, value)
    else:
        at.opaque(keyword)


def _format(at: At, keyword: str, value: Json) -> None:
    if at.writer.formats == "assert" and isinstance(value, str) and value in FORMATS:
        at.writer.asserted.add(value)
        at.state(keyword, value)
    else:
        at.source.annotations[keyword] = value


def _unique(at: At, keyword: str, value: Json) -> None:
    if value is True:
        at.state(keyword, True)
    elif value is not False:
        at.opaque(keyword)


def _required(at: At, keyword: str, value: Json) -> None:
    found = names(value)
    if found:
        at.node[keyword] = [*stated(at.node, keyword), *found]
    elif found is None and not isinstance(value, bool):  # draft 3: the object around reads it
        at.opaque(keyword)


def _dependent_required(at: At, keyword: str, value: Json) -> None:
    if isinstance(value, dict) and None not in map(names, value.values()):
        at.state(keyword, {name: names(others) for name, others in value.items()})
    else:
        at.opaque(keyword)


def _schema(at: At, keyword: str, value: Json) -> None:
    at.state(keyword, at.child(value, keyword))


def _schemas(at: At, keyword: str, value: Json) -> None:
    if not isinstance(value, list) or (not value and keyword in ("anyOf", "oneOf")):
        at.opaque(keyword)
        return
    members = [at.child(schema, keyword, index) for index, schema in enumerate(value)]
    if keyword == "allOf":
        at.node[keyword] = [*members, *stated(at.node, keyword)]
    elif members:
        at.state(keyword, members)


def _named(at: At, keyword: str, value: Json) -> None:
    if isinstance(value, dict):
        at.state(keyword, {name: at.child(schema, keyword, name) for name, schema in value.items()})
    else:
        at.opaque(keyword)


def _properties(at: At, keyword: str, value: Json) -> None:
    _named(at, keyword, value)
    if isinstance(value, dict) and (names := legacy.flagged(value)):
        at.node["required"] = [*stated(at.node, "required"), *names]


def _branch(at: At, keyword: str, value: Json) -> None:
    if "if" in at.schema:
        _schema(at, keyword, value)


def _ref(at: At, keyword: str, value: Json) -> None:
    found = at.writer.library.resolve(at.resource, value) if isinstance(value, str) else None
    if found and isinstance(found.schema, dict) and found.schema.get("required") is True:
        at.opaque(keyword)  # draft 3: whether the object around should read it is not said
    else:
        at.writer.refer(at, keyword, found)


def _dynamic_ref(at: At, keyword: str, value: Json) -> None:
    """The outermost place of that name, where the nearest is dynamic too: 2020-12, 8.2.3.2.

    `$recursiveRef` (2019-09, 8.2.4.2) is the same for whole resources, without a name.
    """
    library = at.writer.library
    anchor = value.partition("#")[2] if isinstance(value, str) else ""
    found = library.resolve(at.resource, value) if isinstance(value, str) else None
    if found and library.is_dynamic(found, anchor):
        at.writer.anchors.add(anchor)
        outer = dict(at.scope).get(anchor)
        found = library.dynamic_place(anchor, outer) if outer is not None else found
    at.writer.refer(at, keyword, found)


_ALWAYS: dict[str, Handler] = {
    "type": _type,
    "enum": _enum,
    "minimum": legacy.limit,
    "maximum": legacy.limit,
    "exclusiveMinimum": legacy.exclusive,
    "exclusiveMaximum": legacy.exclusive,
    "multipleOf": _multiple,
    "pattern": _pattern,
    "format": _format,
    "uniqueItems": _unique,
    "required": _required,
    "properties": _properties,
    "patternProperties": _named,
    "items": legacy.items,
    "additionalItems": legacy.additional_items,
    "dependencies": legacy.dependencies,
    "$ref": _ref,
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _count),
    **dict.fromkeys(("minProperties", "maxProperties"), _count),
    **dict.fromkeys(("additionalProperties", "not"), _schema),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _schemas),
    **dict.fromkeys(("$schema", "$defs", "definitions"), _nothing),
}
_SINCE_6: dict[str, Handler] = {
    **_ALWAYS,
    "const": _data,
    "contains": _schema,
    "propertyNames": _schema,
    "$id": _nothing,
}
_SINCE_7: dict[str, Handler] = {**_SINCE_6, "if": _schema, "then": _branch, "else": _branch}
_SINCE_2019: dict[str, Handler] = {
    **_SINCE_7,
    "dependencies": legacy.late_dependencies,
    "dependentRequired": _dependent_required,
    "dependentSchemas": _named,
    "minContains": _contained,
    "maxContains": _contained,
    "unevaluatedItems": _schema,
    "unevaluatedProperties": _schema,
    "$anchor": _nothing,
    "$vocabulary": _nothing,
}

HANDLERS: Mapping[str, Mapping[str, Handler]] = {
    "draft-03": {**_ALWAYS, "id": _nothing, "divisibleBy": _multiple}
    | dict.fromkeys(("disallow", "extends"), _unknown),
    "draft-04": {**_ALWAYS, "id": _nothing},
    "draft-06": _SINCE_6,
    "draft-07": _SINCE_7,
    "2019-09": {**_SINCE_2019, "$recursiveRef": _dynamic_ref, "$recursiveAnchor": _nothing},
    "2020-12": {
        **_SINCE_2019,
        "prefixItems": _schemas,
        "$dynamicRef": _dynamic_ref,
        "$dynamicAnchor": _nothing,
    },
    "beside-reference": {
        name: handler
        for name, handler in _ALWAYS.items()
        if name in ("$ref", "$schema", "$defs", "definitions")
    },
}
"""By dialect, what is done with a keyword; one without an entry is an annotation."""
