"""Forms of earlier dialects, written as 2020-12 has them.

They are read wherever they stand, also in a later dialect: there the schema is invalid, but says
clearly what was meant (`"exclusiveMinimum": true`, an array of `items`, `"required": true`).
"""

from registry.compatibility.plain.values import exact, names
from registry.compatibility.plain.writer import At
from registry.dialects.strict_json import Json

_EXCLUSIVE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
_NO_DEMAND: tuple[Json, ...] = ([], True, {})


def limit(at: At, keyword: str, value: Json) -> None:
    """`minimum`, `maximum`: exclusive where a draft-4 flag beside says so."""
    number = exact(value)
    if number is None:
        at.opaque(keyword)
    elif at.schema.get(_EXCLUSIVE[keyword]) is True:
        at.state(_EXCLUSIVE[keyword], number, keyword)
    else:
        at.state(keyword, number)


def exclusive(at: At, keyword: str, value: Json) -> None:
    """`exclusiveMinimum`, `exclusiveMaximum`: a number, or the flag of draft 4."""
    number = exact(value)
    if number is not None:
        at.state(keyword, number)
    elif not isinstance(value, bool):
        at.opaque(keyword)


def items(at: At, keyword: str, value: Json) -> None:
    """`items`: one schema, or up to 2019-09 an array of them."""
    if not isinstance(value, list):
        at.state("items", at.child(value, keyword))
    elif "prefixItems" in at.schema and at.resource.dialect == "2020-12":
        at.opaque(keyword)
    elif value:
        first = [at.child(schema, keyword, index) for index, schema in enumerate(value)]
        at.state("prefixItems", first, keyword)


def additional_items(at: At, keyword: str, value: Json) -> None:
    """`additionalItems` speaks of the rest behind an array of `items` only."""
    if isinstance(at.schema.get("items"), list):
        at.state("items", at.child(value, keyword), keyword)


def dependencies(at: At, keyword: str, value: Json) -> None:
    """`dependencies` up to draft 7: names, or (draft 3) one name, or a schema."""
    if not isinstance(value, dict):
        at.opaque(keyword)
        return
    named: dict[str, Json] = {}
    schemas: dict[str, Json] = {}
    for name, wanted in value.items():
        others = names([wanted] if isinstance(wanted, str) else wanted)
        if others is None:
            schemas[name] = at.child(wanted, keyword, name)
        else:
            named[name] = others
    if named:
        at.state("dependentRequired", named, keyword)
    if schemas:
        at.state("dependentSchemas", schemas, keyword)


def late_dependencies(at: At, keyword: str, value: Json) -> None:
    """`dependencies` since 2019-09: some validators assert it still, some do not."""
    if not isinstance(value, dict) or any(wanted not in _NO_DEMAND for wanted in value.values()):
        at.opaque(keyword)


def flagged(properties: dict[str, Json]) -> list[Json]:
    """The names of properties that demand themselves: `"required": true`, as draft 3 has it."""
    return [
        name
        for name, schema in properties.items()
        if isinstance(schema, dict) and schema.get("required") is True and "$ref" not in schema
    ]
