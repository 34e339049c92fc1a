"""Schemas as they are sent: which stored form a caller gets, and under which headers."""

import base64
import hashlib
from typing import Literal

import msgspec

from registry.versions.model import StoredSchema

MEDIA_TYPE = "application/schema+json"

Coding = Literal["br", "gzip", "identity"]
_COMPRESSED: tuple[Coding, ...] = ("br", "gzip")


class Served(msgspec.Struct, frozen=True):
    """One form of a schema: its bytes, entity tag and headers."""

    content: bytes
    etag: str
    headers: dict[str, str]


def served(schema: StoredSchema, accept_encoding: str, version_path: str) -> Served:
    """The form a caller prefers; `version_path` is the address of the schema's version."""
    coding = preferred_coding(accept_encoding)
    forms = {"identity": schema.identity, "gzip": schema.gzip, "br": schema.br}
    content = forms[coding]
    plain = coding == "identity"
    etag = f'"{schema.sha256.hex()}"' if plain else f'"{schema.sha256.hex()}-{coding}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "public, max-age=31536000, immutable",
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": "ETag, Link, Repr-Digest, Unencoded-Digest",
        "Link": f'<{version_path}>; rel="up"',
        # RFC 9530: of what is sent, content coding included. The digest of the text itself is
        # in `Unencoded-Digest` then, and in every ETag.
        "Repr-Digest": _digest(hashlib.sha256(content).digest()),
    }
    if not plain:
        headers |= {"Content-Encoding": coding, "Unencoded-Digest": _digest(schema.sha256)}
    return Served(content, etag, headers)


def _digest(sha256: bytes) -> str:
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"


def preferred_coding(accept_encoding: str) -> Coding:
    """The coding ranked highest (RFC 9110, 12.5.3); `br` among equals, `identity` unless asked."""
    ranks = dict(_ranked(part) for part in accept_encoding.lower().split(",") if part.strip())
    anything = ranks.get("*", 0.0)
    best = max(_COMPRESSED, key=lambda coding: ranks.get(coding, anything))
    rank = ranks.get(best, anything)
    return best if rank > 0 and rank >= ranks.get("identity", 0.0) else "identity"


def _ranked(part: str) -> tuple[str, float]:
    name, _, weight = part.partition(";")
    value = weight.strip().removeprefix("q=")
    try:
        return name.strip(), float(value) if value else 1.0
    except ValueError:
        return name.strip(), 0.0
