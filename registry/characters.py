"""Which characters may stand in names and free texts, as regular expressions.

Refused is what nobody sees and what makes a text look otherwise than it reads: control characters
(C0, C1), marks that turn the direction of writing (a name with U+202E shows other letters than it
has), separators of lines, and characters without any width. All letters and combining marks of
DIN SPEC 91379 are let through, the soft hyphen and joiners too.
"""

_UNSEEN = r"\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff"

CONTROLS = r"\x00-\x1f\x7f-\x9f" + _UNSEEN
_CONTROLS_BUT_TAB_AND_BREAK = r"\x00-\x08\x0b-\x1f\x7f-\x9f" + _UNSEEN

LINE = rf"^[^{CONTROLS}]*\Z"
TEXT = rf"^[^{_CONTROLS_BUT_TAB_AND_BREAK}]*\Z"
URL = rf"^https?://[^\s{CONTROLS}]+\Z"
