"""What a server and its workers say to each other."""

import msgspec

from registry.compatibility.model import Formats, Verdict
from registry.versions.comparisons.verdicts import Question as Comparison
from registry.versions.comparisons.verdicts import SchemaText
from registry.versions.documents.validation import Outcome
from registry.versions.schemas.guard import Examined, Published


class Examine(msgspec.Struct, frozen=True, tag=True):
    """May these schemas be published together? Texts by interface, and by address of others."""

    service: str
    version: str
    schemas: dict[str, bytes]
    published: list[tuple[Published, bytes]] | None


class Validate(msgspec.Struct, frozen=True, tag=True):
    """Are these documents valid? `texts` hold the schema at `place` and all it refers to."""

    place: Published
    texts: list[tuple[Published, bytes]]
    documents: list[bytes]
    formats: Formats
    explain: bool


class Compare(msgspec.Struct, frozen=True, tag=True):
    """What changed from one schema to another? Each with all it refers to."""

    old: SchemaText
    new: SchemaText
    asked: Comparison


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The first frame of a worker: it can be asked."""


class Outcomes(msgspec.Struct, frozen=True, tag=True):
    """The answer to Validate, in the order of the documents."""

    items: list[Outcome]


class ExaminedAll(msgspec.Struct, frozen=True, tag=True):
    """The answer to Examine."""

    found: Examined


class Compared(msgspec.Struct, frozen=True, tag=True):
    """The answer to Compare."""

    verdict: Verdict


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A defect of ours, by the name of its exception only."""

    kind: str


Question = Examine | Validate | Compare
Answer = Ready | Outcomes | ExaminedAll | Compared | Failed

Asked = tuple[float, Question]
"""How many seconds of a processor the answer may take, and the question."""

Answered = tuple[float, bool, Answer]
"""How many it took, whether the process grew too large to be asked more, and the answer."""
