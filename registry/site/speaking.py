"""Refusals in the words of pages: what names a code to a program names it in words to a person."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from registry.errors import Fact, Fault, Refusal
from registry.site.rendering import Place

_OF_STAGES = frozenset({"step-not-allowed", "void-not-allowed"})
_STAGES = frozenset({"stage", "after", "before", "allowed"})


# What a problem says to programs by addresses of the interface, it says otherwise to people.
_ON_FORMS: dict[str, dict[str, tuple[str, str]]] = {
    "reuse-exists": {
        "detail": (
            "Für diese Stelle ist bei diesem Dienst schon eine Nachnutzung eingetragen.",
            "A reuse of this service by this body is recorded already.",
        ),
        "remedy": (
            "Öffnen Sie unter „Meine Stelle“ die Nachnutzung und tragen Sie dort einen weiteren "
            "Schritt ein.",
            "Open the reuse under “My body” and record a further step there.",
        ),
    },
    "reuse-not-covered": {
        "remedy": (
            "Nichts wurde eingetragen. Erst muss die fehlende Vereinbarung oder der Beitritt "
            "verzeichnet sein; das tut, wer im Register Vereinbarungen einträgt. Prüfen Sie auch "
            "Datum und Stufe.",
            "Nothing was recorded. The missing agreement or accession must be recorded first, by "
            "whoever records agreements in the registry. Check date and stage, too.",
        ),
    },
    "invalid-step": {
        "remedy": (
            "Nichts wurde eingetragen. Ändern Sie die genannten Felder und senden Sie das "
            "Formular noch einmal.",
            "Nothing was recorded. Change the fields named and send the form once more.",
        ),
    },
}


def for_forms(code: str, place: Place) -> dict[str, str]:
    """What a problem says on a form in other words than to a program."""
    return {part: place.t(*words) for part, words in _ON_FORMS.get(code, {}).items()}


def in_words(refused: Refusal, place: Place) -> Refusal:
    """The same refusal, to be read by people."""
    said = copy(refused)
    said.facts = _spoken(refused.code, refused.facts, place)
    said.faults = tuple(
        Fault(fault.pointer, fault.rule, _spoken(fault.rule, fault.facts, place))
        for fault in refused.faults
    )
    return said


def _spoken(code: str, facts: Mapping[str, Fact], place: Place) -> dict[str, Fact]:
    return {name: _said(code, name, fact, place) for name, fact in facts.items()}


def _said(code: str, name: str, fact: Fact, place: Place) -> Any:
    if code in _OF_STAGES and name in _STAGES:
        if isinstance(fact, list):
            return [place.word("stage", one) for one in fact]
        return place.word("stage", str(fact)) if fact else fact
    return place.day(fact) if name == "valid_from" and isinstance(fact, str) else fact
