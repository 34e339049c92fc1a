"""Changed receipts: none may verify.

Bits are turned, bytes and lines are taken out, doubled, exchanged, or taken from another receipt.
What only spells the same JSON otherwise is counted apart. The control takes every signature for
good, and must accept some.
"""

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from bench.faults.rounds import settings_of
from registry.audit import tree_store
from registry.audit.keys import signers
from registry.audit.receipts import Receipts
from registry.audit.seals import Seals
from registry.cli import efa_verify
from registry.db import connect
from registry.db.embedded import EmbeddedPostgres
from registry.db.migrations import migrate
from tests.audit.signed import grow, says_the_same

EVENTS = (200, 1, 57, 300)
RECEIPTS = 60


class Changes:
    """Draws a changed receipt from real ones of one form."""

    def __init__(self, receipts: list[bytes], drawn: random.Random) -> None:
        self._receipts = receipts
        self._drawn = drawn

    def one(self) -> tuple[str, bytes, bytes]:
        """The kind, a receipt, and what was made of it."""
        kind = self._drawn.choice(("bit", "cut", "doubled", "line", "foreign", "exchanged"))
        content = self._drawn.choice(self._receipts)
        return kind, content, getattr(self, f"_{kind}")(content)

    def _bit(self, content: bytes) -> bytes:
        changed = bytearray(content)
        changed[self._drawn.randrange(len(content))] ^= 1 << self._drawn.randrange(8)
        return bytes(changed)

    def _cut(self, content: bytes) -> bytes:
        at = self._drawn.randrange(len(content))
        return content[:at] + content[at + self._drawn.randrange(1, 9) :]

    def _doubled(self, content: bytes) -> bytes:
        at = self._drawn.randrange(len(content))
        return content[:at] + content[at : at + self._drawn.randrange(1, 9)] + content[at:]

    def _line(self, content: bytes) -> bytes:
        parts = self._parts(content)
        del parts[self._drawn.randrange(len(parts))]
        return self._joined(content, parts)

    def _foreign(self, content: bytes) -> bytes:
        """One line, or one member, is that of another receipt."""
        parts, others = self._parts(content), self._parts(self._drawn.choice(self._receipts))
        parts[self._drawn.randrange(len(parts))] = self._drawn.choice(others)
        return self._joined(content, parts)

    def _exchanged(self, content: bytes) -> bytes:
        parts = self._parts(content)
        first, second = (self._drawn.randrange(len(parts)) for _ in range(2))
        parts[first], parts[second] = parts[second], parts[first]
        return self._joined(content, parts)

    def _parts(self, content: bytes) -> list[bytes]:
        if not content.startswith(b"{"):
            return content.split(b"\n")
        return [json.dumps({name: value}).encode() for name, value in json.loads(content).items()]

    def _joined(self, content: bytes, parts: list[bytes]) -> bytes:
        if not content.startswith(b"{"):
            return b"\n".join(parts)
        return b"{" + b",".join(part[1:-1] for part in parts) + b"}"


async def made(server: EmbeddedPostgres, files: Path) -> tuple[str, list[bytes], list[bytes]]:
    """The key, and receipts of a small log in both forms, under several checkpoints."""
    settings = settings_of(server, files)
    await migrate(settings.owner_url)
    texts, objects = list[bytes](), list[bytes]()
    for count in EVENTS:
        await grow(settings, count)
        conn = await connect(settings.owner_url)
        ids = await conn.fetch("select id from events order by md5(id::text) limit $1", RECEIPTS)
        receipts_ = Receipts(conn, Seals())
        for row in ids:
            revealed = await tree_store.revealed(conn, row[0])
            found = await receipts_.of(revealed) if revealed else None
            assert found
            texts.append(found.text.encode())
            objects.append(msgspec.json.encode(found))
        await conn.close()
    return str(signers(settings)[0].verifier), texts, objects


def credulous(_key: efa_verify.Key, _text: bytes, _signature: bytes) -> bool:
    """Takes every signature for good."""
    return True


def receipts(seed: int, count: int, folder: Path) -> dict[str, Any]:
    """How many changed receipts were accepted, by the verifier and by the control."""
    with EmbeddedPostgres(folder / "pg", durable=False) as server:
        key, texts, objects = asyncio.run(made(server, folder / "files"))
    file = folder / "receipt"

    def verifies(content: bytes) -> bool:
        file.write_bytes(content)
        return efa_verify.verify([str(file)], [key], "en")[0] == 0

    assert all(verifies(content) for content in (*texts, *objects)), "what is real verifies"
    drawn = random.Random(seed)
    of_form = [Changes(texts, drawn), Changes(objects, drawn)]
    real = {*texts, *objects}
    kinds, respelled, accepted, control = Counter[str](), 0, list[str](), 0
    while kinds.total() < count:
        kind, before, after = of_form[drawn.randrange(2)].one()
        if after in real or says_the_same(before, after):
            respelled += 1
            continue
        kinds[kind] += 1
        if verifies(after):
            accepted.append(after.decode(errors="replace"))
    signed = efa_verify.Key.signed
    efa_verify.Key.signed = credulous  # pyright: ignore[reportAttributeAccessIssue]
    for _ in range(count // 100):
        _, before, after = of_form[drawn.randrange(2)].one()
        control += verifies(after) and not says_the_same(before, after)
    efa_verify.Key.signed = signed
    return {
        "changed": kinds.total(),
        "of_each_kind": dict(kinds),
        "spelt_otherwise_only": respelled,
        "accepted": len(accepted),
        "accepted_examples": accepted[:5],
        "control_without_signatures": count // 100,
        "control_accepted": control,
    }
