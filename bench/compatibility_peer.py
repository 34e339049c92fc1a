"""One peer from the package index, in its own environment: a question a line, an answer a line.

`python bench/compatibility_peer.py NAME` reads `{"old": ..., "new": ..., "way": ...}` and writes
`{"answer": ..., "ms": ...}`; it knows nothing of this registry.
"""

import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any


def jsoncompat() -> Callable[[Any, Any, str], bool]:
    """Asked without the declared dialect, of which it refuses all but one."""
    peer: Any = importlib.import_module("jsoncompat")
    roles = {"backward": "deserializer", "forward": "serializer"}

    def ask(old: Any, new: Any, way: str) -> bool:
        texts = [json.dumps(_undeclared(schema)) for schema in (old, new)]
        return peer.check_compat(*texts, roles[way])

    return ask


def jsonsubschema() -> Callable[[Any, Any, str], bool]:
    peer: Any = importlib.import_module("jsonsubschema")

    def ask(old: Any, new: Any, way: str) -> bool:
        return peer.isSubschema(*((old, new) if way == "backward" else (new, old)))

    return ask


def _undeclared(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    return {key: value for key, value in schema.items() if key != "$schema"}  # pyright: ignore[reportUnknownVariableType]


def answer(ask: Callable[[Any, Any, str], bool], question: Any) -> dict[str, Any]:
    start = time.perf_counter()
    try:
        found = "yes" if ask(question["old"], question["new"], question["way"]) else "no"
    except RecursionError:
        found = "error: too deep"
    except Exception as error:  # noqa: BLE001 - a peer may fail in any way; that is counted
        found = f"error: {type(error).__name__}"
    return {"answer": found, "ms": (time.perf_counter() - start) * 1000}


def main() -> None:
    ask = {"jsoncompat": jsoncompat, "jsonsubschema": jsonsubschema}[sys.argv[1]]()
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(answer(ask, json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
