"""Proofs with tiles that are kept: the same as without, and none of another database."""

from pathlib import Path

import pytest

from registry.audit import tree_store
from registry.audit.keys import mark_path, signers
from registry.audit.proofs import KeptTiles, inclusion_proof, inclusion_proofs
from registry.audit.receipts import Receipt, Receipts
from registry.audit.seals import Seals
from registry.cli import efa_verify
from registry.db import Connection, connected
from registry.settings import Settings
from tests.audit.signed import grow


async def test_kept_tiles_give_the_same_proofs_while_the_log_grows(
    empty_settings: Settings,
) -> None:
    kept, size = KeptTiles(), 0
    async with connected(empty_settings.reader_url) as reader:
        for count in (3, 250, 3, 1, 255, 400):
            await grow(empty_settings, count)
            size += count
            asked = sorted({0, 2, 253, 255, 256, size // 2, size - 1} & set(range(size)))
            proofs = await inclusion_proofs(reader, asked, size, kept)
            assert proofs == [await inclusion_proof(reader, index, size) for index in asked]


async def test_what_is_kept_is_not_asked_for_again(empty_settings: Settings) -> None:
    kept = KeptTiles()
    await grow(empty_settings, 600)
    async with connected(empty_settings.reader_url) as reader:
        proofs = await inclusion_proofs(reader, [5, 599], 600, kept)
    assert await inclusion_proofs(reader, [5, 599], 600, kept) == proofs
    with pytest.raises(Exception, match="closed"):
        await inclusion_proofs(reader, [300], 600, kept)


def test_the_tiles_asked_for_last_are_kept() -> None:
    kept = KeptTiles()
    kept.keep({(0, tile): b"x" * 32 for tile in range(500)})
    kept.keep({(0, 0): b"x"})
    kept.keep({(1, tile): b"y" * 32 for tile in range(500)})
    assert kept.get((0, 0)) == b"x" * 32
    assert kept.get((0, 1)) == b""
    assert kept.get((1, 499)) == b"y" * 32


async def test_receipts_of_a_database_in_the_place_of_another_verify(
    empty_settings: Settings, tmp_path: Path
) -> None:
    key = str(signers(empty_settings)[0].verifier)
    async with (
        connected(empty_settings.reader_url) as reader,
        connected(empty_settings.owner_url) as owner,
    ):
        receipts = Receipts(reader, Seals())
        for _ in range(2):
            await grow(empty_settings, 300)
            (tmp_path / "receipt").write_text((await _receipt(owner, receipts, 10)).text)
            assert efa_verify.verify([str(tmp_path / "receipt")], [key], "en")[0] == 0
            await owner.execute("set efa.history = 'open'")
            await owner.execute("truncate events, checkpoints, log_tiles, log_origins cascade")
            mark_path(empty_settings).unlink()


async def _receipt(owner: Connection, receipts: Receipts, index: int) -> Receipt:
    event = await owner.fetchval("select id from events where leaf_idx = $1", index)
    revealed = await tree_store.revealed(owner, event)
    assert revealed is not None
    found = await receipts.of(revealed)
    assert found is not None
    return found
