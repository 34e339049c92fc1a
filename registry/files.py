"""Small files that are there whole or not at all, readable by their owner alone."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def make_once(path: Path, content: bytes) -> None:
    """Make the file unless it is there; of several processes one makes it."""

    def keep(name: str) -> None:
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
        Path(name).unlink()

    _write(path, content, keep)


def replace(path: Path, content: bytes) -> None:
    """Put the content in the place of whatever was there; on disk before this returns."""
    _write(path, content, lambda name: os.replace(name, path))


def _write(path: Path, content: bytes, keep: Callable[[str], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        keep(name)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A new name is lost in a crash until its folder is written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
