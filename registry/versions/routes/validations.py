"""Checking documents against a published schema. They are neither stored nor logged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Response, post
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema

from registry.authority import Actor
from registry.catalogue import store as catalogue
from registry.compatibility.model import Formats
from registry.db import Reads
from registry.identity.door import COSTLY
from registry.versions import store
from registry.versions.bounds import Allowance, in_time
from registry.versions.documents.defects import Defect
from registry.versions.documents.validation import Outcome
from registry.versions.model import TooManyDocuments, UnknownInterface
from registry.versions.routes.addresses import (
    INTERFACE_ADDRESS,
    REDIRECTION,
    InterfaceAddress,
    redirected,
)
from registry.versions.schemas.guard import Published
from registry.versions.workers.asking import workers_for
from registry.versions.workers.pool import Workers
from registry.web.language import Language, spoken
from registry.web.requests import AnyRequest
from registry.web.strict import JSON
from registry.web.texts import rule_text

LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl")
MAX_DOCUMENTS = 10_000
AT_ONCE = 100
MAX_ERRORS = 1_000


class ValidationError(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a document that breaks its schema; nothing of the document's values is told.

    `causes` are the errors of the alternative (`anyOf`, `oneOf`) that came closest.
    """

    pointer: str
    keyword: str
    schema_pointer: str
    detail: str
    causes: list["ValidationError"]


class Validation(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one document is valid; `line` is its place in a batch, counted from 1."""

    line: int | None
    valid: bool
    errors: list[ValidationError]
    complete: bool


class ValidationReport(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for each document, and how many of them are valid.

    `formats`: whether `format` counts, as for the versions of the service.
    """

    formats: Formats
    valid: int
    invalid: int
    items: list[Validation]


@dataclass
class ValidationOperation(Operation):
    """One document as JSON, or one in each line."""

    def __post_init__(self) -> None:
        lines = OpenAPIMediaType(schema=Schema(description="One JSON document in each line."))
        self.request_body = RequestBody(
            required=True,
            description="The document to check, or many of them, one in each line.",
            content={"application/json": OpenAPIMediaType(schema=Schema()), LINES[0]: lines},
        )


@post(
    "/services/{slug:str}/versions/{version:str}/interfaces/{interface:str}/validations",
    summary="Check documents against a schema",
    status_code=200,
    operation_class=ValidationOperation,
    dependencies=INTERFACE_ADDRESS,
    opt={"reads": (JSON, *LINES), COSTLY: True},
    responses={
        200: ResponseSpec(ValidationReport, description="The outcome for each document."),
        307: REDIRECTION,
    },
)
async def validate_documents(
    request: AnyRequest,
    actor: Actor,  # noqa: ARG001 - asked for, so that nobody is anonymous
    reads: Reads,
    language: Language,
    address: InterfaceAddress,
) -> Response[Any]:
    """Check one JSON document, or a batch with one document in each line (`application/x-ndjson`).

    Nothing is stored or logged. Errors name places, rules and limits, never values. `format` counts
    where the service says `formats: assert`, as it does where versions are compared.
    """
    if not address.names_a_number:
        rest = f"/interfaces/{address.interface}/validations"
        return await redirected(request, reads, address, rest)
    texts = await store.texts_with_references(reads, [address.place])
    if address.place not in texts:
        await store.version(reads, address.slug, address.version, None, None)
        raise UnknownInterface(version=address.version, interface=address.interface)
    documents = _documents(request.headers.get("content-type", ""), await request.body())
    formats = await catalogue.formats(reads, address.slug)
    outcomes = await _outcomes(
        workers_for(request), address.place, texts, [text for _, text in documents], formats
    )
    report = _report([line for line, _ in documents], outcomes, formats, language)
    return Response(report, headers=spoken(language))


async def _outcomes(
    workers: Workers,
    place: Published,
    texts: Mapping[Published, bytes],
    documents: list[bytes],
    formats: Formats,
) -> list[Outcome]:
    """The outcome for each document, a part of them at a time; raises TooCostly, NotFinished."""
    outcomes: list[Outcome] = []
    allowance = Allowance(workers)
    async with in_time():
        for start in range(0, len(documents), AT_ONCE):
            allowance.require_left()
            some = documents[start : start + AT_ONCE]
            outcomes += await workers.validate(place, texts, some, formats)
    return outcomes


def _documents(content_type: str, body: bytes) -> list[tuple[int | None, bytes]]:
    """The documents of the body, with their lines where there may be many."""
    if content_type.partition(";")[0].strip().lower() not in LINES:
        return [(None, body)]
    lines = enumerate(body.split(b"\n"), start=1)
    found: list[tuple[int | None, bytes]] = [
        (number, text) for number, text in lines if text.strip()
    ]
    if len(found) > MAX_DOCUMENTS:
        raise TooManyDocuments(limit=MAX_DOCUMENTS)
    return found


def _report(
    lines: list[int | None], outcomes: list[Outcome], formats: Formats, language: Language
) -> ValidationReport:
    items: list[Validation] = []
    listed = 0
    for line, outcome in zip(lines, outcomes, strict=True):
        defects = outcome.defects[: max(MAX_ERRORS - listed, 0)]
        listed += len(defects)
        items.append(
            Validation(
                line=line,
                valid=outcome.valid,
                errors=[_error(defect, language) for defect in defects],
                complete=outcome.complete and len(defects) == len(outcome.defects),
            )
        )
    valid = sum(outcome.valid for outcome in outcomes)
    return ValidationReport(
        formats=formats, valid=valid, invalid=len(outcomes) - valid, items=items
    )


def _error(defect: Defect, language: Language) -> ValidationError:
    return ValidationError(
        pointer=defect.pointer,
        keyword=defect.keyword,
        schema_pointer=defect.schema_pointer,
        detail=rule_text(defect.rule, language, defect.facts),
        causes=[_error(cause, language) for cause in defect.causes],
    )
