"""The questions of `bench/compatibility.py`, and what the answers come to."""

import statistics
from collections import Counter
from decimal import Decimal
from typing import Any, NamedTuple

from registry.compatibility.model import Reading
from tests.compatibility.labelled import FILES, WAYS, Pair, Way, labelled, reserved, steps


class Question(NamedTuple):
    """Whether, one way, the documents of one schema are documents of the other; the truth."""

    pair: Pair
    way: Way
    truth: bool


class Asked(NamedTuple):
    """An answer ("yes", "no", "unknown", "timeout", "error: ..."), its time, what proves a "no".

    `checked` is None where the contestant gives no witness, empty where this "no" has none. Beside
    the wall clock's `ms`, `cpu_ms` is the processor's time, which a busy machine changes little;
    None where it is not known.
    """

    answer: str
    ms: float
    checked: dict[str, Any] | None = None
    cpu_ms: float | None = None


def pairs(reading: Reading) -> list[Question]:
    take = labelled if reading == "open" else reserved
    return _questions([pair for name in FILES for pair in take(name)])


def families(reading: Reading) -> list[Question]:
    judged = [step.pair if reading == "open" else step.reserved for step in steps()]
    return _questions(judged)


def _questions(asked: list[Pair]) -> list[Question]:
    ways: tuple[Way, ...] = WAYS
    return [
        Question(pair, way, truth)
        for pair in asked
        for way in ways
        if (truth := pair.label(way)) is not None
    ]


def plain_json(value: Any) -> Any:
    """The value with ordinary numbers, for programs that read JSON with those."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: plain_json(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [plain_json(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def spread(times: list[float]) -> tuple[float, float]:
    """The median, and what one in a hundred exceeds."""
    if not times:
        return 0.0, 0.0
    ordered = sorted(times)
    return statistics.median(ordered), ordered[int(0.99 * (len(ordered) - 1))]


def summary(
    questions: list[Question], answers: list[Asked], baseline: list[Asked] | None = None
) -> dict[str, Any]:
    """What one contestant's answers come to; times beside those of the baseline."""
    both = zip(questions, answers, strict=True)
    counts = Counter(_judged(question.truth, found.answer) for question, found in both)
    median, slowest = spread([found.ms for found in answers])
    decided = counts["right"] + counts["wrong_compatible"] + counts["wrong_incompatible"]
    result: dict[str, Any] = {
        "asked": len(answers),
        **{kind: counts[kind] for kind in _KINDS},
        "decided_percent": round(100 * decided / max(1, len(answers)), 2),
        "median_ms": round(median, 3),
        "p99_ms": round(slowest, 2),
    }
    if measured := [found.cpu_ms for found in answers if found.cpu_ms is not None]:
        median_cpu, slowest_cpu = spread(measured)
        result |= {"median_cpu_ms": round(median_cpu, 3), "p99_cpu_ms": round(slowest_cpu, 2)}
    if baseline:
        of_baseline = statistics.median(found.ms for found in baseline)
        result["times_jsonschema_rs"] = round(median / of_baseline, 2)
    return result


_KINDS = ("right", "wrong_compatible", "wrong_incompatible", "unknown", "timeout", "error")


def _judged(truth: bool, answer: str) -> str:
    if answer in ("unknown", "timeout"):
        return answer
    if answer not in ("yes", "no"):
        return "error"
    if (answer == "yes") is truth:
        return "right"
    return "wrong_compatible" if answer == "yes" else "wrong_incompatible"
