"""Fixtures of the command line."""

import pytest

from tests.cli.typed import Efa


@pytest.fixture
def typed(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Efa:
    """`efa`, run in an empty folder."""
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))
    return Efa(monkeypatch, capsys)
