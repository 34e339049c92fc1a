"""An engine of one number gives one verdict: word for word the same as it was kept under.

Verdicts are kept per engine, so one that changes without a new number would contradict what was
answered before. Where one differs on purpose, raise ENGINE (registry/compatibility/compare.py) and
keep the new ones: `.venv/bin/python -m tests.compatibility.test_kept_verdicts`.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

from registry.compatibility import compare
from registry.compatibility.compare import ENGINE
from registry.compatibility.model import Verdict
from registry.compatibility.rules import explain, rules
from tests.compatibility.drawn import BUDGET, drawn
from tests.compatibility.labelled import FILES, labelled, steps
from tests.compatibility.test_rules import example

KEPT = Path(__file__).parent / "kept" / "verdicts.json"
PARTS = 6
LONG = re.compile(r"'minItems': \d{4}")

Named = Iterator[tuple[str, Verdict]]


def of_labelled(part: int) -> Named:
    """All but those that ask for arrays so long that their documents take megabytes."""
    for name in FILES:
        for one in labelled(name)[part::PARTS]:
            if not LONG.search(f"{one.old.root}{one.new.root}"):
                yield one.id, compare(one.old, one.new, direction="exchanges", budget=BUDGET)


def of_drawn(part: int) -> Named:
    return ((f"drawn {one.number}", one.verdict()) for one in drawn()[part::PARTS])


def of_histories(part: int) -> Named:
    for step in steps()[part::PARTS]:
        yield step.name, compare(step.pair.old, step.pair.new, direction="emits", budget=BUDGET)


def of_rules(part: int) -> Named:
    for name in sorted(rules())[part::PARTS]:
        if explain(name).old is not None:
            yield name, example(explain(name), budget=BUDGET)


SOURCES: tuple[Callable[[int], Named], ...] = (of_labelled, of_drawn, of_histories, of_rules)


def digest(verdict: Verdict) -> str:
    """All a verdict says but the number of its engine, and that it is complete: most are."""
    said = msgspec.json.encode(msgspec.structs.replace(verdict, engine=""))
    return hashlib.sha256(said.replace(b'"complete":true,', b"")).hexdigest()[:16]


@cache
def kept() -> dict[str, str]:
    return json.loads(KEPT.read_text())["verdicts"]


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.__name__)
def test_a_verdict_is_the_one_this_engine_gave_before(
    source: Callable[[int], Named], part: int
) -> None:
    others = {
        name: msgspec.json.encode(verdict).decode()
        for name, verdict in source(part)
        if digest(verdict) != kept().get(name)
    }
    assert others == {}


def test_the_verdicts_were_kept_under_the_number_of_this_engine() -> None:
    assert json.loads(KEPT.read_text())["engine"] == ENGINE


if __name__ == "__main__":
    said = {
        name: digest(verdict)
        for source in SOURCES
        for part in range(PARTS)
        for name, verdict in source(part)
    }
    KEPT.write_text(json.dumps({"engine": ENGINE, "verdicts": said}, indent=0) + "\n")
