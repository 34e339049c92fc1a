"""Comparisons for the command line: in a worker process, with the limits the server has.

Nothing here touches a network. What takes too long, too much memory or too much depth is undecided.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

import registry
from registry.cli.checking.worker import Question, receive, send
from registry.compatibility.compare import ENGINE
from registry.compatibility.findings_words import fingerprint
from registry.compatibility.model import Containment, Finding, Verdict
from registry.compatibility.rules import message
from registry.errors import SetupProblem
from registry.versions.workers import DEADLINE_SECONDS, START_SECONDS

_UNDECIDED = "EFA-UNK-01"
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "LD_LIBRARY_PATH")


def verdicts(questions: Iterable[Question]) -> Generator[Verdict]:
    """The verdict on each question, in their order."""
    worker = _Worker()
    try:
        for question in questions:
            yield _complete(worker.ask(question) or _over_budget(question))
    finally:
        worker.end()


class _Worker:
    """One process, started when it is first needed and again after its end."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: Question) -> Verdict | None:
        """The verdict; None when it would take too long or too much memory."""
        process = self._process or self._started()
        with _ended_after(process, DEADLINE_SECONDS):
            found = _asked(process, msgspec.msgpack.encode(question))
        if found is None:
            self.end()
            return None
        return msgspec.msgpack.decode(found, type=Verdict)

    def _started(self) -> "subprocess.Popen[bytes]":
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment["PYTHONPATH"] = str(Path(registry.__file__).parents[1])
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "registry.cli.checking.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        with _ended_after(process, START_SECONDS):
            ready = receive(_pipe(process.stdout))
        if ready is None:
            raise SetupProblem("The process that compares schemas did not start.")
        return process

    def end(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.communicate()


def _asked(process: "subprocess.Popen[bytes]", question: bytes) -> bytes | None:
    try:
        send(_pipe(process.stdin), question)
        return receive(_pipe(process.stdout))
    except OSError:
        return None


def _pipe(pipe: object) -> BinaryIO:
    return cast("BinaryIO", pipe)


@contextmanager
def _ended_after(process: "subprocess.Popen[bytes]", seconds: float) -> Generator[None]:
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _over_budget(question: Question) -> Verdict:
    unknown = Containment(answer="unknown", reason="budget")
    return Verdict(
        direction=question.direction,
        reading=question.reading,
        relation="unknown",
        bump="major",
        backward=unknown,
        forward=unknown,
        findings=[],
        remarks=[],
        engine=ENGINE,
    )


def _complete(verdict: Verdict) -> Verdict:
    """The same with a finding that says why it is major, where it names none."""
    named = any(finding.severity in ("breaking", "unknown") for finding in verdict.findings)
    if verdict.bump != "major" or named:
        return verdict
    reason = verdict.backward.reason or verdict.forward.reason or "–"
    finding = Finding(
        rule=_UNDECIDED,
        severity="unknown",
        place="",
        fingerprint=fingerprint(_UNDECIDED, (), ""),
        message_de=message(_UNDECIDED, "de", {"values": reason}),
        message_en=message(_UNDECIDED, "en", {"values": reason}),
        witness=verdict.backward.witness or verdict.forward.witness,
    )
    return msgspec.structs.replace(verdict, findings=[finding, *verdict.findings])
