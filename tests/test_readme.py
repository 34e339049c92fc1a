"""Every command of the README works as written, and prints what the README shows.

In a `console` block a line `$ command` is run by the shell against a server with all real data; the
lines under it are its output, where `…` stands for anything.
"""

import asyncio
import doctest
import os
import re
import subprocess
from pathlib import Path

from registry.cli.serve import first_token
from registry.settings import Settings
from tests.live import live_server

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
ADDRESS = "http://127.0.0.1:8000"
# The two commands of the set-up need a fresh clone: `.ci/run` and `./dev bench setup` run them.
ELSEWHERE = ("./dev run", "./dev test", "git clone", "cd ")


def _commands() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for block in BLOCK.findall(README):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            while command.endswith("\\"):
                line, _, shown = shown.partition("\n")
                command = command[:-1] + line.strip()
            if not command.startswith(ELSEWHERE):
                found.append((command, shown))
    return found


async def _first_token(settings: Settings) -> str:
    token = await first_token(settings)
    assert token
    return token


def test_the_readme_is_run_in_order(loaded_settings: Settings) -> None:
    """One journey: later commands rest on what earlier ones recorded."""
    with live_server(loaded_settings) as address:
        environment = os.environ | {
            "EFA_DATABASE_URL": loaded_settings.database_url,
            "EFA_OWNER_URL": loaded_settings.owner_url,
            "TOKEN": asyncio.run(_first_token(loaded_settings)),
            "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
        }
        for command, shown in _commands():
            done = subprocess.run(
                ["bash", "-c", command.replace(ADDRESS, address)],
                capture_output=True,
                text=True,
                cwd=ROOT,
                env=environment,
                timeout=60,
                check=False,
            )
            printed = done.stdout.replace(address, ADDRESS)
            assert done.returncode == 0, f"{command}\n{printed}{done.stderr}"
            expected = shown.replace("…", "...")
            matches = doctest.OutputChecker().check_output(
                expected, printed, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            )
            assert matches, f"{command}\nshown:\n{shown}\nprinted:\n{printed}"


def test_every_setting_is_in_the_readme() -> None:
    for name in Settings.__struct_fields__:
        assert f"`EFA_{name.upper()}`" in README, name


def test_every_dependency_has_its_sentence() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    listed = text.split("dependencies = [")[1].split("]")[0]
    for name in re.findall(r'"([a-z0-9-]+)', listed):
        assert f"| {name} |" in README, name
