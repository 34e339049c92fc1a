"""The files of a service's folder, as Structs; `schemas/` holds them as JSON Schemas.

`service.yaml` is the catalogue's `ServiceDraft`, a row of figures the `FigureDraft` of reuse. The
cells of a CSV row are all text; an empty cell is as good as none.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from registry.agreements.model import AccessionDraft, AgreementDraft
from registry.dates import PartialDate
from registry.reuse.model import (
    BackEnd,
    Body,
    EvidenceKind,
    Reference,
    Stage,
    Text,
    VersionNumber,
)
from registry.versions.model import Direction, InterfaceName, VersionNotes

AREA_UNKNOWN = "unknown"

AreaCell = Annotated[
    str,
    Meta(
        pattern=r"^(unknown|[0-9]{2,12}( [0-9]{2,12})*)\Z",
        description="Regional keys with a space between them, or `unknown`: not recorded.",
    ),
]


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is read from a file: a field that is not known is refused."""


class VersionFile(File, frozen=True, kw_only=True):
    """`version.yaml`: what the schema files of a version do not say themselves.

    `interfaces` names each schema file beside it (without `.json`) with its direction.
    """

    interfaces: Annotated[dict[InterfaceName, Direction], Meta(min_length=1, max_length=50)]
    released_on: PartialDate | None = None
    notes: VersionNotes = VersionNotes()


class ReuseRow(File, frozen=True, kw_only=True, tag="reuse", tag_field="fact"):
    """A fact of reuse: a body is at a stage.

    `date` with basis `observed`: the source speaks of that time; `since`: it says that it began
    then. Without `area` it is the area before, at first the body's own territory.
    """

    organisation: Body
    stage: Stage
    date: PartialDate | None = None
    basis: Literal["since", "observed"] = "observed"
    area: AreaCell | None = None
    version: VersionNumber | None = None
    back_end: BackEnd | None = None
    evidence: EvidenceKind | None = None
    source: Reference | None = None
    note: Text | None = None


class AnnouncedRow(File, frozen=True, kw_only=True, tag="announced", tag_field="fact"):
    """A will, decision or plan that was published: kept as a note, never a stage."""

    organisation: Body
    date: PartialDate | None = None
    source: Reference | None = None
    note: Text | None = None


FactRow = ReuseRow | AnnouncedRow


class AccessionEntry(AccessionDraft, frozen=True, kw_only=True):
    """A body that joined the agreement."""

    organisation: Body


class AgreementFile(AgreementDraft, frozen=True, kw_only=True):
    """`agreements/<slug>.yaml`: an agreement, and who joined it."""

    accessions: Annotated[tuple[AccessionEntry, ...], Meta(max_length=20_000)] = ()
