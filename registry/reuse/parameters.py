"""What a body sets for its use of a service: nouns, what is missing, and what is a secret; pure."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec

from registry.audit import LogPosition
from registry.dialects.strict_json import Limits, pointer_to
from registry.errors import Conflict, NotFound, Unprocessable
from registry.versions.documents.defects import Defect

INTERFACE = "parameters"
LIMITS = Limits(bytes=200_000, depth=30, nodes=20_000)

_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_DATA = ("const", "enum", "default", "examples", "required", "type")
_NOTHING: dict[str, Any] = {"not": {}}


class UnknownParameters(NotFound):
    """No parameters are recorded for the reuse, or they are not for this caller to know."""

    code = "unknown-parameters"


class ParametersNotDeclared(Conflict):
    """The reuse runs no recorded version, or one that declares no interface `parameters`."""

    code = "parameters-not-declared"


class InvalidParameters(Unprocessable):
    """The document does not fit what the version declares, or holds what is to be kept secret."""

    code = "invalid-parameters"


class ParametersFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `reuse.put_parameters`; `document` is the JSON text as sent."""

    reuse_id: UUID
    ordinal: int
    version: str
    document: str


class SetParameters(msgspec.Struct, frozen=True, kw_only=True):
    """A document as it was set, against the version that was run then."""

    ordinal: int
    version: str
    document: str
    recorded_at: datetime
    event_id: UUID


class ParameterFault(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the document that does not fit the version; no value is repeated."""

    pointer: str
    keyword: str
    detail: str


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """How ready the document is for the version the reuse runs, by names of its top level.

    `required` are the fields the version asks for, `set` those that are there, `missing` places it
    asks for that are not, and `invalid` places that do not fit. `ready`: nothing of either.
    """

    version: str
    ready: bool
    required: list[str]
    set: list[str]
    missing: list[str]
    invalid: list[ParameterFault]


class ParameterRevision(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history; `version` is the one run when it was set."""

    revision: int
    version: str
    recorded_at: datetime
    event_id: UUID


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What is set for a reuse, as `known_at`; `readiness` is null where the version asks nothing.

    `parameters` is null where nothing is set; `revision` 0 then.
    """

    reuse_id: UUID
    revision: int
    parameters: Any
    readiness: Readiness | None
    history: list[ParameterRevision]
    known_at: LogPosition | None = None


def is_missing(defect: Defect) -> bool:
    """Whether a defect only says that something is not there yet."""
    return defect.keyword == "required"


def secrets(found: Iterable[Defect], without: Iterable[Defect]) -> list[str]:
    """The places that are wrong only because of what is write-only: `without` leaves that out."""
    known = {(defect.pointer, defect.keyword) for defect in found}
    return sorted({f.pointer for f in without if (f.pointer, f.keyword) not in known})


def without_secrets(schemas: Mapping[Any, bytes]) -> dict[Any, bytes] | None:
    """The schemas with nothing allowed where they say `writeOnly`; None where none does."""
    given = {place: json.loads(text) for place, text in schemas.items()}
    storable = {place: _storable(schema) for place, schema in given.items()}
    if storable == given:
        return None
    return {place: json.dumps(schema).encode() for place, schema in storable.items()}


def _storable(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_storable(part) for part in _items(schema)]
    if not isinstance(schema, dict):
        return schema
    members = _members(schema)
    if members.get("writeOnly") is True:
        return _NOTHING
    secret = [name for name, part in _members(members.get("properties")).items() if _hidden(part)]
    return {name: _part(name, part, secret) for name, part in members.items()}


def _part(name: str, part: Any, secret: Sequence[str]) -> Any:
    if name == "required" and isinstance(part, list):
        return [each for each in _items(part) if each not in secret]
    if name in _DATA:
        return part
    if name in _MAPS:
        return {key: _storable(each) for key, each in _members(part).items()}
    return _storable(part)


def _hidden(schema: Any) -> bool:
    return _members(schema).get("writeOnly") is True


def _members(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def required_names(schema: bytes) -> list[str]:
    """What the top level of a schema asks for, but for what is write-only."""
    whole = _members(json.loads(schema))
    properties = _members(whole.get("properties"))
    names = [name for name in _items(whole.get("required")) if isinstance(name, str)]
    return sorted(name for name in names if not _hidden(properties.get(name)))


def set_names(document: bytes) -> list[str]:
    """The fields of the top level of a document."""
    return sorted(_members(json.loads(document)))


def place_of(name: str, below: str = "") -> str:
    """The pointer to a field below a place, by default of the top level."""
    return below + pointer_to((name,))
