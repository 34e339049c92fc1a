"""Every file has a holder and a licence whose text is here, as REUSE 3.3 asks for (REUSE.toml)."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

from packaging.licenses import canonicalize_license_expression

ROOT = Path(__file__).parents[2]
# Texts of licences need none themselves, nor do empty files, nor the file that names them.
NEEDS_NONE = re.compile(r"LICENSES/.*|(.*/)?(LICEN[CS]E|COPYING)([-.][^/]*)?|REUSE\.toml")
WORDS = re.compile(r"[A-Za-z0-9.-]+")


def _files() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    ).stdout.split("\0")
    return [
        name
        for name in listed
        if name and (ROOT / name).exists() and (ROOT / name).stat().st_size
        if not NEEDS_NONE.fullmatch(name)
    ]


def _pattern(glob: str) -> re.Pattern[str]:
    """`*` is anything but a slash, `**` anything (REUSE 3.3, REUSE.toml)."""
    parts = re.split(r"(\*\*|\*)", glob)
    meaning = {"**": ".*", "*": "[^/]*"}
    return re.compile("".join(meaning.get(part, re.escape(part)) for part in parts))


def _entries() -> list[tuple[list[re.Pattern[str]], dict[str, Any]]]:
    told = tomllib.loads((ROOT / "REUSE.toml").read_text(encoding="utf-8"))
    assert told["version"] == 1
    return [
        ([_pattern(one) for one in ([path] if isinstance(path, str) else path)], entry)
        for entry in told["annotations"]
        for path in [entry["path"]]
    ]


ENTRIES, FILES = _entries(), _files()


def test_every_file_has_a_holder_and_a_licence() -> None:
    assert len(FILES) > 1_000
    for name in FILES:
        fitting = [entry for globs, entry in ENTRIES if any(one.fullmatch(name) for one in globs)]
        assert fitting, f"{name}: name its licence in REUSE.toml"
        assert fitting[-1]["SPDX-FileCopyrightText"], name
        assert fitting[-1]["SPDX-License-Identifier"], name


def test_every_glob_fits_a_file() -> None:
    for globs, _ in ENTRIES:
        for glob in globs:
            assert any(glob.fullmatch(name) for name in FILES), glob.pattern


def test_the_texts_of_the_licences_are_those_that_are_used() -> None:
    used = set[str]()
    for _, entry in ENTRIES:
        expression = entry["SPDX-License-Identifier"]
        assert canonicalize_license_expression(expression) == expression
        used |= set(WORDS.findall(expression)) - {"AND", "OR", "WITH"}
    texts = {path.stem: path for path in (ROOT / "LICENSES").glob("*.txt")}
    assert texts.keys() == used
    assert all(len(path.read_text(encoding="utf-8")) > 100 for path in texts.values())
    assert len(list((ROOT / "LICENSES").iterdir())) == len(texts)
