"""Documents with real-looking texts where the schema leaves them free."""

from collections.abc import Callable, Iterator
from functools import cached_property

from registry.compatibility.changes.places import Node, View
from registry.compatibility.languages.naturals import natural
from registry.dialects.strict_json import Json

Keep = Callable[[Json], bool]
Path = tuple[str | int, ...]

_TEXTS = 12
"""As many are tried one by one where all at once would show something else."""


class Lifelike:
    """Texts for the documents of one schema, told by the formats and names of its properties."""

    def __init__(self, view: View) -> None:
        self.view = view

    def dressed(self, value: Json, keep: Keep) -> Json:
        """The value with real-looking texts for the members that have one, as `keep` allows."""
        places = list(self._texts(value, ()))[:_TEXTS]
        whole = value
        for path, text in places:
            whole = put(whole, path, text)
        if whole == value or keep(whole):
            return whole
        for path, text in places if len(places) > 1 else ():
            dressed = put(value, path, text)
            if keep(dressed):
                value = dressed
        return value

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
        for source in [*self.view.plain.sources.values()]:
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


def put(value: Json, path: Path, inner: Json) -> Json:
    """The value with another one at a path; what is missing on the way is made."""
    if not path:
        return inner
    step, rest = path[0], path[1:]
    if isinstance(step, int) and isinstance(value, list):
        copy = [*value] or [None]
        copy[step] = put(copy[step], rest, inner)
        return copy
    held: Node = value if isinstance(value, dict) else {}
    return {**held, str(step): put(held.get(str(step)), rest, inner)}
