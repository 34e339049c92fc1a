"""Sides of which nobody could say whether their documents still fit, as findings."""

from registry.compatibility.findings.words import fingerprint
from registry.compatibility.model import Containment, Finding, Side, Spot
from registry.compatibility.rules import Language, message, note
from registry.compatibility.rules import reason as in_words

_RULE = "EFA-UNK-01"
_ROOT = Spot(pointer="")


def open_side(side: Side, answer: Containment, subject: str) -> Finding:
    """What is not decided of the documents of this side, and why.

    Its fingerprint hangs on both and on the `subject`, which tells these schemas from others:
    whoever vouches for it vouches for no other question.
    """
    reason = answer.reason or "budget"
    return Finding(
        rule=_RULE,
        severity="unknown",
        place="",
        fingerprint=fingerprint(_RULE, (), f"{side} {reason.partition(':')[0]} {subject}"),
        message_de=_message(side, reason, "de"),
        message_en=_message(side, reason, "en"),
        old=_ROOT,
        new=_ROOT,
    )


def _message(side: Side, reason: str, language: Language) -> str:
    documents = note(f"every-{side}", language, {})
    return message(_RULE, language, {"documents": documents, "reason": in_words(reason, language)})
