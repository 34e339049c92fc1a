"""Receipts: that an event is in the log, in a form that is checked without asking anybody."""

import asyncio
import base64
from uuid import UUID

import msgspec

from registry.audit import tree_store
from registry.audit.model import NoReceiptYet
from registry.audit.proofs import inclusion_proof
from registry.audit.seals import Seals
from registry.audit.tree_store import Revealed
from registry.db import Query, Reads


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


async def wait_for_receipt(
    reads: Reads, seals: Seals, revealed: Revealed, seconds: float
) -> Receipt:
    """The receipt, as soon as the event is in a signed log; refused after `seconds`."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        next_seal = seals.next()
        if (found := await receipt(reads, revealed)) is not None:
            return found
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            raise NoReceiptYet
        await seals.wait(next_seal, left)


async def receipt(db: Query, revealed: Revealed) -> Receipt | None:
    """The receipt under the last signed checkpoint; None while that does not hold the event."""
    logged = await tree_store.logged(db, revealed.event)
    if logged is None:
        return None
    index, head = logged
    return Receipt(
        event=revealed.event,
        index=index,
        leaf=revealed.leaf,
        hashes=await inclusion_proof(db, index, head.size),
        checkpoint=head.note,
        salt=revealed.salt,
        facts=revealed.facts.decode() if revealed.facts is not None else None,
    )


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
