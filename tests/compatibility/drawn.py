"""Chooses pairs of schemas drawn at random that between them show as much as the engine can say.

Run it to choose anew: `.venv/bin/python -m tests.compatibility.drawn`. They are kept as text, so a
pair stays the same when the drawing changes.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from registry.compatibility import compare
from registry.compatibility.model import Budget, Finding, Formats, Reading, Schema, Verdict
from tests.compatibility.generated import case
from tests.compatibility.labelled import exact, lines

FILE = Path(__file__).parent / "kept" / "drawn.jsonl"
TRIED = 6_000
BUDGET = Budget(steps=20_000, seconds=3_600)
"""Steps are the same on every machine, seconds are not: these are never spent."""


class Drawn(NamedTuple):
    """A pair, by the number it was drawn with, and how it is to be compared."""

    number: int
    old: Schema
    new: Schema

    @property
    def reading(self) -> Reading:
        return "open" if self.number % 3 == 0 else "reserved"

    @property
    def formats(self) -> Formats:
        return "assert" if self.number % 4 == 0 else "annotate"

    def verdict(self) -> Verdict:
        return compare(
            self.old,
            self.new,
            direction="exchanges",
            reading=self.reading,
            formats=self.formats,
            budget=BUDGET,
        )


def drawn() -> list[Drawn]:
    """All pairs that were chosen."""
    return [
        Drawn(
            line["number"],
            Schema(root=line["old"], dialect=line["dialect"]),
            Schema(root=line["new"], dialect=line["dialect"]),
        )
        for line in lines(FILE)
    ]


def _candidates() -> Iterator[Drawn]:
    for number in range(TRIED):
        found = case(Random(f"kept {number}"), 0)
        yield Drawn(number, found.old, found.new)


def _shown(verdict: Verdict) -> set[Any]:
    """What a verdict is an example of."""
    sides = verdict.backward.reason, verdict.forward.reason
    return {
        (verdict.relation, verdict.bump, *sides),
        *(_shape(one) for one in (*verdict.findings, *verdict.remarks)),
    }


def _shape(finding: Finding) -> Any:
    last = finding.place.rpartition("/")[2]
    return (
        finding.rule,
        finding.severity,
        finding.place.count("/"),
        last if last in ("*", "") else "name",
        *(text and text[0] for text in (finding.before, finding.after)),
        finding.witness and (finding.witness.valid_under, finding.witness.rewritten),
    )


def _line(one: Drawn) -> str:
    fields = {"number": one.number, "dialect": one.old.dialect}
    sides = {"old": one.old.root, "new": one.new.root}
    return json.dumps({**fields, **sides}, default=_exactly, ensure_ascii=False)


def _exactly(number: Decimal) -> float:
    """The shortest text of such a number, as every reader takes it back."""
    if exact(repr(float(number))) != number:
        raise ValueError(number)
    return float(number)


def _chosen() -> Iterator[Drawn]:
    seen = set[Any]()
    for one in _candidates():
        new = _shown(one.verdict()) - seen
        seen |= new
        if new:
            yield one


if __name__ == "__main__":
    FILE.write_text("".join(f"{_line(one)}\n" for one in _chosen()))
