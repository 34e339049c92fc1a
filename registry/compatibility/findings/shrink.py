"""Smaller and plainer documents that still show the same."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from registry.compatibility.texts import count
from registry.dialects.strict_json import Json

Keep = Callable[[Json], bool]

_PLAIN: tuple[Json, ...] = (None, True, 0, 1, "", "A", [], {})
_STEPS = 300
_LARGEST = 2_000


def shrink(document: Json, keep: Keep, steps: int = _STEPS) -> Json:
    """The smallest document reached by leaving out and shortening, each step kept by `keep`."""
    if count(document, _LARGEST) > _LARGEST:
        return document
    known = cost(document)
    if known > _LARGEST:
        return document
    while True:
        for smaller in _smaller(document):
            steps -= 1
            if steps < 0:
                return document
            size = cost(smaller)
            if size < known and keep(smaller):
                document, known = smaller, size
                break
        else:
            return document


def cost(value: Json) -> int:
    """How much there is to read."""
    match value:
        case dict():
            return 2 + sum(2 + len(name) + cost(inner) for name, inner in value.items())
        case list():
            return 2 + sum(1 + cost(inner) for inner in value)
        case str():
            return 1 + len(value) + sum(4 for char in value if not " " <= char <= "ž")
        case bool() | None:
            return 1
        case int() | Decimal():
            return 1 + len(f"{value}")


def _smaller(value: Json) -> Iterator[Json]:
    """Candidates one step away: the boldest first."""
    match value:
        case dict():
            yield from _smaller_object(value)
        case list():
            yield from _smaller_array(value)
        case str():
            yield from _shorter(value)
        case Decimal():
            yield int(value)
        case bool() | None:
            pass
        case int():
            yield from (value // 10, value // 2)


def _smaller_object(value: dict[str, Json]) -> Iterator[Json]:
    for name in value:
        yield {key: inner for key, inner in value.items() if key != name}
    for name, inner in value.items():
        for smaller in (*_plain(inner), *_smaller(inner)):
            yield {**value, name: smaller}


def _smaller_array(value: list[Json]) -> Iterator[Json]:
    for index in range(len(value)):
        yield value[:index] + value[index + 1 :]
    for index, inner in enumerate(value):
        for smaller in (*_plain(inner), *_smaller(inner)):
            yield [*value[:index], smaller, *value[index + 1 :]]


def _plain(value: Json) -> Iterator[Json]:
    """The plainest values of the same type: another type would show something else."""
    for plain in _PLAIN:
        if type(plain) is type(value) and plain != value:
            yield plain


def _shorter(text: str) -> Iterator[str]:
    half = len(text) // 2
    if half:
        yield text[:half]
        yield text[half:]
        yield "A" * len(text)
    yield text[:-1]
    yield text[1:]
