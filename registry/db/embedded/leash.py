"""A child that ends when its parent ends, even when the parent is killed."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>


class Leashed:
    """A running child in a session of its own, so that Ctrl-C reaches only the parent.

    On Linux the kernel sends SIGINT when the *thread* that made the child ends: make it on the main
    thread. Elsewhere a small watcher waits for the end of a pipe that only the parent holds open.
    """

    def __init__(self, command: Sequence[str], log: Path, **options: Any) -> None:
        by_kernel = sys.platform == "linux"
        with open(log, "wb", opener=_private) as output:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,
                preexec_fn=_end_with_parent() if by_kernel else None,
                **options,
            )
        self._watcher = None if by_kernel else Watcher(self._child.pid)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    def end(self, seconds: float = 30) -> None:
        """Ask for a fast, then for an immediate shutdown, and wait for it."""
        if self._watcher:
            self._watcher.dismiss()
        for sign in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            if self.running:
                self._child.send_signal(sign)
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            return


class Watcher:
    """Sends SIGINT to `pid` when this process ends."""

    def __init__(self, pid: int) -> None:
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", 'read -r _; kill -INT "$1"', "sh", str(pid)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Stop watching."""
        self._process.kill()
        self._process.communicate()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _end_with_parent() -> Any:
    """What the child does before it becomes the server; the C library is loaded before the fork."""
    set_option = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def end_with_parent() -> None:
        set_option(_SET_PARENT_DEATH_SIGNAL, signal.SIGINT)
        if os.getppid() != parent:
            os._exit(1)

    return end_with_parent
