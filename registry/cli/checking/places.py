"""Where findings point: from pointers into a schema to lines and columns of its user's file."""

from collections.abc import Iterable

from registry.cli.checking.inputs import Source
from registry.cli.checking.model import Found, Location
from registry.compatibility.model import Finding, Spot
from registry.dialects.strict_json import positions_of, steps_of


class Places:
    """The sources of one side by the address their schema was compared under."""

    def __init__(self, own: str, sources: dict[str, Source]) -> None:
        self._own = own
        self._sources = sources
        self._known: dict[str, dict[str, tuple[int, int]]] = {}

    def prepare(self, spots: Iterable[Spot | None]) -> None:
        """Look up all places in one pass over each text."""
        wanted: dict[str, set[str]] = {}
        for spot in spots:
            if spot is not None:
                address, pointer = self._split(spot.pointer)
                wanted.setdefault(address, set()).update(_outwards(pointer))
        for address, pointers in wanted.items():
            source = self._sources.get(address)
            if source is not None:
                positions = source.positions
                self._known[address] = positions or positions_of(source.text, pointers)

    def location(self, spot: Spot | None) -> Location | None:
        """The place in the file, or that of the nearest value around it."""
        if spot is None:
            return None
        address, pointer = self._split(spot.pointer)
        known = self._known.get(address, {})
        near = next((each for each in _outwards(pointer) if each in known), None)
        line, column = (None, None) if near is None else known[near]
        source = self._sources.get(address)
        shown = source.shown if source else address
        return Location(file=shown, pointer=pointer, line=line, column=column)

    def _split(self, pointer: str) -> tuple[str, str]:
        """Address and pointer; what has no address points into the schema itself."""
        address, mark, rest = pointer.partition("#")
        return (address, rest) if mark and not pointer.startswith("/") else (self._own, pointer)


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


_SAME = [name for name in Finding.__struct_fields__ if name not in ("old", "new")]

__all__ = ["Places", "located"]
