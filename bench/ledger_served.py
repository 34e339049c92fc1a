"""The registry in a process of its own, asked by one caller, with the processor time it takes."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.reads import environment_of, wait_for
from registry.settings import Settings

_TICKS = os.sysconf("SC_CLK_TCK")


class Took(NamedTuple):
    """Milliseconds of one call: on the clock, and of the processor (registry and database)."""

    wall: float
    processor: float


class Served:
    """A running registry: answers, and how much memory it holds."""

    def __init__(self, port: int, process: "subprocess.Popen[bytes]", postmaster: int) -> None:
        self._port = port
        self._process = process
        self._postmaster = postmaster

    def ask(self, address: str) -> Took:
        """How long the whole answer to a GET takes; it must be 200."""
        return self.read(address, {})[0]

    def read(self, address: str, headers: dict[str, str]) -> tuple[Took, bytes]:
        """The same, with what was answered."""
        with self.taking() as taken:
            status, text = self.send("GET", address, b"", headers)
        assert status == 200, (address, status, text[:300])
        return taken(), text

    @contextmanager
    def taking(self) -> Generator[Callable[[], Took]]:
        """Measures what is done meanwhile; afterwards the value tells what it took."""
        before, started = self._processor(), time.perf_counter()
        found: list[Took] = []
        yield lambda: found[0]
        wall = time.perf_counter() - started
        found.append(Took(wall * 1000, max(0.0, self._processor() - before) * 1000))

    def send(
        self, method: str, address: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """The status and the text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=600)
        connection.request(method, address, body or None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def megabytes(self) -> int:
        """The most memory the process ever held."""
        text = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(text.split("VmHWM:")[1].split()[0]) // 1024

    def _processor(self) -> float:
        """Seconds of the processor so far: the registry, the database, and its ended helpers."""
        alive = [self._process.pid, *_children(self._postmaster)]
        return sum(map(_seconds, alive)) + _seconds_of_ended(self._postmaster)


def _children(parent: int) -> Iterator[int]:
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    yield from map(int, text.split())


def _seconds(pid: int) -> float:
    """Of all threads of a process; one that ended meanwhile counts with its parent."""
    total = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(file.read_text().split()[0])
        except OSError:
            continue
    return total / 1e9


def _seconds_of_ended(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / _TICKS


@contextmanager
def served(settings: Settings, port: int) -> Generator[Served]:
    """The registry on `port`, with its embedded database."""
    longest = {"EFA_STATEMENT_TIMEOUT_MS": str(settings.statement_timeout_ms)}
    environment = environment_of(settings) | longest
    command = [sys.executable, "-m", "registry", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield Served(port, process, _postmaster(settings))
    finally:
        process.terminate()
        process.wait(60)


def _postmaster(settings: Settings) -> int:
    found = Path(settings.data_dir, "postgres").glob("pg*/postmaster.pid")
    return int(next(found).read_text().split("\n", 1)[0])
