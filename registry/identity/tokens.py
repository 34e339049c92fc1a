"""The form of a token: `efa_<kind>_`, 30 base62 characters (178 bits), 6 more as a CRC-32 checksum.

The checksum lets a secret scanner confirm a find offline; only the SHA-256 of a token is stored.
"""

import hashlib
import re
import secrets
import string
import zlib

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_FORM = re.compile(r"efa_[a-z]+_[0-9A-Za-z]{36}")


def new_token(kind: str) -> str:
    """A fresh token; `kind` is a lower-case word such as `admin` or `write`."""
    body = f"efa_{kind}_" + "".join(secrets.choice(_DIGITS) for _ in range(30))
    return body + _checksum(body)


def well_formed(token: str) -> bool:
    """Whether form and checksum are right; says nothing about validity."""
    return _FORM.fullmatch(token) is not None and token.endswith(_checksum(token[:-6]))


def digest(token: str) -> bytes:
    """What is stored of a token (32 bytes)."""
    return hashlib.sha256(token.encode()).digest()


def _checksum(body: str) -> str:
    number, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        number, place = divmod(number, 62)
        digits = _DIGITS[place] + digits
    return digits
