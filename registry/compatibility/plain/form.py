"""The plain form of a schema: one dialect, one spelling for each assertion, nothing else.

A plain schema is `true`, `false` or an object with the assertions and applicators of 2020-12 only;
every `$ref` is `#/$defs/<key>`, and `$defs` stands at the root. `$opaque` is an assertion that
could not be modelled; where two have the same text they mean the same. Numbers are exact, `1.0` is
`1`. Annotations are kept beside the form.

Decided here, because dialects or validators differ: an integer is any number with an integral
value, also in draft 4. `format` and `content*` assert nothing, unless `formats="assert"`, and then
the known formats do. What `contains` found counts as evaluated in 2019-09 too, as validators have
it. `dependencies` since 2019-09 is opaque: validators differ.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from registry.compatibility.model import Formats, Schema
from registry.compatibility.plain.cycles import circles
from registry.compatibility.plain.keywords import HANDLERS
from registry.compatibility.plain.references import Library
from registry.compatibility.plain.writer import Opaque, Source, Writer
from registry.dialects.strict_json import Json, Steps, pointer_to, steps_of, walk

DEFINED = "#/$defs/"
"""What a `$ref` of a plain form begins with; the rest is the name of a definition."""

__all__ = ["Opaque", "Plain", "plain"]


@dataclass(frozen=True, slots=True)
class Plain:
    """A schema in the plain form; `sources` knows its nodes by identity.

    So a rewritten `root` keeps the origins of all nodes it takes over. `formats` are those that
    assert something.
    """

    root: Json
    opaque: tuple[Opaque, ...] = ()
    sources: Mapping[int, Source] = field(default_factory=dict[int, Source])
    formats: frozenset[str] = frozenset()

    @property
    def origins(self) -> Mapping[str, str]:
        """Plain pointers, and where the publisher wrote it (`address#pointer` elsewhere)."""
        return _Origins(self)

    @property
    def annotations(self) -> Mapping[str, dict[str, Json]]:
        """Plain pointers of schemas, and what is said there without asserting anything."""
        return _Annotations(self)

    def rewritten(self, root: Json) -> "Plain":
        return Plain(root, self.opaque, self.sources, self.formats)


def plain(schema: Schema, *, formats: Formats = "annotate") -> Plain:
    """The plain form of a schema with all it refers to; never raises on what JSON can hold."""
    library = Library(schema)
    writer = Writer(schema, library, formats, HANDLERS, tracking=False)
    root = writer.whole()
    if any(library.candidates(anchor) > 1 for anchor in writer.anchors):
        writer = Writer(schema, library, formats, HANDLERS, tracking=True)
        root = writer.whole()
    for node, target in circles(writer.definitions):
        writer.cut(node, target)
    return Plain(root, tuple(writer.opaque), writer.sources, frozenset(writer.asserted))


class _Pointers:
    """What both maps share: the nodes of the form by pointer."""

    def __init__(self, plain: Plain) -> None:
        self.plain = plain

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        waiting: list[tuple[str, Json]] = [("", self.plain.root)]
        while waiting:
            pointer, value = waiting.pop()
            if isinstance(value, dict) and id(value) in self.plain.sources:
                yield pointer
            pairs = value.items() if isinstance(value, dict) else ()
            pairs = enumerate(value) if isinstance(value, list) else pairs
            waiting += [(pointer + pointer_to((step,)), inner) for step, inner in pairs]

    def _trace(self, pointer: str) -> tuple[Source | None, Steps]:
        """The last node on the way that has a source, and the steps from there."""
        value, source, rest = self.plain.root, None, ()
        for step in (None, *steps_of(pointer)):
            if step is not None:
                value = _step(value, step)
                rest = (*rest, step)
            if isinstance(value, dict) and id(value) in self.plain.sources:
                source, rest = self.plain.sources[id(value)], ()
        return source, rest


class _Origins(_Pointers, Mapping[str, str]):
    def __getitem__(self, pointer: str) -> str:
        source, rest = self._trace(pointer)
        if source is None:
            raise KeyError(pointer)
        if rest:
            rest = (source.renamed.get(str(rest[0]), rest[0]), *rest[1:])
        return source.pointer + pointer_to(rest)


class _Annotations(_Pointers, Mapping[str, dict[str, Json]]):
    def __getitem__(self, pointer: str) -> dict[str, Json]:
        source, rest = self._trace(pointer)
        if source is None or rest:
            raise KeyError(pointer)
        return source.annotations


def _step(value: Json, step: str) -> Json:
    if isinstance(value, dict) and step in value:
        return value[step]
    if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
        return value[int(step)]
    raise KeyError(step)


def references(value: Json) -> set[str]:
    """The definitions that a schema refers to, whatever part of a document it speaks of."""
    targets = (node.get("$ref") for _, node in walk(value) if isinstance(node, dict))
    return {target.removeprefix(DEFINED) for target in targets if isinstance(target, str)}
