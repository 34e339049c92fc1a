"""Nouns of pipelines: projects whose jobs publish, as they are sent, recorded and shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from registry.characters import LINE
from registry.errors import NotFound, Unprocessable
from registry.identity.model import BodyKey, Note
from registry.organisations.model import BodyName

Issuer = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=200,
        pattern=LINE,
        description="The address of the GitLab, or `https://token.actions.githubusercontent.com`.",
    ),
]
Project = Annotated[
    str,
    Meta(
        max_length=300,
        pattern=r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)+\Z",
        description="The path of the project: `land-nrw/hundesteuer`.",
    ),
]
Tags = Annotated[
    str,
    Meta(
        max_length=100,
        pattern=r"^[A-Za-z0-9._/+*-]+\Z",
        description="Which protected tags publish; `*` stands for anything.",
    ),
]
Slug = Annotated[str, Meta(min_length=1, max_length=80, pattern=LINE)]


class UnknownPipeline(NotFound):
    """No such pipeline, or it is not for this caller to know."""

    code = "unknown-pipeline"


class InvalidPipeline(Unprocessable):
    """The pipeline is against the rules."""

    code = "invalid-pipeline"


class PipelineDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A project that shall publish a service; `organisation` where several build it."""

    service: Slug
    issuer: Issuer
    project: Project
    tags: Tags = "v*"
    organisation: BodyKey | None = None
    note: Note = ""


class PipelineFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `identity.add_pipeline`."""

    id: UUID
    organisation_id: UUID
    service: str
    issuer: str
    project: str
    tags: str
    note: str


class PinFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `identity.pin_pipeline`: what a path led to when a job came first."""

    pipeline_id: UUID
    project_id: str
    namespace_id: str


class PipelineEndFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `identity.end_pipeline`."""

    pipeline_id: UUID


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A project whose jobs publish a service; ids are those of the GitLab or GitHub, once known."""

    id: UUID
    organisation: BodyName
    service: str
    issuer: str
    project: str
    tags: str
    note: str
    recorded_at: datetime
    project_id: str | None
    namespace_id: str | None
    pinned_at: datetime | None
    ended_at: datetime | None


class PipelinePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of pipelines, the newest first."""

    items: Sequence[Pipeline]
    total: int | None
    next: str | None


class ExchangeDraft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The ID token of a job; `services` for less than all its project may publish."""

    id_token: Annotated[str, Meta(min_length=1, max_length=16_384, pattern=LINE)]
    services: Annotated[tuple[Slug, ...], Meta(max_length=50)] = ()


class ExchangedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token for 15 minutes, shown only here."""

    token: str
    organisation: str
    scopes: tuple[str, ...]
    expires_at: datetime
