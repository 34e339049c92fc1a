"""Documents with real-looking texts where the schema leaves them free."""

from collections.abc import Iterator
from functools import cached_property

from registry.compatibility.changes.places import View
from registry.compatibility.findings.paths import Path, put
from registry.compatibility.findings.shrink import Keep
from registry.compatibility.languages.naturals import natural
from registry.compatibility.texts import count
from registry.dialects.strict_json import Json

_TEXTS = 12
_LARGE = 60
"""Larger documents, and those with more texts, stay as they are: each text is tried."""


class Lifelike:
    """Texts for the documents of one schema, told by the formats and names of its properties."""

    def __init__(self, view: View) -> None:
        self.view = view

    def dressed(self, value: Json, keep: Keep) -> Json:
        """The value with real-looking texts for the members that have one, as `keep` allows."""
        places = [] if count(value, _LARGE) > _LARGE else [*self._texts(value, ())]
        if not places or len(places) > _TEXTS:
            return value
        whole = value
        for path, text in places:
            whole = put(whole, path, text)
        return whole if keep(whole) else self._one_by_one(value, places, keep)

    def _one_by_one(self, value: Json, places: list[tuple[Path, str]], keep: Keep) -> Json:
        dressed = value
        for path, text in places:
            other = put(dressed, path, text)
            if keep(other):
                dressed = other
        return dressed

    def _texts(self, value: Json, path: Path) -> Iterator[tuple[Path, str]]:
        """The texts in the value that have a better one, and that one."""
        if isinstance(value, dict):
            for name, inner in value.items():
                text = natural(self._formats.get(name), name) if isinstance(inner, str) else None
                if text is not None and text != inner:
                    yield (*path, name), text
                yield from self._texts(inner, (*path, name))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield from self._texts(inner, (*path, index))

    @cached_property
    def _formats(self) -> dict[str, str]:
        """The format that a property of that name has somewhere in the schema."""
        found: dict[str, str] = {}
        for source in self.view.plain.sources.values():
            declared = source.node.get("properties")
            for name, schema in declared.items() if isinstance(declared, dict) else ():
                format_ = self._format(schema)
                if isinstance(format_, str):
                    found.setdefault(name, format_)
        return found

    def _format(self, schema: Json) -> Json:
        """What is said of the format there, whether it asserts something or not."""
        if isinstance(schema, dict) and "$ref" in schema:
            schema = self.view.followed(schema)
        source = self.view.plain.sources.get(id(schema))
        if source is None:
            return None
        return source.node.get("format", source.annotations.get("format"))
