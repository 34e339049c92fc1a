"""A process of its own that checks foreign schemas and documents (`python -m` this module).

It has a memory limit and ends itself when a question takes too much of a processor, so that nothing
a stranger sends can hold up the server. Frames on stdin and stdout are a length of four bytes and
MessagePack. It writes nothing else anywhere.
"""

import contextlib
import hashlib
import os
import signal
import struct
import sys
import time
from collections import OrderedDict
from typing import BinaryIO

import msgspec

from registry.compatibility.compare import compare
from registry.compatibility.model import Schema, Verdict
from registry.dialects.strict_json import read_json
from registry.versions.comparisons.verdicts import SchemaText
from registry.versions.comparisons.witnesses import without_long_witnesses
from registry.versions.documents.validation import DocumentValidator, Outcome
from registry.versions.schemas.guard import LIMITS, examine
from registry.versions.workers import memory
from registry.versions.workers.messages import (
    Answer,
    Answered,
    Asked,
    Compare,
    Compared,
    Examine,
    ExaminedAll,
    Failed,
    Outcomes,
    Question,
    Ready,
    Validate,
)

try:
    import resource
except ImportError:  # Windows
    resource = None

MEMORY_BYTES = 1 << 29
COMPARING_BYTES = 1 << 28
# Of what one comparison may have, an earlier question may leave taken no more than this.
GROWN_BYTES = COMPARING_BYTES // 2
# What a question takes of a processor decides; the clock only ends what hangs.
PROCESSOR_SECONDS = 2.0
HAS_TIMERS = hasattr(signal, "setitimer")
SELF_DESTRUCTION_SECONDS = 60
KEPT_WEIGHT = 1_000_000
KEPT_VALIDATORS = 64

LENGTH = struct.Struct("<I")


class Validators:
    """Validators used lately; bounded by number and by the size of their patterns."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, DocumentValidator] = OrderedDict()

    def get(self, question: Validate) -> DocumentValidator:
        asked = question.place, question.texts, question.formats
        key = hashlib.sha256(msgspec.msgpack.encode(asked)).digest()
        found = self._kept.pop(key, None)
        found = found or DocumentValidator(question.place, dict(question.texts), question.formats)
        self._kept[key] = found
        while len(self._kept) > 1 and self._too_many():
            self._kept.popitem(last=False)
        return found

    def _too_many(self) -> bool:
        weight = sum(validator.weight for validator in self._kept.values())
        return weight > KEPT_WEIGHT or len(self._kept) > KEPT_VALIDATORS


def answer(question: Question, validators: Validators) -> Answer:
    """The answer to one question."""
    if isinstance(question, Examine):
        published = None if question.published is None else dict(question.published)
        return ExaminedAll(examine(question.service, question.version, question.schemas, published))
    if isinstance(question, Compare):
        with _memory_limited_to(COMPARING_BYTES):
            return Compared(_verdict(question))
    validator = validators.get(question)
    if question.explain:
        return Outcomes([validator.check(text) for text in question.documents])
    return Outcomes(
        [
            Outcome(valid=validator.is_valid(text), defects=[], complete=False)
            for text in question.documents
        ]
    )


def _verdict(question: Compare) -> Verdict:
    asked = question.asked
    verdict = compare(
        _schema(question.old),
        _schema(question.new),
        direction=asked.direction,
        reading=asked.reading,
        formats=asked.formats,
    )
    return without_long_witnesses(verdict)


def _schema(given: SchemaText) -> Schema:
    return Schema(
        root=read_json(given.text, LIMITS),
        address=given.address,
        others={address: read_json(text, LIMITS) for address, text in given.others},
        text=given.text.decode(),
    )


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the parent closes the pipe or is gone."""
    decoder = msgspec.msgpack.Decoder(Asked)
    validators = Validators()
    _send(answers, (0.0, False, Ready()))
    while len(head := questions.read(LENGTH.size)) == LENGTH.size:
        frame = questions.read(LENGTH.unpack(head)[0])
        seconds, question = decoder.decode(frame)
        began = time.process_time()
        with _self_destruction(seconds):
            try:
                found = answer(question, validators)
            except Exception as error:  # noqa: BLE001 - the parent must hear of any defect
                found = _failure(error)
        grown = memory.taken() > GROWN_BYTES
        _send(answers, (time.process_time() - began, grown, found))


def _failure(error: Exception) -> Failed:
    """What to say of an exception; for want of memory it may be any, and the process must end.

    The peak never falls, so a process that earlier questions filled ends for a defect, too: the
    same is asked of a fresh one then, whose own peak tells which it was.
    """
    if isinstance(error, MemoryError) or memory.peak() > MEMORY_BYTES // 2:
        os._exit(1)
    return Failed(type(error).__name__)


def _send(answers: BinaryIO, message: Answered) -> None:
    frame = msgspec.msgpack.encode(message)
    answers.write(LENGTH.pack(len(frame)) + frame)
    answers.flush()


@contextlib.contextmanager
def _self_destruction(processor_seconds: float):
    """End this process when a question takes too much of a processor.

    And when it takes far too long by the clock, and nobody is there to end it.
    """
    if HAS_TIMERS:
        signal.setitimer(signal.ITIMER_PROF, processor_seconds)
        signal.setitimer(signal.ITIMER_REAL, SELF_DESTRUCTION_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
    else:
        yield


def limit_memory(soft: int = MEMORY_BYTES) -> None:
    """Let this process have no more than `soft` bytes, where the system can say so."""
    if resource:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (soft, MEMORY_BYTES))


@contextlib.contextmanager
def _memory_limited_to(limit: int):
    limit_memory(limit)
    try:
        yield
    finally:
        limit_memory()


def drop_inherited() -> None:
    """Close what the server left open: uvloop hands a child the listening socket, too."""
    os.closerange(sys.stderr.fileno() + 1, _MOST_FILES)


_MOST_FILES = 65_536

if __name__ == "__main__":
    drop_inherited()
    limit_memory()
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
