"""What a version consists of, as comparisons see it: schemas with all they refer to. Pure.

A schema's identity is the SHA-256 of its text and of every text it refers to, however indirectly.
Siblings are named by their place in the version, so that it stays the same from one version to the
next as long as nothing it consists of changes.
"""

import hashlib
from collections.abc import Mapping

import msgspec

from registry.compatibility.model import Direction
from registry.versions.schemas.guard import Published


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One schema: the SHA-256 (hex) of its text, and the schemas it refers to itself."""

    direction: Direction
    sha256: str
    references: tuple[Published, ...] = ()


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """The interfaces of one version, with everything they refer to in other versions."""

    service: str
    version: str
    parts: Mapping[Published, Part]

    @property
    def interfaces(self) -> dict[str, Part]:
        """The version's own interfaces by name."""
        return {
            place[2]: self.parts[place]
            for place in sorted(self.parts)
            if place[:2] == (self.service, self.version)
        }

    def place(self, interface: str) -> Published:
        return self.service, self.version, interface

    def others(self, interface: str) -> list[Published]:
        """All schemas an interface refers to, directly or through others."""
        own = self.place(interface)
        found: set[Published] = set()
        waiting = [own]
        while waiting:
            new = set(self.parts[waiting.pop()].references) - found
            found |= new
            waiting += new
        return sorted(found - {own})

    def identity(self, interface: str) -> str:
        """The SHA-256 (hex) of an interface's text, or of it and all it refers to."""
        own, others = self.parts[self.place(interface)], self.others(interface)
        if not others:
            return own.sha256
        named = sorted((self._name(place), self.parts[place].sha256) for place in others)
        return hashlib.sha256(msgspec.json.encode((own.sha256, named))).hexdigest()

    def _name(self, place: Published) -> str:
        own = place[:2] == (self.service, self.version)
        return f"./{place[2]}" if own else "/".join(place)
