"""Nouns of a comparison: the verdict, its findings, the documents that prove them."""

import time
from typing import Literal

import msgspec

from registry.dialects.keywords import Dialect
from registry.dialects.strict_json import Json
from registry.semver import Bump

Direction = Literal["accepts", "emits", "exchanges"]
"""Who must accept the documents: the service reads them, writes them, or both."""

Reading = Literal["open", "reserved"]
"""`open`: sets of documents. `reserved`: without those that use a name only the other declares."""

Formats = Literal["annotate", "assert"]
"""Whether `format` counts; by the specification it is an annotation."""

Relation = Literal["equal", "wider", "narrower", "incomparable", "unknown"]
"""The documents of the new schema, seen from the old."""

Answer = Literal["yes", "no", "unknown"]

Severity = Literal["breaking", "unknown", "compatible", "remark"]

Side = Literal["old", "new"]


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """One schema document with all it refers to.

    `address` is what relative references start from, `others` the documents references may lead to,
    by address. A schema without `$schema` is read in `dialect`. `text` lets findings name lines.
    """

    root: Json
    address: str = "efa:/schema"
    others: dict[str, Json] = {}
    dialect: Dialect = "2020-12"
    text: str | None = None


def schema_of(given: Schema | Json) -> Schema:
    """A schema given as bare JSON (an object or a boolean) stands alone, without a dialect."""
    return given if isinstance(given, Schema) else Schema(root=given)


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """How long a comparison may think: steps are the same everywhere, seconds the backstop.

    Both count what the comparison does, not what else the machine has to do: seconds are those of
    a processor. `until` is the end on the clock of this thread, set when a comparison begins; all
    its questions share it.
    """

    steps: int = 60_000
    seconds: float = 1.5
    until: float | None = None

    def begun(self) -> "Budget":
        """The same, with its end set."""
        if self.until is not None:
            return self
        return msgspec.structs.replace(self, until=time.thread_time() + self.seconds)


class Witness(msgspec.Struct, frozen=True, kw_only=True):
    """A document, as JSON text, that is valid on one side only.

    `valid_under` names that side. Both validators say so where it is `confirmed`, of the schemas as
    published or, where only the reserved reading breaks, of the `rewritten` ones; `doubt` says why
    only one of them could be asked. What they disagree on is no witness.
    """

    text: str
    valid_under: Side
    confirmed: bool
    rewritten: bool = False
    doubt: str | None = None


class Containment(msgspec.Struct, frozen=True, kw_only=True):
    """Whether every document valid under one schema is valid under the other.

    "no" has a witness unless none was found, or none small enough: the `reason` may say so; that of
    "unknown" says what could not be decided.
    """

    answer: Answer
    witness: Witness | None = None
    reason: str | None = None


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a schema: JSON Pointer, and line and column (from 1) when its text was given."""

    pointer: str
    line: int | None = None
    column: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One located difference.

    `place` is the document's place it is about (`/applicant/children/*/name`), `old` and `new` are
    where the schemas say so; `before` and `after` are excerpts of JSON text. The fingerprint hangs
    on rule, place and subject only, so it survives rewording and unrelated edits.
    """

    rule: str
    severity: Severity
    place: str
    fingerprint: str
    message_de: str
    message_en: str
    old: Spot | None = None
    new: Spot | None = None
    before: str | None = None
    after: str | None = None
    witness: Witness | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The result of comparing two versions of one interface.

    `backward`: every old document is valid under the new schema; `forward`: the reverse. `remarks`
    bind nobody: changed annotations, and what only the open reading sees. It is not `complete`
    where more may have changed than is named. `ran_out`: the budget ended before all that is named
    was looked into.
    """

    direction: Direction
    reading: Reading
    relation: Relation
    bump: Bump
    backward: Containment
    forward: Containment
    findings: list[Finding]
    remarks: list[Finding]
    engine: str
    complete: bool = True
    ran_out: bool = False

    @property
    def witnesses(self) -> list[Witness]:
        """Every document that proves something, those of the verdict itself first."""
        own = [self.backward.witness, self.forward.witness]
        found = [finding.witness for finding in (*self.findings, *self.remarks)]
        return [witness for witness in (*own, *found) if witness is not None]
