"""Which characters may stand in names, keys and free texts, as regular expressions.

Refused is what nobody sees and what makes a text look otherwise than it reads: control characters
(C0, C1), marks that turn the direction of writing (a name with U+202E shows other letters than it
has), separators of lines, and characters without any width. All letters and combining marks of
DIN SPEC 91379 are let through, the soft hyphen and joiners too.
"""

import re

_UNSEEN = r"\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"

CONTROLS = r"\x00-\x1f\x7f-\x9f" + _UNSEEN
_CONTROLS_BUT_TAB_AND_BREAK = r"\x00-\x08\x0b-\x1f\x7f-\x9f" + _UNSEEN

LINE = rf"^[^{CONTROLS}]*\Z"
TEXT = rf"^[^{_CONTROLS_BUT_TAB_AND_BREAK}]*\Z"
URL = rf"^https?://[^\s{CONTROLS}]+\Z"

_SPELLED = re.compile(f"[{CONTROLS}]")
_SPELLED_IN_LINES = re.compile(f"[{_CONTROLS_BUT_TAB_AND_BREAK}]")

SLUG = r"^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?\Z"
INTERFACE_NAME = r"^[a-z][a-z0-9-]{0,62}\Z"
REGIONAL_KEY = r"^([0-9]{2}|[0-9]{3}|[0-9]{5}|[0-9]{9}|[0-9]{12})\Z"
VERSION_NUMBER = r"^[0-9A-Za-z.-]+\Z"
SHA256 = r"^[0-9a-f]{64}\Z"
AMOUNT = r"^-?[0-9]{1,13}(\.[0-9]{1,2})?\Z"
CHANNEL = r"^[a-z][a-z0-9_-]{0,39}\Z"


def spelled(text: str) -> str:
    """Foreign text on one line, where what nobody sees is spelled out as JSON spells it."""
    return _SPELLED.sub(_escape, text)


def spelled_in_lines(text: str) -> str:
    """The same, with its tabs and lines."""
    return _SPELLED_IN_LINES.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
