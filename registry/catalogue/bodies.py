"""Organisations a document names, looked up once each."""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from registry.catalogue.model import RecordedBuilder
from registry.catalogue.parts import Builder
from registry.db import Query
from registry.organisations import store as organisations


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation by its id, its shortest regional key (or slug), and its present name."""

    id: UUID
    key: str
    name: str

    def as_builder(self, builder: Builder) -> RecordedBuilder:
        """The body in the part a document gives it."""
        return RecordedBuilder(
            organisation_id=self.id, key=self.key, name=self.name, role=builder.role
        )


async def resolve_all(db: Query, references: Iterable[str]) -> dict[str, Body]:
    """Those of the references that lead to an organisation, by the words they were named with."""
    found = await organisations.find(db, sorted(set(references)))
    return {
        reference: Body(id=body.id, key=body.key, name=body.name)
        for reference, body in found.items()
    }
