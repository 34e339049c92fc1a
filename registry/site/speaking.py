"""Refusals in the words of pages: what names a code to a program names it in words to a person."""

from collections.abc import Mapping
from typing import Any

from registry.errors import Fact, Fault, Refusal
from registry.site.rendering import Place

_OF_STAGES = frozenset({"step-not-allowed", "void-not-allowed"})
_STAGES = frozenset({"stage", "after", "before", "allowed"})


_TOO_SMALL = (
    "Nichts wurde veröffentlicht. Nehmen Sie die kleinste erlaubte Nummer oder eine höhere.",
    "Nothing was published. Take the least number allowed or a higher one.",
)
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
    "version-number-too-small": {"remedy": _TOO_SMALL},
    "version-does-not-fit-next": {"remedy": _TOO_SMALL},
    "stale-state": {
        "detail": (
            "Während Sie das Formular ausgefüllt haben, wurde hier etwas anderes eingetragen.",
            "While you filled in the form, something else was recorded here.",
        ),
        "remedy": (
            "Nichts wurde gespeichert. Senden Sie das Formular noch einmal, wenn Ihre Angaben "
            "gelten sollen; was jetzt gespeichert ist, sehen Sie, wenn Sie die Seite neu öffnen.",
            "Nothing was saved. Send the form once more if what you entered is to count; open the "
            "page anew to see what is saved now.",
        ),
    },
    "invalid-parameters": {
        "remedy": (
            "Nichts wurde gespeichert. Ändern Sie die genannten Felder und senden Sie das "
            "Formular noch einmal.",
            "Nothing was saved. Change the fields named and send the form once more.",
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


def put_in_words(refused: Refusal, place: Place) -> None:
    """Have a refusal say to people what it said to programs."""
    refused.facts = _spoken(refused.code, refused.facts, place)
    refused.faults = tuple(
        Fault(fault.pointer, fault.rule, _spoken(fault.rule, fault.facts, place))
        for fault in refused.faults
    )


def _spoken(code: str, facts: Mapping[str, Fact], place: Place) -> dict[str, Fact]:
    return {name: _said(code, name, fact, place) for name, fact in facts.items()}


def _said(code: str, name: str, fact: Fact, place: Place) -> Any:
    if code in _OF_STAGES and name in _STAGES:
        if isinstance(fact, list):
            return [place.word("stage", one) for one in fact]
        return place.word("stage", str(fact)) if fact else fact
    if code == "keyword-type" and name == "limit":
        return ", ".join(place.word("type", one) for one in str(fact).split(", "))
    return place.day(fact) if name == "valid_from" and isinstance(fact, str) else fact
