"""A file or the names in a folder as a revision has them: `git show`, and nothing else of git.

No shell, no prompt, no network: a promisor remote is not asked for what is missing.
"""

import os
import subprocess
import tempfile
import threading
from typing import IO, cast

_SECONDS = 20
_OFFLINE = {
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_COMMAND = ("git", "--no-pager", "show", "--no-textconv", "--no-ext-diff", "--no-color")


class GitRefused(Exception):
    """The revision cannot be read: the rule of `words.toml`, and the facts it names."""

    def __init__(self, rule: str, **facts: object) -> None:
        super().__init__(rule, facts)
        self.rule, self.facts = rule, facts


def show(revision: str, path: str, limit: int) -> bytes:
    """The bytes of a file at a revision, no more than `limit`; raises GitRefused.

    Of a folder: the listing that `names_in` reads.
    """
    command = [*_COMMAND, "--end-of-options", f"{revision}:{path}"]
    with tempfile.TemporaryFile() as complaints:
        try:
            with subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=os.environ | _OFFLINE,
            ) as process:
                return _answer(process, complaints, limit)
        except FileNotFoundError:
            raise GitRefused("git-missing") from None
        except (OSError, ValueError) as error:
            raise GitRefused("git", given=error) from None


def _answer(process: "subprocess.Popen[bytes]", complaints: IO[bytes], limit: int) -> bytes:
    """What git writes; it is ended when that is too much or takes too long."""
    late = threading.Event()
    timer = threading.Timer(_SECONDS, lambda: (late.set(), process.kill()))
    timer.start()
    try:
        text = cast("IO[bytes]", process.stdout).read(limit)
    finally:
        timer.cancel()
    if len(text) == limit:
        process.kill()
        return text
    if process.wait() == 0:
        return text
    if late.is_set():
        raise GitRefused("git-slow", limit=_SECONDS)
    complaints.seek(0)
    said = complaints.read(500).decode(errors="replace").strip()
    raise GitRefused("git", given=said.splitlines()[0] if said else process.returncode)


def names_in(revision: str, path: str, text: bytes) -> list[str] | None:
    """The names in a folder that `show` listed; None where the text is that of a file."""
    first, _, rest = text.partition(b"\n\n")
    if first != f"tree {revision}:{path}".encode():
        return None
    return rest.decode(errors="replace").splitlines()
