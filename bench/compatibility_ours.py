"""Our engine and the library below it, each measured in a process of its own."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import jsonschema_rs

from bench.compatibility_questions import Asked, Question, pairs, plain_json
from registry.compatibility import compare, contains, decide
from registry.compatibility.containment import SchemaPair
from registry.compatibility.model import Containment, Reading, Schema
from registry.dialects.keywords import Dialect, dialect_of
from registry.versions.workers import memory

REPEATS = 3
QUICK_MS = 1000.0
PARTS = 230
"""So many parts make a schema of 1 MB."""
DRAFTS: dict[Dialect, int] = {
    "draft-04": jsonschema_rs.Draft4,
    "draft-06": jsonschema_rs.Draft6,
    "draft-07": jsonschema_rs.Draft7,
    "2019-09": jsonschema_rs.Draft201909,
    "2020-12": jsonschema_rs.Draft202012,
}


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function gives in a fresh process, so that nothing is warm and memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def apart(name: str) -> Any:
    """What a function of this module gives in a process that holds nothing of the bench."""
    program = f"import json; from {__name__} import {name}; print(json.dumps({name}()))"
    command = [sys.executable, "-c", program]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def library(questions: list[Question]) -> list[Asked]:
    """`jsonschema-rs` alone: the canonical form of one covers that of the other."""
    return [_timed(lambda question=question: (_covers(question), None)) for question in questions]


def bare(questions: list[Question]) -> list[Asked]:
    """Our answer alone, no witness confirmed; in the open reading."""

    def ask(question: Question) -> tuple[str, None]:
        return decide(*question.pair.sides(question.way)), None

    return [_timed(lambda question=question: ask(question)) for question in questions]


def proven(questions: list[Question], reading: Reading = "open") -> list[Asked]:
    """Our answer with the document that proves a "no"."""

    def ask(question: Question) -> tuple[str, Any]:
        found = contains(*question.pair.sides(question.way), reading=reading)
        return found.answer, (question, found)

    answers = [_timed(lambda question=question: ask(question)) for question in questions]
    return [_with_documents(found, reading) for found in answers]


def explained(questions: list[Question], reading: Reading = "open") -> list[Asked]:
    """The full verdict: both directions, findings in words, each with its witness."""

    def ask(question: Question) -> tuple[str, Any]:
        verdict = compare(question.pair.old, question.pair.new, reading=reading)
        found = verdict.backward if question.way == "backward" else verdict.forward
        return found.answer, (question, found)

    answers = [_timed(lambda question=question: ask(question)) for question in questions]
    return [_with_documents(found, reading) for found in answers]


ENGINES: dict[str, Callable[..., list[Asked]]] = {
    "ours, with witness": proven,
    "ours, full verdict": explained,
}


def _timed(ask: Callable[[], tuple[str, Any]]) -> Asked:
    """The best of a few times, as other work only ever adds to them; slow ones count once."""
    best, cpu, answer, facts = float("inf"), float("inf"), "error: not asked", None
    for _ in range(REPEATS):
        start, cpu_start = time.perf_counter(), time.process_time()
        try:
            answer, facts = ask()
        except Exception as error:  # noqa: BLE001 - a contestant may fail in any way; that is counted
            answer, facts = f"error: {type(error).__name__}: {error}"[:200], None
        cpu = min(cpu, (time.process_time() - cpu_start) * 1000)
        best = min(best, (time.perf_counter() - start) * 1000)
        if best > QUICK_MS:
            break
    return Asked(answer, best, facts, cpu)


def _covers(question: Question) -> str:
    larger, smaller = (_canonical(schema) for schema in question.pair.sides(question.way))
    return larger.covers(smaller).value


def _canonical(schema: Schema) -> jsonschema_rs.CanonicalSchema:
    root: Any = schema.root
    draft = DRAFTS[dialect_of(root) if _declares(root) else schema.dialect]
    if isinstance(root, dict):
        root = {key: value for key, value in root.items() if key != "$schema"}  # pyright: ignore[reportUnknownVariableType]
    return jsonschema_rs.canonicalize(
        root,
        draft=draft,
        validate_formats=False,
        pattern_options=jsonschema_rs.RegexOptions(),
        offline=True,
    )


def _declares(root: Any) -> bool:
    return isinstance(root, dict) and isinstance(root.get("$schema"), str)  # pyright: ignore[reportUnknownMemberType]


def _with_documents(found: Asked, reading: Reading) -> Asked:
    """The answer with the witness and the schemas it was confirmed against, as plain JSON."""
    facts: Any = found.checked
    if facts is None or found.answer != "no":
        return found._replace(checked=None)
    question, containment = facts
    return found._replace(checked=checked(question, containment, reading))


def checked(question: Question, found: Containment, reading: Reading) -> dict[str, Any]:
    """A witness that two validators confirmed, with the schemas they were asked; else nothing."""
    witness = found.witness
    if witness is None or not witness.confirmed:
        return {}
    larger, smaller = question.pair.sides(question.way)
    if witness.rewritten:
        read = SchemaPair(smaller, larger, reading, "annotate").read
        sides = [
            {"schema": side.root, "dialect": "2020-12", "address": smaller.address}
            for side in read.values()
        ]
    else:
        sides = [_published(schema) for schema in (smaller, larger)]
    return {
        "document": witness.text,
        "valid": plain_json(sides[0]),
        "invalid": plain_json(sides[1]),
    }


def _published(schema: Schema) -> dict[str, Any]:
    dialect = dialect_of(schema.root) if _declares(schema.root) else schema.dialect
    return {
        "schema": schema.root,
        "dialect": dialect,
        "address": schema.address,
        "others": schema.others,
    }


def large() -> dict[str, Any]:
    """A pair of 1 MB with one change deep inside: its full verdict."""
    old, new = _large(10), _large(9)
    start, cpu_start = time.perf_counter(), time.process_time()
    verdict = compare(Schema(root=old), Schema(root=new))
    return {
        "bytes": len(json.dumps(old)),
        "seconds": round(time.perf_counter() - start, 2),
        "cpu_seconds": round(time.process_time() - cpu_start, 2),
        "backward": verdict.backward.answer,
        "forward": verdict.forward.answer,
        "peak_memory_mb": _peak(),
    }


def _large(longest: int) -> Any:
    def person(number: int) -> Any:
        names = {
            f"field_{number}_{at}": {"type": "string", "maxLength": 40, "title": f"Feld {at}"}
            for at in range(60)
        }
        last = {"last": {"type": "string", "maxLength": longest if number == PARTS - 1 else 10}}
        return {"type": "object", "properties": names | last, "required": ["last"]}

    return {"type": "object", "properties": {f"part_{n}": person(n) for n in range(PARTS)}}


def peak_memory() -> dict[str, float]:
    """The most memory a process held that gave a full verdict on every labelled pair."""
    before = _peak()
    explained([question for question in pairs("open") if question.way == "backward"])
    return {"at_start": before, "at_end": _peak()}


def _peak() -> float:
    return round(memory.peak() / (1 << 20), 1)
