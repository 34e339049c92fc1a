"""The two validators a witness is put to."""

from registry.compatibility.judges.copies import variants
from registry.compatibility.judges.judge import Judge

__all__ = ["Judge", "variants"]
