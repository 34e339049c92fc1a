"""The process that compares for the command line (`python -m` this module).

Foreign schemas are hostile input here as on the server: this process has the server's memory limit,
and its parent ends it when one comparison takes too long. Frames are a length of four bytes and
MessagePack.
"""

import contextlib
import struct
import sys
from typing import BinaryIO

import msgspec

from registry.compatibility import Schema, compare
from registry.compatibility.model import Direction, Formats, Reading, Verdict
from registry.dialects.strict_json import read_json
from registry.versions.schema_guard import LIMITS
from registry.versions.worker import limit_memory

LENGTH = struct.Struct("<I")


class Side(msgspec.Struct, frozen=True):
    """One side of a comparison: the address of its schema, and all texts by address."""

    address: str
    texts: dict[str, bytes]

    def schema(self) -> Schema:
        roots = {address: read_json(text, LIMITS) for address, text in self.texts.items()}
        return Schema(root=roots.pop(self.address), address=self.address, others=roots)


class Question(msgspec.Struct, frozen=True):
    """How two schemas compare."""

    old: Side
    new: Side
    direction: Direction
    reading: Reading
    formats: Formats


def answer(question: Question) -> Verdict:
    """The verdict on one pair."""
    return compare(
        question.old.schema(),
        question.new.schema(),
        direction=question.direction,
        reading=question.reading,
        formats=question.formats,
    )


def send(pipe: BinaryIO, frame: bytes) -> None:
    """Write one frame."""
    pipe.write(LENGTH.pack(len(frame)) + frame)
    pipe.flush()


def receive(pipe: BinaryIO) -> bytes | None:
    """The next frame; None at the end."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    frame = pipe.read(LENGTH.unpack(head)[0])
    return frame if len(frame) == LENGTH.unpack(head)[0] else None


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Say that it can be asked, then answer until the parent closes the pipe."""
    send(answers, b"")
    decoder = msgspec.msgpack.Decoder(Question)
    while (frame := receive(questions)) is not None:
        send(answers, msgspec.msgpack.encode(answer(decoder.decode(frame))))


if __name__ == "__main__":
    limit_memory()
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        serve(sys.stdin.buffer, sys.stdout.buffer)
