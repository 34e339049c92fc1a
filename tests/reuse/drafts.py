"""What tests send and take over."""

from typing import Any

from registry.reuse.model import Evidence, Fact

PRESS = "https://example.org/meldung"


def reuse(organisation: str = "05", service: str = "bauantrag", **fields: Any) -> dict[str, Any]:
    """A body in operation since 2023, with whatever a test changes."""
    return {"organisation": organisation, "service": service} | step(**fields)


def step(stage: str = "live", date: str | None = "2023-03-01", **fields: Any) -> dict[str, Any]:
    return {"stage": stage, "date": date, **fields}


def fact(organisation: str, status: Any, date: str | None = None, **fields: Any) -> Fact:
    """A fact as a press report tells it."""
    reported = Evidence(kind="reported", reference=PRESS)
    return Fact(organisation=organisation, status=status, date=date, evidence=reported, **fields)


# What sources told of the digital building application: three Länder by October 2023, live in 2024.
BUILDING_FACTS = (
    fact("08", "pilot", "2022-11", note="Pilotphase"),
    fact("08", "pilot", "2023-10", note="Pilotbehörden"),
    fact("08", "live", "2024-06", note="mitnutzendes Land"),
    fact("05", "contract", "2023-10"),
    fact("05", "announced", "2022-09", note="hat sich entschieden"),
    fact("05", "live", "2024-06"),
    fact("082220000000", "live", "2024-02"),
    fact("13074", "live", "2021-01", note="Hauptpartner der Entwicklung"),
    fact("06", "partial", None, note="weite Teile des Landes"),
)
