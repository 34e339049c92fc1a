"""How well and how fast comparisons are decided, beside `jsonschema-rs` alone and peers.

All answer the same questions in one run: is every document of one schema a document of the other,
over the labelled pairs and the steps of real histories (`tests/compatibility/`). The labels of the
reserved reading are asked of ours only. A question counts for a contestant as right, wrong
compatible (it says yes where a document says no), wrong incompatible, unknown, timeout or error.
"""

import argparse
import functools
import random
from collections import Counter
from typing import Any

from bench import compatibility_ours as ours
from bench.compatibility_peers import (
    NODE_PEERS,
    PYTHON_PEERS,
    Missing,
    Peer,
    confirms,
    node_peer,
    python_peer,
)
from bench.compatibility_publish import refusals
from bench.compatibility_questions import Asked, Question, families, pairs, plain_json, summary
from bench.results import write

SEED = 20261122
AJV = "ajv"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-peers", action="store_true", help="ours and jsonschema-rs only")
    parser.add_argument("--sample", type=int, help="only so many questions, drawn with the seed")
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    draw = functools.partial(_draw, count=asked.sample, seed=asked.seed)
    peers = {} if asked.no_peers else start_peers()
    try:
        figures = {"seed": asked.seed, **measure(draw, peers)}
    finally:
        for peer in peers.values():
            peer.close()
    write("compatibility" if not asked.sample else "compatibility-sample", figures)


def _draw(questions: list[Question], count: int | None, seed: int) -> list[Question]:
    if count is None or count >= len(questions):
        return questions
    return random.Random(seed).sample(questions, count)


def start_peers() -> dict[str, Peer]:
    """The peers that can be had; those that cannot are named with the reason."""
    found: dict[str, Peer] = {}
    for make, names in ((python_peer, PYTHON_PEERS), (node_peer, NODE_PEERS)):
        for name in names:
            try:
                found[name] = make(name)
            except Missing as reason:
                print(f"Without {name}: {reason}", flush=True)
    return found


def measure(draw: Any, peers: dict[str, Peer]) -> dict[str, Any]:
    """Each set of questions put to every contestant."""
    third = peers.get(AJV)
    contestants = {name: peer for name, peer in peers.items() if name != AJV}
    labelled, real = draw(pairs("open")), draw(families("open"))
    figures = {
        "pairs": contest(labelled, contestants, third),
        "pairs_reserved": contest(draw(pairs("reserved")), {}, third, reading="reserved"),
        "families": contest(real, contestants, third),
        "families_reserved": contest(draw(families("reserved")), {}, third, reading="reserved"),
        "steps": steps_decided(real),
        "large": ours.apart("large"),
        "peak_memory_mb": ours.apart("peak_memory"),
    }
    if third:
        figures["publish"] = refusals(draw(families("reserved")), third)
    return figures


def contest(
    questions: list[Question],
    peers: dict[str, Peer],
    third: Peer | None,
    reading: str = "open",
) -> dict[str, Any]:
    """Every contestant's figures on the same questions; ours beside `jsonschema-rs` alone."""
    table: dict[str, Any] = {}
    baseline: list[Asked] = []
    if reading == "open":
        baseline = ours.alone(ours.library, questions)
        table["jsonschema-rs alone"] = summary(questions, baseline)
        table["ours, bare"] = summary(questions, ours.alone(ours.bare, questions), baseline)
    for name, engine in ours.ENGINES.items():
        answers = ours.alone(engine, questions, reading)
        table[name] = summary(questions, answers, baseline) | witnesses(answers, third)
    for name, peer in peers.items():
        answers = [ask_peer(peer, question) for question in questions]
        table[name] = summary(questions, answers, baseline)
    return table


def ask_peer(peer: Peer, question: Question) -> Asked:
    old, new = plain_json(question.pair.old.root), plain_json(question.pair.new.root)
    answer, ms = peer.ask({"old": old, "new": new, "way": question.way})
    return Asked(answer, ms)


def witnesses(answers: list[Asked], third: Peer | None) -> dict[str, Any]:
    """How many "no" have a document as proof, and what the third validator says of those."""
    said_no = [found for found in answers if found.answer == "no" and found.checked is not None]
    if not said_no:
        return {}
    shown = [found.checked for found in said_no if found.checked]
    result: dict[str, Any] = {"no": len(said_no), "no_with_witness": len(shown)}
    if third is not None:
        result["third_validator"] = dict(Counter(confirms(third, document) for document in shown))
    return result


def steps_decided(questions: list[Question]) -> dict[str, int]:
    """Steps of real histories decided in both directions."""
    found: dict[str, int] = {"steps": len(questions) // 2}
    for name, engine in {"jsonschema-rs alone": ours.library, **ours.ENGINES}.items():
        answers = ours.alone(engine, questions)
        decided = Counter(
            question.pair.id
            for question, asked in zip(questions, answers, strict=True)
            if asked.answer in ("yes", "no")
        )
        found[name] = sum(count == 2 for count in decided.values())
    return found


if __name__ == "__main__":
    main()
