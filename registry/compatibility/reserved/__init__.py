"""The reserved reading: both schemas without the names only the other declares."""

from registry.compatibility.reserved.rewriting import reserve

__all__ = ["reserve"]
