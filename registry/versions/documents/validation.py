"""Checking documents against a published schema. Pure: nothing is stored, fetched or logged."""

import itertools
from collections.abc import Mapping

import msgspec

from registry.compatibility.model import Formats
from registry.dialects.documents import address, follow_references, read_document
from registry.dialects.strict_json import Limits, Unreadable, read_json
from registry.versions.documents.defects import Defect, Reporter, unreadable
from registry.versions.schemas.engine import Engine
from registry.versions.schemas.guard import LIMITS, Published

DOCUMENT_LIMITS = Limits(bytes=8_000_000, depth=LIMITS.depth, nodes=500_000)
MAX_DEFECTS = 100


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a document is valid, and the first defects where it is not.

    `complete` is false where there are more defects than were listed.
    """

    valid: bool
    defects: list[Defect]
    complete: bool = True


class DocumentValidator:
    """A published schema, ready to check documents."""

    def __init__(
        self, place: Published, texts: Mapping[Published, bytes], formats: Formats
    ) -> None:
        """`texts` holds the schema at `place` and all that it refers to."""
        documents = {
            address(*each): read_document(address(*each), read_json(text, LIMITS))
            for each, text in texts.items()
        }
        follow_references(documents)
        engine = Engine(documents)
        own = documents[address(*place)]
        self.weight = engine.pattern_weight
        self._validator = engine.validator(own, formats)
        self._reporter = Reporter(own.address, engine.source_of)

    def is_valid(self, text: bytes) -> bool:
        """Whether the text is JSON and valid, without saying why not."""
        try:
            return self._validator.is_valid(read_json(text, DOCUMENT_LIMITS))
        except Unreadable:
            return False

    def check(self, text: bytes) -> Outcome:
        """Whether the text is JSON and valid, with defects where it is not."""
        try:
            document = read_json(text, DOCUMENT_LIMITS)
        except Unreadable as refusal:
            return Outcome(valid=False, defects=[unreadable(refusal.fault)])
        if self._validator.is_valid(document):
            return Outcome(valid=True, defects=[])
        errors = self._validator.iter_errors(document)
        found = (defect for error in errors for defect in self._reporter.defects(error))
        listed = list(itertools.islice(found, MAX_DEFECTS + 1))
        return Outcome(
            valid=False, defects=listed[:MAX_DEFECTS], complete=len(listed) <= MAX_DEFECTS
        )
