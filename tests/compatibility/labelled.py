"""What comparisons are measured against: labelled pairs of schemas and judged real histories."""

import csv
import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args

from registry.compatibility.model import Direction, Schema
from registry.dialects.keywords import Dialect
from registry.dialects.strict_json import Json

FOLDER = Path(__file__).parent
ORACLES = FOLDER / "oracles"
HISTORIES = FOLDER / "histories"
SPECS = FOLDER.parents[1] / "service_specs"
FILES = sorted(path.stem for path in ORACLES.glob("*.jsonl") if path.stem != "reserved")
OPARL = "https://oparl.example.org/"

Way = Literal["backward", "forward"]
WAYS: tuple[Way, ...] = get_args(Way)
DIALECT: dict[str, Dialect] = {
    "4": "draft-04",
    "6": "draft-06",
    "7": "draft-07",
    "2019-09": "2019-09",
    "2020-12": "2020-12",
}


class Pair(NamedTuple):
    """Two schemas and, where known, whether the documents of one are all documents of the other."""

    id: str
    old: Schema
    new: Schema
    backward: bool | None
    forward: bool | None

    def label(self, way: Way) -> bool | None:
        return self.backward if way == "backward" else self.forward

    def sides(self, way: Way) -> tuple[Schema, Schema]:
        """The schema that should contain, and the one that should be contained."""
        return (self.new, self.old) if way == "backward" else (self.old, self.new)


class Step(NamedTuple):
    """One step of a real history and how a reader judges it."""

    family: str
    old_version: str
    new_version: str
    pair: Pair
    reserved: Pair
    bump: str

    @property
    def name(self) -> str:
        return f"{self.family} {self.old_version} {self.new_version}"


def exact(text: str) -> Any:
    """JSON with exact numbers, as a registry reads it."""
    return json.loads(text, parse_float=Decimal)


def lines(path: Path) -> list[Any]:
    return [exact(line) for line in path.read_text().splitlines()]


@cache
def wrong_labels() -> dict[tuple[str, str], bool]:
    """What is true where a label is proven wrong, by pair and way."""
    with (ORACLES / "wrong_labels.csv").open() as file:
        rows = csv.DictReader(file)
        return {(row["id"], row["direction"]): row["truth"] == "yes" for row in rows}


def labelled(name: str) -> list[Pair]:
    """The pairs of one file in the open reading; labels that hang on `format` count as unknown."""
    return [_pair(line, line["semantic"]) for line in lines(ORACLES / f"{name}.jsonl")]


def reserved(name: str) -> list[Pair]:
    """The pairs of one file with what is proven in the reserved reading."""
    proven = {line["id"]: line for line in lines(ORACLES / "reserved.jsonl")}
    return [
        _pair(line, proven[line["id"]])
        for line in lines(ORACLES / f"{name}.jsonl")
        if line["id"] in proven
    ]


def _pair(line: Any, labels: Any) -> Pair:
    dialect = DIALECT[line["draft"]]
    sides = [Schema(root=line[side], dialect=dialect) for side in ("old", "new")]
    truths = [_truth(line, labels, way) for way in WAYS]
    return Pair(line["id"], sides[0], sides[1], truths[0], truths[1])


def _truth(line: Any, labels: Any, way: Way) -> bool | None:
    if labels is not line["semantic"]:
        return labels[way]
    if line.get("format_sensitive"):
        return None
    return wrong_labels().get((line["id"], way), labels[way])


def steps(family: str | None = None) -> list[Step]:
    """The judged steps of all real histories, or of one family."""
    with (HISTORIES / "judged.csv").open() as file:
        return [_step(row) for row in csv.DictReader(file) if family in (None, row["family"])]


def _step(row: dict[str, str]) -> Step:
    family, versions = row["family"], (row["from"], row["to"])
    old, new = (schema(family, version) for version in versions)

    def judged(reading: str) -> Pair:
        truths = [{"yes": True, "no": False}.get(row[f"{way}_{reading}"]) for way in WAYS]
        return Pair(f"{family} {versions[0]} {versions[1]}", old, new, truths[0], truths[1])

    return Step(family, *versions, judged("open"), judged("reserved"), row["bump"])


def schema(family: str, version: str) -> Schema:
    """One version of a real schema, with the documents it refers to."""
    text = _path(family, version).read_text()
    if not family.startswith("oparl-"):
        return Schema(root=exact(text), dialect="draft-07", text=text)
    others: dict[str, Json] = {
        f"{OPARL}{name}.json": exact(_newest(f"oparl-{name.lower()}", version).read_text())
        for name in ("File", "Location")
    }
    return Schema(
        root=exact(text), address=OPARL + family, others=others, dialect="draft-07", text=text
    )


def _path(family: str, version: str) -> Path:
    if family == "eu-dcc":
        return SPECS / family / "versions" / version / "certificate.json"
    if family.startswith("fit-connect-"):
        name = family.removeprefix("fit-connect-") + ".json"
        return SPECS / "fit-connect" / "versions" / version / name
    return HISTORIES / family / f"{version}.json"


def _newest(family: str, version: str) -> Path:
    """The newest version of a family that is not newer than this one."""
    paths = sorted((HISTORIES / family).glob("*.json"), key=lambda path: _order(path.stem))
    return [path for path in paths if _order(path.stem) <= _order(version)][-1]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def bump_for(backward: bool, forward: bool, direction: Direction) -> str:
    """The number a change calls for; "patch" where at most texts changed."""
    breaks = {"accepts": not backward, "emits": not forward}.get(direction)
    if breaks is None:
        breaks = not (backward and forward)
    return "major" if breaks else "patch" if backward and forward else "minor"
