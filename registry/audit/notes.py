"""Signed notes and checkpoints as C2SP writes them (signed-note, tlog-checkpoint), with Ed25519.

A verifier key is `name+hash+key`, a signer's key `PRIVATE+KEY+name+hash+key`; `hash` are the first
four bytes of SHA-256 over name, newline, type and public key, in hex.
"""

import base64
import functools
import hashlib
import re
from collections.abc import Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_PREFIX = "PRIVATE+KEY+"
_NAME = re.compile(r"[^\s+\x00-\x1f]{1,200}")


class BadKey(ValueError):
    """A text that is no key of this format."""


class Verifier(NamedTuple):
    """A public key with its name."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        named = self.name.encode() + b"\n" + _ED25519 + self.public
        return hashlib.sha256(named).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(_ED25519 + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this key made the signature of a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer(NamedTuple):
    """A private key (32 bytes) with its name."""

    name: str
    seed: bytes

    @classmethod
    def new(cls, name: str) -> "Signer":
        """A new key under a name."""
        if not _NAME.fullmatch(name):
            raise BadKey(f"{name!r} is no name of a key: no blanks, no +")
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, line: str) -> "Signer":
        """The key a line of a key file holds."""
        parts = line.removeprefix(_PREFIX).split("+", 2)
        try:
            name, id_, encoded = parts
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise BadKey("a line is no signer's key") from None
        signer = cls(name, key[1:])
        if not line.startswith(_PREFIX) or len(key) != 33 or key[:1] != _ED25519:
            raise BadKey("a line is no Ed25519 signer's key")
        if not _NAME.fullmatch(name) or signer.verifier.id.hex() != id_:
            raise BadKey("the name and the key of a line do not belong together")
        return signer

    @property
    def verifier(self) -> Verifier:
        """Its public half."""
        return Verifier(self.name, _opened(self.seed)[1])

    @property
    def line(self) -> str:
        """As a key file holds it."""
        encoded = base64.b64encode(_ED25519 + self.seed).decode()
        return f"{_PREFIX}{self.name}+{self.verifier.id.hex()}+{encoded}"

    def sign(self, text: str) -> str:
        """The signature line of a text."""
        signature = self.verifier.id + _opened(self.seed)[0].sign(text.encode())
        return f"— {self.name} {base64.b64encode(signature).decode()}\n"


@functools.lru_cache(maxsize=16)
def _opened(seed: bytes) -> tuple[Ed25519PrivateKey, bytes]:
    """A private key and its public half: working that out takes as long as a signature."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key, key.public_key().public_bytes_raw()


class Checkpoint(NamedTuple):
    """The size and the root of a log, under its origin.

    `seal` is an extension line: when the log was sealed at this size, and at which before.
    """

    origin: str
    size: int
    root: bytes
    seal: str = ""

    @property
    def text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\n" + (f"{self.seal}\n" if self.seal else "")

    def signed(self, signers: Sequence[Signer]) -> str:
        """The signed note, one line for each key."""
        return f"{self.text}\n" + "".join(signer.sign(self.text) for signer in signers)


def read_checkpoint(note: str) -> Checkpoint:
    """The checkpoint of a note, its signatures aside; ValueError where it is none."""
    text, found, _ = note.rpartition("\n\n")
    lines = text.split("\n")
    if not found or len(lines) < 3 or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]):
        raise ValueError("no checkpoint")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != 32:
        raise ValueError("the root is not 32 bytes long")
    return Checkpoint(lines[0], int(lines[1]), root, "\n".join(lines[3:]))
