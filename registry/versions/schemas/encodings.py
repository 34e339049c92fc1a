"""Schemas compressed once, when they are published."""

import gzip
from typing import Any

import brotli

_brotli: Any = brotli


def gzipped(content: bytes) -> bytes:
    """The gzip form (RFC 1952), the same for the same content."""
    return gzip.compress(content, compresslevel=9, mtime=0)


def brotlied(content: bytes) -> bytes:
    """The br form (RFC 7932)."""
    return _brotli.compress(content, mode=_brotli.MODE_TEXT, quality=9)
