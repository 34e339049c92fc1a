"""Parameters against the version a reuse runs; worker processes are asked, in no transaction."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from registry.catalogue import store as catalogue
from registry.compatibility.model import Formats
from registry.db import Query
from registry.dialects.strict_json import Unreadable, read_json
from registry.errors import Fault
from registry.reuse.parameters import (
    INTERFACE,
    LIMITS,
    InvalidParameters,
    ParameterFault,
    ParametersNotDeclared,
    Readiness,
    is_missing,
    place_of,
    required_names,
    secrets,
    set_names,
    without_secrets,
)
from registry.versions import store as versions
from registry.versions.comparisons.comparing import Checker
from registry.versions.documents.defects import Defect
from registry.versions.documents.validation import Outcome
from registry.versions.schemas.guard import Published
from registry.web.language import Language
from registry.web.texts import rule_text


class Validator(Protocol):
    """Whatever checks documents against a published schema: the worker processes."""

    spent: float

    async def validate(
        self,
        place: Published,
        texts: Mapping[Published, bytes],
        documents: Sequence[bytes],
        formats: Formats,
    ) -> list[Outcome]: ...


class Worker(Checker, Validator, Protocol):
    """Whatever examines, compares and validates without harm: the worker processes."""


class Declared(msgspec.Struct, frozen=True):
    """The interface `parameters` of a version: where it is, its schema and all it refers to.

    `formats`: whether `format` counts for the service.
    """

    place: Published
    texts: dict[Published, bytes]
    formats: Formats

    @property
    def version(self) -> str:
        return self.place[1]

    @property
    def schema(self) -> bytes:
        return self.texts[self.place]


async def declared(db: Query, service: str, version: str | None) -> Declared | None:
    """What a version declares for its parameters; None where it declares nothing."""
    if version is None:
        return None
    place = (service, version, INTERFACE)
    texts = await versions.texts_with_references(db, [place])
    if place not in texts:
        return None
    return Declared(place, texts, await catalogue.formats(db, service))


def require_declared(found: Declared | None, version: str | None) -> Declared:
    """Refuse where nothing can be set."""
    if found is None:
        raise ParametersNotDeclared(version=version)
    return found


async def require_settable(validator: Validator, asked: Declared, document: bytes) -> None:
    """Refuse a document with values that do not fit, or that are to be kept secret.

    What is only missing may follow later.
    """
    try:
        read_json(document, LIMITS)
    except Unreadable as refusal:
        raise InvalidParameters(refusal.fault) from None
    defects = await _defects(validator, asked, asked.texts, document)
    storable = without_secrets(asked.texts)
    hidden: list[str] = []
    if storable is not None:
        without = await _defects(validator, asked, storable, document)
        hidden = secrets(defects, without)
    faults = [Fault(f.pointer, f.rule, f.facts) for f in defects if not is_missing(f)]
    faults += [Fault(pointer, "write-only") for pointer in hidden]
    if faults:
        raise InvalidParameters(*faults)


async def readiness(
    validator: Validator, asked: Declared, document: bytes | None, language: Language
) -> Readiness:
    """How ready a document is; without one, everything that is required is missing."""
    required = required_names(asked.schema)
    if document is None:
        defects, missing = list[Defect](), [place_of(name) for name in required]
    else:
        texts = without_secrets(asked.texts) or asked.texts
        defects = await _defects(validator, asked, texts, document)
        missing = sorted({place_about(defect) for defect in defects if is_missing(defect)})
    wrong = [_shown(defect, language) for defect in defects if not is_missing(defect)]
    return Readiness(
        version=asked.version,
        ready=not (missing or wrong),
        required=required,
        set=set_names(document) if document is not None else [],
        missing=missing,
        invalid=wrong,
    )


def place_about(defect: Defect) -> str:
    """The place a defect is about; of what is missing, where it would be."""
    if is_missing(defect):
        return place_of(str(defect.facts["limit"]), defect.pointer)
    return defect.pointer


async def _defects(
    validator: Validator, asked: Declared, texts: Mapping[Published, bytes], document: bytes
) -> list[Defect]:
    (outcome,) = await validator.validate(asked.place, texts, [document], asked.formats)
    return outcome.defects


def _shown(defect: Defect, language: Language) -> ParameterFault:
    return ParameterFault(
        pointer=defect.pointer,
        keyword=defect.keyword,
        detail=rule_text(defect.rule, language, defect.facts),
    )
