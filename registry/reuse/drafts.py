"""What a step must fulfil whatever stands around it; pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

import msgspec

from registry.authority import contains
from registry.dates import first_day, is_partial_date
from registry.errors import Fault
from registry.organisations.model import regional_key
from registry.reuse.model import Fact, StepDraft

AnyDraft = TypeVar("AnyDraft", bound=StepDraft | Fact)


def with_short_keys(draft: AnyDraft) -> AnyDraft:
    """The draft with the keys of its area unpadded, each once, in order."""
    if not isinstance(draft.area, tuple):
        return draft
    return msgspec.structs.replace(
        draft, area=tuple(sorted({regional_key(key) for key in draft.area}))
    )


def faults(draft: StepDraft | Fact, keys: Sequence[str], today: date) -> list[Fault]:
    """What is wrong with a draft by itself; `keys` are the body's, if it has a territory."""
    return [*_date_faults(draft, today), *_area_faults(draft, keys), *_evidence_faults(draft)]


def stated_day_faults(stated: str | None, pointer: str = "/date") -> list[Fault]:
    """A date whose day does not exist."""
    if stated is None or is_partial_date(stated):
        return []
    return [Fault(pointer, "no-such-day", {"value": stated})]


def _date_faults(draft: StepDraft | Fact, today: date) -> list[Fault]:
    if unreal := stated_day_faults(draft.date):
        return unreal
    if draft.date and draft.basis == "observed" and first_day(draft.date) > today:
        return [Fault("/date", "observed-in-future", {"today": today.isoformat()})]
    return []


def _area_faults(draft: StepDraft | Fact, keys: Sequence[str]) -> list[Fault]:
    area: tuple[str, ...] = draft.area if isinstance(draft.area, tuple) else ()
    return [
        Fault(f"/area/{place}", "outside-territory", {"key": key, "territory": list(keys)})
        for place, key in enumerate(area)
        if keys and not any(contains(own, key) for own in keys)
    ]


def _evidence_faults(draft: StepDraft | Fact) -> list[Fault]:
    evidence = draft.evidence
    if evidence is None or evidence.kind != "reported":
        return []
    named = (evidence.reference or "").startswith(("https://", "http://"))
    return [] if named else [Fault("/evidence/reference", "source-address-missing")]


def below(pointer: str, found: Iterable[Fault]) -> list[Fault]:
    """The faults as places below `pointer`."""
    return [Fault(pointer + fault.pointer, fault.rule, fault.facts) for fault in found]


def version_of(draft: Any) -> str | None:
    """The version a draft names."""
    return draft.version if isinstance(draft.version, str) else None
