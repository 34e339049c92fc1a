"""The hash tree over the leaves of the log (RFC 6962, section 2.1), pure arithmetic.

Hashes are SHA-256, 32 bytes. A tile holds 256 hashes side by side: at level 0 those of leaves, at
each level above the roots of full tiles of the level below (C2SP, tlog-tiles).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import NamedTuple

HASH_BYTES = 32
WIDTH = 256
_HEIGHT = 8

Range = tuple[int, int]
Tiles = Mapping[tuple[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256(0x00 || leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tile(NamedTuple):
    """A full tile: its level and place in it, the root over it, and its 256 hashes."""

    level: int
    number: int
    root: bytes
    hashes: bytes


class Edge:
    """The right edge of a growing tree: all that is needed to add leaves and to name the root."""

    def __init__(self, unfinished: Sequence[Sequence[bytes]] = ()) -> None:
        """A tree whose tile at each level, from 0 up, is filled with these hashes so far."""
        self._unfinished = [list(hashes) for hashes in unfinished]
        self.size = sum(len(row) << (_HEIGHT * level) for level, row in enumerate(unfinished))
        self._peaks = [peak for row in reversed(self._unfinished) for peak in _peaks(row)]

    def copy(self) -> "Edge":
        """An equal edge that grows on its own."""
        other = Edge()
        other._unfinished = [row.copy() for row in self._unfinished]
        other.size = self.size
        other._peaks = self._peaks.copy()
        return other

    def append(self, leaf: bytes) -> list[Tile]:
        """Add a leaf; returns the tiles it fills, the lowest first."""
        filled: list[Tile] = []
        hash_, height = leaf_hash(leaf), 0
        self._row(0).append(hash_)
        while (self.size >> height) & 1:
            hash_ = node_hash(self._peaks.pop(), hash_)
            height += 1
            if height % _HEIGHT == 0:
                filled.append(self._close(height, hash_))
        self._peaks.append(hash_)
        self.size += 1
        return filled

    def _close(self, height: int, root: bytes) -> Tile:
        """The tile whose root is known now; the root goes into the tile above."""
        level = height // _HEIGHT - 1
        tile = Tile(level, self.size >> height, root, b"".join(self._unfinished[level]))
        self._unfinished[level] = []
        self._row(level + 1).append(root)
        return tile

    def _row(self, level: int) -> list[bytes]:
        if level == len(self._unfinished):
            self._unfinished.append([])
        return self._unfinished[level]

    @property
    def begun(self) -> dict[tuple[int, int], bytes]:
        """The tiles that are not full, by level and index, with the hashes they hold so far."""
        return {
            (level, self.size >> _HEIGHT * (level + 1)): b"".join(row)
            for level, row in enumerate(self._unfinished)
            if row
        }

    @property
    def root(self) -> bytes:
        """The hash of the whole tree; SHA-256 of nothing while it is empty."""
        return _folded(self._peaks)


def _peaks(row: Sequence[bytes]) -> Iterator[bytes]:
    """The roots of the largest complete subtrees over hashes, from the left."""
    start = 0
    for bit in reversed(range(_HEIGHT)):
        if len(row) >> bit & 1:
            yield _complete(row[start : start + (1 << bit)])
            start += 1 << bit


def _complete(row: Sequence[bytes]) -> bytes:
    """The root of a complete subtree over 1, 2, 4, ... hashes."""
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=True)
        row = [node_hash(left, right) for left, right in pairs]
    return row[0]


def _folded(peaks: Sequence[bytes]) -> bytes:
    if not peaks:
        return hashlib.sha256(b"").digest()
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def inclusion(index: int, size: int) -> list[Range]:
    """The leaves under each hash of the proof that leaf `index` lies in a tree of `size` leaves.

    From the sibling of the leaf up (RFC 6962, 2.1.1); ranges are from and below.
    """
    first, below, path = 0, size, list[Range]()
    while below - first > 1:
        middle = first + _left_size(below - first)
        if index < middle:
            path.append((middle, below))
            below = middle
        else:
            path.append((first, middle))
            first = middle
    return path[::-1]


def root_by(path: Sequence[bytes], index: int, size: int, leaf: bytes) -> bytes:
    """The root to which a proof of inclusion leads from leaf `index` of `size`."""
    hash_ = leaf_hash(leaf)
    for (first, _), sibling in zip(inclusion(index, size), path, strict=True):
        hash_ = node_hash(hash_, sibling) if first > index else node_hash(sibling, hash_)
    return hash_


def consistency(old: int, size: int) -> list[Range]:
    """The leaves under each hash of the proof that a tree of `size` leaves continues one of `old`.

    RFC 6962, 2.1.2; `old` is at least 1 and at most `size`.
    """
    first, below, path = 0, size, list[Range]()
    while below != old:
        middle = first + _left_size(below - first)
        if old <= middle:
            path.append((middle, below))
            below = middle
        else:
            path.append((first, middle))
            first = middle
    if first:
        path.append((first, below))
    return path[::-1]


def _left_size(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def tiles_of(ranges: Iterable[Range]) -> set[tuple[int, int]]:
    """The tiles, by level and index, from which the hashes over these leaves are worked out."""
    return {
        (height // _HEIGHT, index << height % _HEIGHT >> _HEIGHT)
        for wanted in ranges
        for height, index in _pieces(wanted)
    }


def hash_of(
    wanted: Range, tiles: Tiles, known: MutableMapping[tuple[int, int], bytes] | None = None
) -> bytes:
    """The hash over these leaves; KeyError or ValueError where tiles lack what it needs.

    `known` are hashes of complete subtrees, by height and index, which never change; it gets those
    that are worked out.
    """
    known = {} if known is None else known
    pieces = list(_pieces(wanted))
    for height, index in pieces:
        if (height, index) not in known:
            known[height, index] = _piece(height, index, tiles)
    return _folded([known[piece] for piece in pieces])


def _pieces(wanted: Range) -> Iterator[tuple[int, int]]:
    """The complete subtrees of a range that begins where a subtree of its size may: height, index.

    That is so of every range of a proof, and of a whole tree.
    """
    first, below = wanted
    while first < below:
        height = (below - first).bit_length() - 1
        yield height, first >> height
        first += 1 << height


def _piece(height: int, index: int, tiles: Tiles) -> bytes:
    level, within = divmod(height, _HEIGHT)
    tile, offset = divmod(index << within, WIDTH)
    held = tiles[level, tile]
    start = offset * HASH_BYTES
    wanted = held[start : start + (HASH_BYTES << within)]
    if len(wanted) != HASH_BYTES << within:
        raise ValueError(f"tile {level}/{tile} is too short")
    return _complete([wanted[at : at + HASH_BYTES] for at in range(0, len(wanted), HASH_BYTES)])


def tile_width(level: int, index: int, size: int) -> int:
    """How many hashes a tile holds in a tree of `size` leaves, 0 to 256."""
    return max(0, min(WIDTH, (size >> _HEIGHT * level) - index * WIDTH))
