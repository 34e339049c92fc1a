"""Two schemas that a caller gives in the body, to be compared. Nothing of them is kept."""

import hashlib
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from registry.compatibility.model import Direction, Formats, Reading, Verdict
from registry.db import Query
from registry.dialects.strict_json import compact
from registry.errors import Fault, Unprocessable
from registry.versions import store
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.comparing import Checker, Comparing
from registry.versions.comparisons.contents import Content, Part
from registry.versions.comparisons.verdicts import Question
from registry.versions.model import Input, SchemaText

_SIDES: tuple[Literal["old", "new"], ...] = ("old", "new")
# No service is called so: a relative reference leads nowhere.
_NAME = "schema"
_PLACE = ("-", "0.0.0", _NAME)


class InvalidComparison(Unprocessable):
    """One of the schemas is none that could be published."""

    code = "invalid-comparison"


class GivenSchema(Input, frozen=True, kw_only=True):
    """A schema as the text of a file (findings name its lines), or as JSON."""

    schema_text: SchemaText | UnsetType = UNSET
    schema: dict[str, Any] | bool | UnsetType = UNSET

    @property
    def field(self) -> str:
        return "schema" if self.schema_text is UNSET else "schema_text"


class ComparisonDraft(Input, frozen=True, kw_only=True):
    """Two schemas, and how they are to be compared.

    `accepts`: old documents must stay valid; `emits`: new ones must have been valid; `exchanges`:
    both.
    """

    old: GivenSchema
    new: GivenSchema
    direction: Direction = "accepts"
    reading: Reading = "reserved"
    formats: Formats = "annotate"


class _Raw(msgspec.Struct, frozen=True):
    schema: msgspec.Raw | UnsetType = UNSET


class _RawPair(msgspec.Struct, frozen=True):
    old: _Raw
    new: _Raw


async def compare_given(
    db: Query, checker: Checker, draft: ComparisonDraft, body: bytes
) -> Verdict:
    """The verdict on the schemas of a draft; `body` is the JSON text it was read from."""
    texts = _texts(draft, body)
    given = {hashlib.sha256(text).hexdigest(): text for text in texts}
    comparing = Comparing(db, checker, formats=draft.formats, reading=draft.reading, given=given)
    old, new = [
        await _content(db, checker, draft, side, text)
        for side, text in zip(_SIDES, texts, strict=True)
    ]
    asked = Question(
        old=old.identity(_NAME),
        new=new.identity(_NAME),
        direction=draft.direction,
        reading=draft.reading,
        formats=draft.formats,
    )
    answers = await comparing.answers(old, new, {_NAME: asked}, {})
    return answers[_NAME]


def _texts(draft: ComparisonDraft, body: bytes) -> tuple[bytes, bytes]:
    raw = msgspec.json.decode(body, type=_RawPair)
    return _text("old", draft.old, raw.old), _text("new", draft.new, raw.new)


def _text(side: str, given: GivenSchema, raw: _Raw) -> bytes:
    """The text as it was given: order, numbers and escapes of a `schema` stand in the body only."""
    if (given.schema_text is UNSET) == (raw.schema is UNSET):
        raise InvalidComparison(Fault(f"/{side}", "schema-once"))
    if given.schema_text is not UNSET:
        return given.schema_text.encode()
    return compact(bytes(raw.schema)) if raw.schema is not UNSET else b""


async def _content(
    db: Query, checker: Checker, draft: ComparisonDraft, side: Literal["old", "new"], text: bytes
) -> Content:
    """What a schema consists of; refuses one that could not be published."""
    service, version, _ = _PLACE
    found = await checker.examine(service, version, {_NAME: text}, None)
    if found.wanted:
        published = await store.texts_with_references(db, found.wanted)
        found = await checker.examine(service, version, {_NAME: text}, published)
    field = f"/{side}/{getattr(draft, side).field}"
    if found.faults:
        raise InvalidComparison(
            *(Fault(field + one.pointer, one.rule, one.facts) for one in found.faults[_NAME])
        )
    references = found.references[_NAME]
    own = Part(
        direction=draft.direction,
        sha256=hashlib.sha256(text).hexdigest(),
        references=tuple(references),
    )
    parts = await verdict_store.parts(db, references)
    return Content(service=service, version=version, parts=parts | {_PLACE: own})
