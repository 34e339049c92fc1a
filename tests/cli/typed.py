"""Commands as they are typed, in this process: what they print, and how they end."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from registry.cli import main

ROOT = Path(__file__).parents[2]
DCC = ROOT / "service_specs/eu-dcc"
FIT = ROOT / "service_specs/fit-connect"


class Ran:
    """How a command ended, and what it wrote."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


class Efa:
    """Runs `efa` with arguments, in English unless they say otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: object, env: Mapping[str, str] | None = None) -> Ran:
        self._capsys.readouterr()  # what others wrote before
        given: Sequence[str] = ["efa", *map(str, arguments)]
        with self._monkeypatch.context() as patch:
            patch.setattr("sys.argv", given)
            for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
                patch.setenv(name, "C")
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            code = 0
            try:
                main()
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else 1
        written = self._capsys.readouterr()
        return Ran(code, written.out, written.err)


def certificate(version: str) -> Path:
    """A real schema: the EU COVID certificate in one of its versions."""
    return DCC / "versions" / version / "certificate.json"
