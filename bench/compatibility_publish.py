"""Publishing what hides a break: is it refused, and does ajv confirm the witnesses of the refusal?

Each breaking step of the real histories (`tests/compatibility/histories`) that stands alone is put
to a registry over HTTP: the older version as 1.0.0, the newer one as 1.0.1 of the same service. The
number must be refused with documents that were valid and are no longer. The third validator, ajv
from npm, is asked about each of them; the engine asks two others.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from bench import compatibility_ours as ours
from bench.compatibility_peers import Peer, confirms, node_peer
from bench.compatibility_questions import Question, families
from bench.results import write
from registry.cli.installation import migrate_now, override, running
from registry.cli.load import load
from registry.compatibility.model import Containment, Witness
from registry.dialects.strict_json import Unreadable, read_json
from registry.settings import Settings
from registry.versions.schemas.guard import LIMITS as SCHEMA_LIMITS
from tests.client import ApiClient, open_client
from tests.versions.published import publish, service, version


def main() -> None:
    third = node_peer("ajv")
    try:
        write("compatibility_publish", refusals(families("reserved"), third))
    finally:
        third.close()


def refusals(questions: Iterable[Question], third: Peer) -> dict[str, int]:
    """How many publishes that hide a break were refused, with a witness, and confirmed by ajv."""
    breaking = [one for one in questions if one.way == "backward" and not one.truth and _alone(one)]
    with tempfile.TemporaryDirectory(prefix="efa-bench-") as folder:
        Path(folder).chmod(0o755)
        with running(override(Settings(), data_dir=folder)) as settings:
            migrate_now(settings)
            load(settings, folder=None, demo=False)
            return asyncio.run(_refusals(settings, breaking, third))


def _alone(asked: Question) -> bool:
    """Whether both schemas name their dialect, refer to nothing outside, and are strict JSON."""
    sides: tuple[Any, ...] = (asked.pair.old, asked.pair.new)
    return all(
        one.text and not one.others and "$schema" in one.root and _is_strict(one.text)
        for one in sides
    )


def _is_strict(text: str) -> bool:
    """Whether the registry takes the text: some old schemas name a key twice."""
    try:
        read_json(text.encode(), SCHEMA_LIMITS)
    except Unreadable:
        return False
    return True


async def _refusals(settings: Settings, asked: list[Question], third: Peer) -> dict[str, int]:
    counts: Counter[str] = Counter(publish_hides_break=len(asked))
    async with open_client(settings) as client:
        for place, question in enumerate(asked):
            problem = await _published(client, f"hidden-{place}", question)
            if problem.get("type") != "/problems/version-number-too-small":
                continue
            said = [confirms(third, one) for one in _checked(question, problem["witnesses"])]
            counts["publish_refused"] += 1
            counts["publish_refused_with_witness"] += bool(said)
            counts["publish_refused_confirmed_by_ajv"] += bool(said) and set(said) == {"confirms"}
            counts.update(f"witness: {one}" for one in said)
    return dict(counts)


async def _published(client: ApiClient, slug: str, question: Question) -> Any:
    """The answer to publishing the newer schema as a patch of the older one."""
    builder = await service(client, slug)
    texts = [side.text or "" for side in (question.pair.old, question.pair.new)]
    await publish(builder, "1.0.0", slug=slug, body=version(texts[0]))
    path = f"/v1/services/{slug}/versions/1.0.1"
    return (await builder.put(path, json=version(texts[1]), events=0)).json()


def _checked(question: Question, witnesses: list[Any]) -> list[dict[str, Any]]:
    """Each witness with the two schemas that it is told to be of."""
    shown = [
        Witness(text=msgspec.json.encode(one["witness"].pop("document")).decode(), **one["witness"])
        for one in witnesses
    ]
    answers = [Containment(answer="no", witness=one) for one in shown if one.valid_under == "old"]
    found = [ours.checked(question, answer, "reserved") for answer in answers]
    return [one for one in found if one]


if __name__ == "__main__":
    main()
