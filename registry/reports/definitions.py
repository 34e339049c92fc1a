"""What each report counts, and over what, in words: the texts stand in `definitions.toml`."""

import tomllib
from functools import cache
from pathlib import Path

import msgspec

from registry.reports.answers import Definition

_FILE = Path(__file__).with_name("definitions.toml")


@cache
def _definitions() -> dict[str, Definition]:
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), dict[str, Definition])


def definition(report: str) -> Definition:
    """What the report says, and over what."""
    return _definitions()[report]
