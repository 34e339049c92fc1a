"""The commands as they are typed: what they print, and their exit codes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from registry.cli import main
from registry.settings import Settings


class Ran:
    """How a command ended, and what it wrote."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


Efa = Callable[..., Ran]


@pytest.fixture
def efa(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Efa:
    def run(settings: Settings, *arguments: object) -> Ran:
        for name in ("database_url", "owner_url", "sequencer_url", "reader_url"):
            monkeypatch.setenv(f"EFA_{name.upper()}", getattr(settings, name))
        monkeypatch.setattr("sys.argv", ["efa", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        written = capsys.readouterr()
        return Ran(code, written.out, written.err)

    return run


def _service(root: Path, text: str) -> Path:
    folder = root / "dienst"
    folder.mkdir()
    (folder / "service.yaml").write_text(text)
    return root


def test_load_says_what_it_did(efa: Efa, settings: Settings, tmp_path: Path) -> None:
    root = _service(tmp_path, "slug: dienst\nnames: {de: Dienst}\n")
    first = efa(settings, "load", root)
    assert (first.code, first.out) == (0, "1 sources loaded, 0 as they were.\n")
    assert f"Loading {root.name} … " in first.err
    assert efa(settings, "load", root).out == "0 sources loaded, 1 as they were.\n"


def test_a_load_with_mistakes_looks_unclean(efa: Efa, settings: Settings, tmp_path: Path) -> None:
    ran = efa(settings, "load", _service(tmp_path, "slug: dienst\nnames: {de: 5}\n"))
    assert (ran.code, ran.out) == (2, "")
    assert "service.yaml:2: names.de: 5 is not of type" in ran.err
    assert ran.err.endswith("efa: nothing was loaded of what these files belong to.\n")


def test_load_needs_a_folder_that_exists(efa: Efa, settings: Settings) -> None:
    ran = efa(settings, "load", "/nowhere")
    assert ran.code == 2
    assert "does not exist" in ran.err


def test_export_and_rebuild(
    efa: Efa, settings: Settings, empty_settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "log.ndjson"
    written = efa(settings, "log", "export", file)
    assert written.code == 0
    events = written.out.split()[0]
    said = efa(empty_settings, "rebuild", file).out
    assert said.startswith(f"{events} events replayed; no token of it counts")
    again = efa(empty_settings, "rebuild", file)
    assert (again.code, again.err) == (
        3,
        "efa: The database is not empty; rebuild into a fresh one.\n",
    )


def test_projections_are_made_anew(efa: Efa, settings: Settings) -> None:
    assert efa(settings, "rebuild", "--projections").out == "All projections are made anew.\n"


def test_rebuild_needs_one_thing_to_do(efa: Efa, settings: Settings) -> None:
    ran = efa(settings, "rebuild")
    assert (ran.code, "give either FILE or --projections" in ran.err) == (2, True)


def test_a_damaged_log_is_refused(efa: Efa, empty_settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "log.ndjson"
    file.write_text("{}\n")
    ran = efa(empty_settings, "rebuild", file)
    assert ran.code == 2
    assert "line=1" in ran.err


def test_schemas_are_in_line(efa: Efa, settings: Settings) -> None:
    assert efa(settings, "schemas").out == "The formats are as the program has them.\n"
