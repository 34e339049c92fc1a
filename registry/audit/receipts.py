"""Receipts: that an event is in the log, in a form that is checked without asking anybody."""

import asyncio
import base64
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec

from registry.audit import tree_store
from registry.audit.model import NoReceiptYet
from registry.audit.proofs import KeptTiles, inclusion_proofs
from registry.audit.seals import Seals
from registry.audit.tree import root_by
from registry.audit.tree_store import Head, Revealed
from registry.db import Query
from registry.db.coalesce import Coalescer


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The proof that a leaf lies in a signed log, with what the leaf commits to.

    `hashes` (base64) lead from the leaf, number `index`, up to the root of the checkpoint.
    `salt` and `facts`, the text that was hashed, are null where they were erased; SHA-256(salt ||
    facts) stands in the leaf.
    """

    event: UUID
    index: int
    leaf: bytes
    hashes: list[bytes]
    checkpoint: str
    salt: bytes | None
    facts: str | None

    @property
    def text(self) -> str:
        """The same as c2sp.org/tlog-proof@v1; the leaf is the extra data."""
        hashes = "".join(f"{_base64(one)}\n" for one in self.hashes)
        return (
            f"c2sp.org/tlog-proof@v1\nextra {_base64(self.leaf)}\nindex {self.index}\n"
            f"{hashes}\n{self.checkpoint}"
        )


class Proven(NamedTuple):
    """The number of an event, the signed head that holds it, and the path between them."""

    number: int
    head: Head
    hashes: list[bytes]

    def holds(self, leaf: bytes) -> bool:
        """Whether the path leads from this leaf to the root that was signed."""
        return root_by(self.hashes, self.number, self.head.size, leaf) == self.head.root


class Receipts:
    """The receipts of one process: those who wait share what they ask the database."""

    def __init__(self, reads: Query, seals: Seals) -> None:
        self._reads = reads
        self._seals = seals
        self._tiles = KeptTiles()
        self._proofs = Coalescer(self._proven, at_once=1)

    async def wait(self, revealed: Revealed, seconds: float) -> Receipt:
        """The receipt, as soon as the event is in a signed log; refused after `seconds`."""
        until = asyncio.get_running_loop().time() + seconds
        while True:
            next_seal = self._seals.next()
            if (found := await self.of(revealed)) is not None:
                return found
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                raise NoReceiptYet
            await self._seals.wait(next_seal, left)

    async def of(self, revealed: Revealed) -> Receipt | None:
        """The receipt under the last signed head; None while that does not hold the event."""
        event = str(revealed.event)
        proven = await self._proofs.get(event)
        if proven and not proven.holds(revealed.leaf):
            # The database is not the one whose tiles are kept.
            self._tiles.forget()
            proven = (await self._proven([event])).get(event)
        return _receipt(revealed, proven) if proven else None

    async def _proven(self, events: Sequence[str]) -> dict[str, Proven]:
        logged = await tree_store.logged(self._reads, [UUID(event) for event in events])
        if not logged:
            return {}
        head = logged[0][2]
        indexes = [index for _, index, _ in logged]
        paths = await inclusion_proofs(self._reads, indexes, head.size, self._tiles)
        return {
            str(event): Proven(index, head, path)
            for (event, index, head), path in zip(logged, paths, strict=True)
        }


def _receipt(revealed: Revealed, proven: Proven) -> Receipt:
    return Receipt(
        event=revealed.event,
        index=proven.number,
        leaf=revealed.leaf,
        hashes=proven.hashes,
        checkpoint=proven.head.note,
        salt=revealed.salt,
        facts=revealed.facts.decode() if revealed.facts is not None else None,
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
