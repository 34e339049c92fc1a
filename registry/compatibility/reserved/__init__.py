"""The reserved reading: both schemas without the names only the other declares."""

from registry.compatibility.reserved.rewriting import hides, reserve

__all__ = ["hides", "reserve"]
