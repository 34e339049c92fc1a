"""One word for one thing in what German-speaking users read: the other words stand nowhere."""

import re
from pathlib import Path

from tests.cli.typed import ROOT

# What is called otherwise, and how it is called here.
OTHERWISE = {
    r"[Kk]ompatib|[Uu]nvereinbar": "verträglich, unverträglich",
    r"\b(Bruch|Brüche|Brüchen)\b|\bbricht\b": "unverträgliche Änderung, unverträglich",
    r"\b([Mm]ajor|[Mm]inor|[Pp]atch)-?[Vv]ersion\b": "Haupt-, Neben-, Korrekturversion",
    r"[Vv]ollmacht|[Bb]evollmächtig": "Vertretung",
    r"\b([Dd]ie|[Dd]er|[Ee]iner?) Registry\b": "das Register",
    r"\b[Ss]chnittstellenversion": "Version",
}
TEXTS = (".html", ".toml", ".py", ".txt")


def texts() -> list[Path]:
    """All that holds words for people; the engine's own texts are held to its oracles."""
    left_out = {"static", "compatibility", "__pycache__"}
    files = (file for file in (ROOT / "registry").rglob("*") if file.suffix in TEXTS)
    return [file for file in files if not left_out & set(file.parts)]


def test_no_thing_has_two_names() -> None:
    found = [
        (str(file.relative_to(ROOT)), place + 1, line.strip()[:80], instead)
        for file in texts()
        for place, line in enumerate(file.read_text(encoding="utf-8").splitlines())
        for pattern, instead in OTHERWISE.items()
        if re.search(pattern, line)
    ]
    assert len(texts()) > 300
    assert not found
