"""The tree: the published vectors, and a naive reading of RFC 6962 over all sizes below 130."""

import hashlib
from collections.abc import Sequence
from functools import cache

import pytest

from registry.audit import tree

# The inputs and roots by which Certificate Transparency logs are tested (RFC 6962 trees).
VECTOR_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
VECTOR_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


ALL = [b"leaf %d" % number for number in range(71_000)]


@cache
def naive_root(first: int, below: int) -> bytes:
    """RFC 6962, 2.1, as it is written, over ALL[first:below]."""
    if first == below:
        return hashlib.sha256(b"").digest()
    if below - first == 1:
        return hashlib.sha256(b"\x00" + ALL[first]).digest()
    k = first + naive_split(below - first)
    return hashlib.sha256(b"\x01" + naive_root(first, k) + naive_root(k, below)).digest()


def naive_split(size: int) -> int:
    k = 1
    while 2 * k < size:
        k *= 2
    return k


def naive_path(index: int, first: int, below: int) -> list[bytes]:
    """RFC 6962, 2.1.1, as it is written; `index` is counted from the first leaf."""
    if below - first == 1:
        return []
    k = naive_split(below - first)
    if index < k:
        return [*naive_path(index, first, first + k), naive_root(first + k, below)]
    return [*naive_path(index - k, first + k, below), naive_root(first, first + k)]


def naive_subproof(old: int, first: int, below: int, whole: bool) -> list[bytes]:
    """RFC 6962, 2.1.2, as it is written; `old` is counted from the first leaf."""
    if old == below - first:
        return [] if whole else [naive_root(first, below)]
    k = naive_split(below - first)
    if old <= k:
        return [*naive_subproof(old, first, first + k, whole), naive_root(first + k, below)]
    return [*naive_subproof(old - k, first + k, below, False), naive_root(first, first + k)]


class Grown:
    """A tree grown leaf by leaf, with the tiles it filled and those it did not."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.edge = tree.Edge()
        self.tiles: dict[tuple[int, int], bytes] = {}
        for leaf in leaves:
            for tile in self.edge.append(leaf):
                self.tiles[tile.level, tile.number] = tile.hashes
        self.tiles |= self.edge.begun
        self.known: dict[tuple[int, int], bytes] = {}

    def hashes(self, ranges: Sequence[tree.Range]) -> list[bytes]:
        assert tree.tiles_of(ranges) <= self.tiles.keys()
        hashes = [tree.hash_of(wanted, self.tiles) for wanted in ranges]
        assert hashes == [tree.hash_of(wanted, self.tiles, self.known) for wanted in ranges]
        return hashes


def test_the_published_roots_are_met() -> None:
    edge = tree.Edge()
    assert edge.root.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for leaf, root in zip(VECTOR_LEAVES, VECTOR_ROOTS, strict=True):
        edge.append(bytes.fromhex(leaf))
        assert edge.root.hex() == root


def test_every_proof_below_130_leaves_is_that_of_the_standard() -> None:
    for size in range(1, 130):
        grown = Grown(ALL[:size])
        assert grown.edge.root == naive_root(0, size)
        for index in range(size):
            path = grown.hashes(tree.inclusion(index, size))
            assert path == naive_path(index, 0, size)
            assert tree.root_by(path, index, size, ALL[index]) == grown.edge.root
            assert tree.root_by(path, index, size, b"another") != grown.edge.root
        for old in range(1, size + 1):
            path = grown.hashes(tree.consistency(old, size))
            assert path == naive_subproof(old, 0, size, True)


def test_a_path_leads_to_the_root_only_whole_in_its_order_and_from_its_leaf() -> None:
    for size in (1, 2, 3, 6, 13):
        for index in range(size):
            path, root = naive_path(index, 0, size), naive_root(0, size)
            assert tree.root_by(path, index, size, ALL[index]) == root
            assert tree.root_by(path, index, size, ALL[index] + b"!") != root
            if path:
                assert tree.root_by([*path[:-1], path[-1][::-1]], index, size, ALL[index]) != root
            if len(path) > 1:
                assert tree.root_by(path[::-1], index, size, ALL[index]) != root
            for other in ([*path, root], path[:-1]):
                if len(other) != len(path):
                    with pytest.raises(ValueError, match="zip"):
                        tree.root_by(other, index, size, ALL[index])


def test_a_subtree_lies_in_the_tile_its_leaves_or_roots_lie_in() -> None:
    assert tree.tiles_of([(384, 512)]) == {(0, 1)}
    assert tree.tiles_of([(163_840, 196_608)]) == {(1, 2)}
    assert tree.tiles_of([(0, 256 + 3)]) == {(1, 0), (0, 1)}


@pytest.mark.parametrize("size", [255, 256, 257, 512, 65_537, 70_000])
def test_trees_over_several_tiles_have_the_root_and_the_proofs_of_the_standard(size: int) -> None:
    grown = Grown(ALL[:size])
    assert grown.edge.root == naive_root(0, size)
    assert grown.hashes([(0, size)]) == [naive_root(0, size)]
    for index in {0, 1, 255, 256, size // 2, size - 1} & set(range(size)):
        assert grown.hashes(tree.inclusion(index, size)) == naive_path(index, 0, size)
    for old in {1, 2, 255, 256, 257, size // 3, size - 1, size} & set(range(1, size + 1)):
        expected = naive_subproof(old, 0, size, True)
        assert grown.hashes(tree.consistency(old, size)) == expected


def test_tiles_are_those_of_the_published_example() -> None:
    """tlog-tiles names the tiles of a tree of 70,000 leaves."""
    widths = {
        (level, index): len(hashes) // 32
        for (level, index), hashes in Grown(ALL[:70_000]).tiles.items()
    }
    assert sum(width == 256 for (level, _), width in widths.items() if level == 0) == 273
    assert widths[0, 273] == 112
    assert (widths[1, 0], widths[1, 1], widths[2, 0]) == (256, 17, 1)
    for (level, index), width in widths.items():
        assert tree.tile_width(level, index, 70_000) == width


@pytest.mark.parametrize("size", [0, 1, 255, 256, 300, 65_536 + 7 * 256 + 3])
def test_an_edge_taken_up_again_goes_on_as_before(size: int) -> None:
    first = Grown(ALL[:size]).edge
    again = tree.Edge(first._unfinished)
    copied = first.copy()
    assert (again.size, again.root) == (first.size, first.root)
    for leaf in ALL[size : size + 600]:
        assert first.append(leaf) == again.append(leaf)
    assert first.root == again.root == naive_root(0, size + 600)
    assert copied.root == naive_root(0, size)


def test_a_tile_that_is_too_short_gives_no_hash() -> None:
    tiles = {key: held[:-32] for key, held in Grown(ALL[:8]).tiles.items()}
    with pytest.raises(ValueError, match="too short"):
        tree.hash_of((0, 8), tiles)
