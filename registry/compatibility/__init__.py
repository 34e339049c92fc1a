"""What changed between two schemas, whether a document that fitted no longer fits, and which one.

Pure: no files, no network, no database. `compare` gives the verdict on two versions of one
interface, `contains` answers a single question of inclusion, `decide` the same without a witness.
"""

from registry.compatibility.compare import compare
from registry.compatibility.containment import contains, decide
from registry.compatibility.model import (
    Budget,
    Containment,
    Finding,
    Schema,
    Spot,
    Verdict,
    Witness,
)

__all__ = [
    "Budget",
    "Containment",
    "Finding",
    "Schema",
    "Spot",
    "Verdict",
    "Witness",
    "compare",
    "contains",
    "decide",
]
