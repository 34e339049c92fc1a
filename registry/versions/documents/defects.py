"""What is wrong with a document, told by its schema alone: no value of the document is repeated."""

from collections.abc import Callable

import jsonschema_rs
import msgspec

from registry.dialects.strict_json import Steps, pointer_to
from registry.errors import Fact, Fault
from registry.versions.schemas.demands import MAX_SHOWN, limit_of, shortened

MAX_NESTING = 3


class Defect(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a document that breaks one keyword of its schema.

    `pointer` leads into the document, `schema_pointer` into the schema (RFC 6901; with the address
    of the schema where that is another one). `rule` and `facts` make its text. `causes` are the
    defects of the alternative (`anyOf`, `oneOf`) that came closest.
    """

    pointer: str
    keyword: str
    schema_pointer: str
    rule: str
    facts: dict[str, Fact]
    causes: list["Defect"] = []


class Reporter:
    """Turns the engine's errors about one schema into defects.

    `own` is the schema's address; `source_of` gives the pattern a publisher wrote for the engine's.
    """

    def __init__(self, own: str, source_of: Callable[[str], str]) -> None:
        self.own = own
        self.source_of = source_of

    def defects(self, error: jsonschema_rs.ValidationError, nesting: int = 0) -> list[Defect]:
        """One defect for each member that is not wanted, one for any other error."""
        facts = limit_of(error.kind)
        if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Pattern):
            facts["limit"] = shortened(self.source_of(error.kind.pattern))
        return [
            Defect(
                pointer=pointer_to((*error.instance_path, *member)),
                keyword=error.kind.name,
                schema_pointer=self._schema_pointer(error),
                rule=_rule(error.kind),
                facts=facts,
                causes=self._causes(error, nesting),
            )
            for member in _members(error.kind)
        ]

    def _causes(self, error: jsonschema_rs.ValidationError, nesting: int) -> list[Defect]:
        branches: list[list[jsonschema_rs.ValidationError]] = error.kind.as_dict().get(
            "context", []
        )
        failed = [branch for branch in branches if branch]
        if not failed or nesting >= MAX_NESTING:
            return []
        closest = min(failed, key=lambda branch: _distance(error, branch))[:MAX_SHOWN]
        return [found for inner in closest for found in self.defects(inner, nesting + 1)]

    def _schema_pointer(self, error: jsonschema_rs.ValidationError) -> str:
        resource, _, pointer = (error.absolute_keyword_location or "").partition("#")
        if resource.startswith("efa:/") and resource != self.own:
            return f"{resource.replace('/', '', 1)}#{pointer}"
        steps = list(error.schema_path)
        for place in range(1, len(steps)):
            if steps[place - 1] == "patternProperties":
                steps[place] = self.source_of(str(steps[place]))
        return pointer_to(tuple(steps))


def unreadable(fault: Fault) -> Defect:
    """A text that could not be read as JSON at all."""
    return Defect(
        pointer=fault.pointer, keyword="", schema_pointer="", rule=fault.rule, facts=fault.facts
    )


def _rule(kind: jsonschema_rs.ValidationErrorKind) -> str:
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.OneOfMultipleValid):
        return "keyword-oneOf-several"
    return f"keyword-{kind.name}" if kind.name in KEYWORDS_WITH_TEXT else "keyword-other"


def _members(kind: jsonschema_rs.ValidationErrorKind) -> list[Steps]:
    """The members an error is about, below its place; the place itself where it names none.

    For items the engine gives values, not places: those stay out.
    """
    kinds = jsonschema_rs.ValidationErrorKind
    if isinstance(kind, kinds.AdditionalProperties | kinds.UnevaluatedProperties):
        return [(name,) for name in kind.unexpected]
    return [()]


def _distance(
    error: jsonschema_rs.ValidationError, branch: list[jsonschema_rs.ValidationError]
) -> tuple[bool, bool, int]:
    """How far a branch is from fitting: another type, another constant, the number of errors."""
    here = [inner for inner in branch if inner.instance_path == error.instance_path]
    wrong_type = any(inner.kind.name == "type" for inner in here)
    wrong_kind = any(inner.kind.name in ("const", "enum") for inner in branch)
    return wrong_type, wrong_kind, len(branch)


KEYWORDS_WITH_TEXT = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "anyOf",
        "const",
        "contains",
        "contentEncoding",
        "contentMediaType",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "falseSchema",
        "format",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
        "propertyNames",
        "required",
        "type",
        "unevaluatedItems",
        "unevaluatedProperties",
        "uniqueItems",
    }
)
