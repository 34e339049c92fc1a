"""The tree as the sequencer grows it: full tiles and signed heads, in its transactions."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from registry.audit import tree_store
from registry.audit.keys import Mark
from registry.audit.model import Seal
from registry.audit.notes import Checkpoint, Signer
from registry.audit.store import Batch
from registry.audit.tree import WIDTH, Edge, Tile
from registry.audit.tree_store import Head
from registry.db import Connection

_STEP = 16 * WIDTH
_PAUSE_SECONDS = 0.1


class ForkedLog(Exception):
    """The leaves in the database do not give a root that was signed."""


class Grown(NamedTuple):
    """What a transaction added: a batch, the tiles it filled, the edge after it, what it signed."""

    batch: Batch
    filled: list[Tile]
    edge: Edge
    head: Head | None


class Outside:
    """Writes what was signed to the mark, the newest of what came meanwhile; never waited for.

    Readers see a note when it is committed, so it is on disk a moment later than it is known: at
    once after a while of rest, else after a pause, since each file is written to disk for itself
    and the commits of the database would wait for it.
    """

    def __init__(self, mark: Mark | None) -> None:
        self._mark = mark
        self._note: str | None = None
        self._hurried = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None

    def keep(self, note: str) -> None:
        """Have it written, unless a newer one comes first; raises what went wrong before."""
        self.require_kept()
        self._note = note
        if self._mark is not None and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write(self._mark))

    async def _write(self, mark: Mark) -> None:
        while self._note is not None:
            note, self._note = self._note, None
            await asyncio.to_thread(mark.write, note)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurried.wait(), _PAUSE_SECONDS)

    async def rest(self) -> None:
        """Until all is written, without a pause from now on; raises what went wrong."""
        self._hurried.set()
        if self._writing is not None:
            await self._writing

    def require_kept(self) -> None:
        """Raise what went wrong so far."""
        if self._writing is not None and self._writing.done():
            self._writing.result()


class Grower:
    """Adds leaves to the tree, and signs with `signers`, the first of which names the origin.

    Without any it signs nothing. It keeps the edge that was committed last, and the note in `mark`,
    and has each batch `told` once it is committed; after a failure it is of no use any more.
    """

    def __init__(
        self,
        signers: Sequence[Signer] = (),
        mark: Mark | None = None,
        told: Callable[[Grown], None] = lambda _grown: None,
    ) -> None:
        self._signers = signers
        self._told = told
        self._outside = Outside(mark)
        self._edge: Edge | None = None

    def sign_with(self, signers: Sequence[Signer], mark: Mark) -> None:
        """Sign from the next leaf on, and not what was there before."""
        self._signers = signers
        self._outside = Outside(mark)

    async def begin(self, conn: Connection) -> None:
        """Build what is missing of the tree, in bounded steps, and sign the last seal."""
        if self._edge is not None:
            return
        edge = await _full_edge(conn)
        size = await tree_store.size(conn)
        while edge.size < size:
            async with conn.transaction():
                below = min(edge.size + _STEP, size)
                signed = await tree_store.signed_roots(conn, edge.size, below)
                leaves = await tree_store.leaves(conn, edge.size, below)
                edge, filled = _grow(edge, leaves, signed)
                await tree_store.insert_tiles(conn, filled)
        self._edge = edge
        if self._signers:
            await self._begin_signing(conn, edge)

    async def _begin_signing(self, conn: Connection, edge: Edge) -> None:
        head = await tree_store.last_head(conn)
        note = head.note if head else None
        if head and head.size == edge.size and head.root != edge.root:
            raise ForkedLog(f"the first {edge.size} leaves are not those that were signed")
        async with conn.transaction():
            if await tree_store.verifier_key(conn) is None:
                await tree_store.insert_origin(conn, 0, str(self._signers[0].verifier))
            if edge.size and (head is None or head.size < edge.size):
                head = self._signed(edge, await tree_store.seal(conn, edge.size))
                await tree_store.insert_head(conn, head)
                note = head.note
        if note is not None:
            self._outside.keep(note)

    async def add(self, conn: Connection, batch: Batch) -> Grown:
        """Number a batch and add its leaves; `keep` what comes back once it is committed."""
        if self._edge is None or batch.first != self._edge.size:
            raise ForkedLog("another than this process has numbered events")
        edge, filled = _grow(self._edge, batch.leaves, {})
        head = self._signed(edge, batch.seal) if self._signers else None
        await tree_store.number(conn, batch, filled, head)
        return Grown(batch, filled, edge, head)

    def keep(self, grown: Grown) -> None:
        """What `add` made is committed."""
        self._edge = grown.edge
        if grown.head is not None:
            self._told(grown)
            self._outside.keep(grown.head.note)

    async def rest(self) -> None:
        """Until the last note is on disk outside the database."""
        await self._outside.rest()

    def require_kept(self) -> None:
        """Raise what went wrong with a note that was to be kept outside."""
        self._outside.require_kept()

    def _signed(self, edge: Edge, seal: Seal | None) -> Head:
        line = seal.line if seal else ""
        checkpoint = Checkpoint(self._signers[0].name, edge.size, edge.root, line)
        return Head(size=edge.size, root=edge.root, note=checkpoint.signed(self._signers))


async def _full_edge(conn: Connection) -> Edge:
    """The edge after the last full tile of leaves."""
    unfinished: list[list[bytes]] = [[]]
    below = await tree_store.full_tile_count(conn, 0)
    while below:
        first = below // WIDTH * WIDTH
        level = len(unfinished) - 1
        unfinished.append(await tree_store.tile_roots(conn, level, first, below))
        below //= WIDTH
    return Edge(unfinished)


def _grow(
    edge: Edge, leaves: Sequence[bytes], signed: Mapping[int, bytes]
) -> tuple[Edge, list[Tile]]:
    """The edge with these leaves, and the tiles they fill; what was signed before is checked."""
    edge = edge.copy()
    filled: list[Tile] = []
    for leaf in leaves:
        filled += edge.append(leaf)
        if edge.size in signed and signed[edge.size] != edge.root:
            raise ForkedLog(f"the first {edge.size} leaves are not those that were signed")
    return edge, filled
