"""Receipts: that an event is in the log, in a form that is checked without asking anybody."""

import asyncio
import base64
import contextlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from registry.audit import tree_store
from registry.audit.growing import Grown
from registry.audit.model import NoReceiptYet
from registry.audit.proofs import KeptTiles, inclusion_proofs
from registry.audit.seals import Seals
from registry.audit.tree import root_by
from registry.audit.tree_store import Head, Revealed
from registry.db import Query
from registry.db.coalesce import Coalescer

_MOST_FRESH = 4_096
_HERE_SECONDS = 0.25


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


class Fresh:
    """The events this process recorded and numbered last, and the head it signed over them."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self._recorded: OrderedDict[UUID, None] = OrderedDict()
        self._numbered: OrderedDict[UUID, tuple[int, bytes | None]] = OrderedDict()
        self._waiting: dict[UUID, asyncio.Event] = {}

    def expect(self, events: Iterable[UUID]) -> None:
        """What was recorded and committed just now."""
        self._recorded.update(dict.fromkeys(events))
        _forget_first(self._recorded)

    def is_expected(self, event: UUID) -> bool:
        """Whether it was recorded here, and this process seals."""
        return self.head is not None and event in self._recorded

    def keep(self, grown: Grown) -> None:
        """What was numbered and committed just now."""
        self.head, batch = grown.head, grown.batch
        for place, event in enumerate(batch.events):
            leaf = batch.leaves[place] if batch.public[place] else None
            self._numbered[event] = batch.first + place, leaf
            if waiting := self._waiting.get(event):
                waiting.set()
        _forget_first(self._numbered)

    async def numbered(self, event: UUID, seconds: float) -> bool:
        """Wait until it is numbered here, though no longer than that takes unless others do it."""
        if event not in self._numbered:
            waiting = self._waiting.setdefault(event, asyncio.Event())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(seconds, _HERE_SECONDS)):
                    await waiting.wait()
            self._waiting.pop(event, None)
            if not waiting.is_set() and seconds >= _HERE_SECONDS:
                self.head = None
        return event in self._numbered

    def find(self, event: UUID) -> tuple[UUID, int, Head] | None:
        """The event with its number and the head, if it is one of them."""
        known = self._numbered.get(event)
        return None if known is None or self.head is None else (event, known[0], self.head)

    def public_leaf(self, event: UUID) -> bytes | None:
        """The leaf of one of them that everybody may see."""
        return self._numbered[event][1]

    def forget(self) -> None:
        """Know nothing: the database was replaced by another."""
        self.head = None
        self._recorded.clear()
        self._numbered.clear()


def _forget_first(kept: OrderedDict[UUID, Any]) -> None:
    while len(kept) > _MOST_FRESH:
        kept.popitem(last=False)


class Receipts:
    """The receipts of one process: those who wait share what they ask the database.

    What this process sealed itself it knows without asking.
    """

    def __init__(self, reads: Query, seals: Seals) -> None:
        self._reads = reads
        self._seals = seals
        self._fresh = Fresh()
        self._tiles = KeptTiles()
        self._proofs = Coalescer(self._proven, at_once=1)

    def recorded(self, events: Iterable[UUID]) -> None:
        """Expect events that this process recorded and committed just now."""
        self._fresh.expect(events)

    def sealed(self, grown: Grown) -> None:
        """Keep what this process sealed and committed just now; wakes who waits."""
        self._fresh.keep(grown)
        full = {(tile.level, tile.number): tile.hashes for tile in grown.filled}
        self._tiles.keep(full | grown.edge.begun)
        self._seals.sealed_here(grown.edge.size)

    async def own(self, event: UUID, seconds: float) -> Receipt | None:
        """The receipt of a public event recorded and sealed here, without what it commits to.

        Nobody is asked for it; None where somebody must be.
        """
        if not self._fresh.is_expected(event) or not await self._fresh.numbered(event, seconds):
            return None
        leaf = self._fresh.public_leaf(event)
        return await self.of(_bare(event, leaf)) if leaf else None

    async def wait(self, revealed: Revealed, seconds: float) -> Receipt:
        """The receipt, as soon as the event is in a signed log; refused after `seconds`."""
        until = asyncio.get_running_loop().time() + seconds
        here = revealed.number is None and self._fresh.head is not None
        while True:
            next_seal, head = self._seals.next(), self._fresh.head
            # Where the next batch is sealed here, only what was sealed here needs a look.
            is_known = not here or self._fresh.find(revealed.event)
            if is_known and (found := await self.of(revealed)) is not None:
                return found
            left = until - asyncio.get_running_loop().time()
            if left <= 0:
                raise NoReceiptYet
            told = await self._seals.wait(next_seal, left)
            here = told and self._fresh.head is not head

    async def of(self, revealed: Revealed) -> Receipt | None:
        """The receipt under the last signed head; None while that does not hold the event."""
        event = str(revealed.event)
        proven = await self._proofs.get(event)
        if proven and not proven.holds(revealed.leaf):
            # The database is not the one whose tiles are kept.
            self._tiles.forget()
            self._fresh.forget()
            proven = (await self._proven([event])).get(event)
        return _receipt(revealed, proven) if proven else None

    async def _proven(self, events: Sequence[str]) -> dict[str, Proven]:
        """Their proofs: of fresh ones under the head signed here, of others under the last one."""
        wanted = [UUID(event) for event in events]
        fresh = [found for event in wanted if (found := self._fresh.find(event))]
        known = {event for event, _, _ in fresh}
        others = [event for event in wanted if event not in known]
        logged = await tree_store.logged(self._reads, others) if others else []
        return {**await self._under_one_head(fresh), **await self._under_one_head(logged)}

    async def _under_one_head(self, logged: Sequence[tuple[UUID, int, Head]]) -> dict[str, Proven]:
        if not logged:
            return {}
        head = logged[0][2]
        indexes = [index for _, index, _ in logged]
        paths = await inclusion_proofs(self._reads, indexes, head.size, self._tiles)
        return {
            str(event): Proven(index, head, path)
            for (event, index, head), path in zip(logged, paths, strict=True)
        }


def _bare(event: UUID, leaf: bytes) -> Revealed:
    return Revealed(event=event, number=None, leaf=leaf, salt=None, facts=None)


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
