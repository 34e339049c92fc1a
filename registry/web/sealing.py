"""Values that somebody else keeps for us: readable, but made here, and for one use only.

A sealed value is Base64 (URL alphabet, no padding) of a truncated HMAC-SHA256 and what it stands
for. The MAC covers the use as well, so that a value counts for nothing where another was asked for.
A locked value is one nobody else can read: ChaCha20-Poly1305 (RFC 8439) under a key of its use.
"""

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

_MAC_BYTES = 16
_NONCE_BYTES = 12


def sealed(secret: bytes, use: bytes, body: bytes) -> str:
    """`body` for one use, as text."""
    return as_text(_mac(secret, use, body) + body)


def unsealed(secret: bytes, use: bytes, text: str) -> bytes | None:
    """What a text stands for that was sealed for this use; None for any other text."""
    raw = _read(text)
    mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
    return body if hmac.compare_digest(mac, _mac(secret, use, body)) else None


def locked(secret: bytes, use: bytes, body: bytes) -> str:
    """`body` for one use, as text that only we can read."""
    nonce = os.urandom(_NONCE_BYTES)
    return as_text(nonce + _lock(secret, use).encrypt(nonce, body, None))


def unlocked(secret: bytes, use: bytes, text: str) -> bytes | None:
    """What was locked for this use; None for any other text."""
    raw = _read(text)
    try:
        return _lock(secret, use).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], None)
    except (ValueError, InvalidTag):
        return None


def _lock(secret: bytes, use: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(hmac.digest(secret, b"lock\0" + use, hashlib.sha256))


def as_text(raw: bytes) -> str:
    """The one way to write bytes; what Base64 would overlook makes it another text."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(text: str) -> bytes:
    """What `as_text` wrote; nothing for any other text."""
    try:
        raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except ValueError:
        return b""
    return raw if as_text(raw) == text else b""


def same(given: str, known: str) -> bool:
    """Whether two texts are the same, in a time that tells nothing of them."""
    return hmac.compare_digest(given.encode(errors="replace"), known.encode())


def _mac(secret: bytes, use: bytes, body: bytes) -> bytes:
    return hmac.digest(secret, use + b"\0" + body, hashlib.sha256)[:_MAC_BYTES]
