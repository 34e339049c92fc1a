"""What became of an interface as a whole, as a finding like any other. Pure.

None has a witness: a document shows what one schema takes and another does not, and here one of the
two is missing, or both may be the same and only who must accept the documents has changed.
"""

from typing import Literal

import msgspec

from registry.compatibility.findings.words import fingerprint
from registry.compatibility.model import Direction, Finding, Spot
from registry.compatibility.rules import Language, explain, message

Change = Literal["same", "compared", "added", "removed", "turned"]
"""`turned`: another direction; `same`: nothing it consists of changed."""

_RULES: dict[Change, str] = {
    "added": "EFA-INT-01",
    "removed": "EFA-INT-02",
    "turned": "EFA-INT-03",
}
_WHOLE = Spot(pointer="")


def finding_on(
    name: str, change: Change, old: Direction | None, new: Direction | None
) -> Finding | None:
    """The finding that an interface came, went or turned; None where its schemas are compared."""
    rule = _RULES.get(change)
    if rule is None:
        return None
    sides = (old, new) if change == "turned" else (None, None)
    facts = {"name": name, "before": str(old), "after": str(new)}
    before, after = (side and msgspec.json.encode(side).decode() for side in sides)
    texts: dict[Language, str] = {
        "de": message(rule, "de", facts),
        "en": message(rule, "en", facts),
    }
    return Finding(
        rule=rule,
        severity=explain(rule).severity,
        place="",
        fingerprint=fingerprint(rule, (), " ".join(filter(None, (name, *sides)))),
        message_de=texts["de"],
        message_en=texts["en"],
        old=None if change == "added" else _WHOLE,
        new=None if change == "removed" else _WHOLE,
        before=before,
        after=after,
    )
