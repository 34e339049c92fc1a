"""The reserved reading: both schemas without the names only the other declares."""

from registry.compatibility.reserved.guard import hides
from registry.compatibility.reserved.rewriting import reserve, reserved_terms
from registry.compatibility.reserved.states import States

__all__ = ["States", "hides", "reserve", "reserved_terms"]
