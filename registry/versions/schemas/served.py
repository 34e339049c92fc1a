"""Schemas as they are sent: which stored form a caller gets, and under which headers."""

import base64
import hashlib

import msgspec

from registry.versions.model import StoredSchema
from registry.web.codings import preferred_coding
from registry.web.conditional import FOR_EVER

MEDIA_TYPE = "application/schema+json"


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
    headers = FOR_EVER | {
        "ETag": etag,
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
