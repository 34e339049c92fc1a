"""Where findings point: from pointers into a schema to lines and columns of its user's file."""

from collections.abc import Iterable, Mapping

from registry.cli.checking.inputs import Source
from registry.cli.checking.model import Found, Location
from registry.compatibility.model import Finding, Spot
from registry.dialects.documents import published_place
from registry.dialects.strict_json import positions_of, steps_of

_SAME = [name for name in Finding.__struct_fields__ if name not in ("old", "new")]


class Places:
    """The places of one interface on one side; `sources` are the schemas of its version by name.

    `version` is the address (service and number) under which they were compared.
    """

    def __init__(
        self, own: str, version: tuple[str, str], sources: Mapping[str, Source] | None = None
    ) -> None:
        self._own = own
        self._version = version
        self._sources = sources or {}
        self._known: dict[str, dict[str, tuple[int, int]]] = {}

    def prepare(self, spots: Iterable[Spot | None]) -> None:
        """Look up all places in one pass over each text."""
        wanted: dict[str, set[str]] = {}
        for spot in spots:
            if spot is not None:
                name, pointer = self._split(spot.pointer)
                wanted.setdefault(name, set()).update(_outwards(pointer))
        for name, pointers in wanted.items():
            source = self._sources.get(name)
            if source is not None:
                self._known[name] = source.positions or positions_of(source.text, pointers)

    def location(self, spot: Spot | None) -> Location | None:
        """The place in the file, or that of the nearest value around it."""
        if spot is None:
            return None
        name, pointer = self._split(spot.pointer)
        source, known = self._sources.get(name), self._known.get(name, {})
        if source is None:
            shown = name.replace("efa:/", "efa:") if ":" in name else self._address(name)
            return Location(file=shown, pointer=pointer, line=spot.line, column=spot.column)
        near = next((each for each in _outwards(pointer) if each in known), None)
        line, column = (None, None) if near is None else known[near]
        return Location(file=source.shown, pointer=pointer, line=line, column=column)

    def _address(self, name: str) -> str:
        service, version = self._version
        return f"efa:{service}/{version}/{name}"

    def _split(self, pointer: str) -> tuple[str, str]:
        """The interface, or the address of what is none of the version, and the pointer in it."""
        address, mark, rest = pointer.partition("#")
        if not mark or pointer.startswith("/"):
            return self._own, pointer
        place = published_place(address)
        own = place is not None and place[:2] == self._version
        return (place[2] if place and own else address), rest


def _outwards(pointer: str) -> list[str]:
    """The pointer and those of all values around it."""
    found = [pointer]
    for _ in steps_of(pointer):
        pointer = pointer.rpartition("/")[0]
        found.append(pointer)
    return found


def located(findings: list[Finding], old: Places, new: Places) -> list[Found]:
    """Findings as they are reported."""
    old.prepare(finding.old for finding in findings)
    new.prepare(finding.new for finding in findings)
    return [
        Found(
            **{name: getattr(finding, name) for name in _SAME},
            old=old.location(finding.old),
            new=new.location(finding.new),
        )
        for finding in findings
    ]
