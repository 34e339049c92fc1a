"""Folders an unprivileged server may enter, for tests that start servers of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder, open to others as `nobody` must get in."""
    made = Path(tempfile.mkdtemp(prefix="efa-embedded-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)
