"""The words of these commands in the language of whoever runs them."""

import os
import re
import socket
import ssl
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from registry.characters import spelled
from registry.compatibility.rules import Language

_FILE = Path(__file__).with_name("words.toml")
_GAP = re.compile(r"\{([a-z_]+)\}")


@cache
def _words() -> dict[str, dict[Language, dict[str, str]]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def say(kind: str, name: str, language: Language, /, **facts: object) -> str:
    """One sentence of `words.toml`, its gaps filled."""
    return _GAP.sub(lambda gap: str(facts.get(gap[1], "–")), _words()[kind][language][name])


def counted(counts: Mapping[str, int], language: Language) -> str:
    """What there is of some things, each named after its number; what there is none of is left out.

    Says nothing where there is nothing.
    """
    return ", ".join(
        say("count", f"{name}-{'one' if count == 1 else 'many'}", language, count=count)
        for name, count in counts.items()
        if count
    )


def known(kind: str, name: str) -> bool:
    """Whether there are such words."""
    return name in _words()[kind]["en"]


def preferred(environment: Mapping[str, str] = os.environ) -> Language:
    """The language of the environment, as gettext reads it: German or else English."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((environment[name] for name in names if environment.get(name)), "")
    return "de" if chosen.lower().startswith("de") else "en"


def because(error: Exception, language: Language) -> str:
    """Why the system or the network refused: in our words where it is one of the usual reasons."""
    for kind, name in _USUAL.items():
        if isinstance(error, kind):
            return say("system", name, language)
    return str(getattr(error, "strerror", None) or error)


_USUAL: dict[type[Exception], str] = {
    FileNotFoundError: "missing",
    PermissionError: "forbidden",
    IsADirectoryError: "folder",
    NotADirectoryError: "no-folder",
    ConnectionRefusedError: "refused",
    ConnectionError: "broken-off",
    TimeoutError: "slow",
    socket.gaierror: "no-host",
    ssl.SSLCertVerificationError: "certificate",
    UnicodeDecodeError: "no-text",
}


def shown(text: Any) -> str:
    """Foreign text on one line, controls spelled out: a schema must not steer a terminal."""
    return spelled(str(text))
