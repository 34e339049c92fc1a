r"""The characters of a class with a name: `\d`, `\S`, `\p{Lu}`, `\P{Script=Greek}`."""

import re
import unicodedata
from collections.abc import Callable, Hashable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeVar

import re2

from registry.compatibility.languages.characters import (
    ALL,
    DIGITS,
    LAST,
    SPACES,
    WORD,
    Characters,
    Range,
    both,
    characters,
    either,
    of_letters,
    others,
)

_Key = TypeVar("_Key", bound=Hashable)
_re2: Any = re2
_NAME = re.compile(r"[pP]\{(?:(sc|scx|Script|Script_Extensions)=|gc=|General_Category=)?(\w+)\}")
_BASIC = {"d": DIGITS, "s": SPACES, "w": WORD}
_LONG_NAMES = dict(
    re.findall(
        r"(\w+)=(\w+)",
        """
        Other=C Control=Cc cntrl=Cc Format=Cf Unassigned=Cn Private_Use=Co Surrogate=Cs Letter=L
        Cased_Letter=LC Lowercase_Letter=Ll Modifier_Letter=Lm Other_Letter=Lo Titlecase_Letter=Lt
        Uppercase_Letter=Lu Mark=M Combining_Mark=M Spacing_Mark=Mc Enclosing_Mark=Me
        Nonspacing_Mark=Mn Number=N Decimal_Number=Nd digit=Nd Letter_Number=Nl Other_Number=No
        Punctuation=P punct=P Connector_Punctuation=Pc Dash_Punctuation=Pd Close_Punctuation=Pe
        Final_Punctuation=Pf Initial_Punctuation=Pi Other_Punctuation=Po Open_Punctuation=Ps
        Symbol=S Currency_Symbol=Sc Modifier_Symbol=Sk Math_Symbol=Sm Other_Symbol=So Separator=Z
        Line_Separator=Zl Paragraph_Separator=Zp Space_Separator=Zs AHex=ASCII_Hex_Digit
        space=White_Space Lower=Lowercase Upper=Uppercase XIDS=XID_Start XIDC=XID_Continue
        """,
    )
)
_TESTS: dict[str, Callable[[str], bool]] = {
    "Lowercase": str.islower,
    "Uppercase": str.isupper,
    "XID_Start": lambda letter: letter != "_" and letter.isidentifier(),
    "XID_Continue": lambda letter: ("a" + letter).isidentifier(),
}
_FIXED = {
    "Any": ALL,
    "ASCII": characters([(0, 0x7F)]),
    "ASCII_Hex_Digit": characters([(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)]),
    "White_Space": either(both(SPACES, others(of_letters("\ufeff"))), of_letters("\x85")),
}
# Planes 4 to 13 hold nothing, 15 and 16 are for private use; only the rest has to be looked at.
_LOOKED_AT = (range(0x40000), range(0xE0000, 0xE1000))
_PRIVATE = characters([(0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)])


class UnknownProperty(LookupError):
    """A property whose characters are not known here."""


@lru_cache(maxsize=256)
def named(name: str) -> Characters:
    """The characters of the class written `name` after a backslash; raises UnknownProperty."""
    found = _BASIC.get(name.lower()) or _property(name)
    return others(found) if name[0] in "DSWP" else found


def _property(name: str) -> Characters:
    try:
        return _known(name)
    except UnknownProperty:
        raise UnknownProperty(name) from None


def _known(name: str) -> Characters:
    parts = _NAME.fullmatch(name)
    if parts is None or parts[1] in ("scx", "Script_Extensions"):
        raise UnknownProperty(name)
    if parts[1]:
        return _script(parts[2])
    short = _LONG_NAMES.get(parts[2], parts[2])
    if short in _FIXED:
        return _FIXED[short]
    if short in _TESTS:
        return _where(_TESTS[short])
    return _categories(short)


def _categories(short: str) -> Characters:
    if short == "Assigned":
        return others(_categories("Cn"))
    if short == "LC":
        return either(either(_categories("Lu"), _categories("Ll")), _categories("Lt"))
    if len(short) > 2 or short[0] not in "CLMNPSZ":
        raise UnknownProperty(short)
    wanted = [found for category, found in _by_category().items() if category.startswith(short)]
    return characters(span for found in wanted for span in found.ranges)


@lru_cache(maxsize=1)
def _by_category() -> dict[str, Characters]:
    points: dict[str, list[Range]] = {"Cs": [], "Cn": []}
    for part in _LOOKED_AT:
        for category, span in _runs(part, unicodedata.category):
            points.setdefault(category, []).append(span)
    found = {category: characters(spans) for category, spans in points.items()}
    found["Co"] = either(found["Co"], _PRIVATE)
    assigned = [span for name, spans in found.items() if name != "Cn" for span in spans.ranges]
    return found | {"Cn": others(characters(assigned))}


def _where(test: Callable[[str], bool]) -> Characters:
    return characters(span for part in _LOOKED_AT for is_in, span in _runs(part, test) if is_in)


def _runs(points: range, key: Callable[[str], _Key]) -> Iterator[tuple[_Key, Range]]:
    start = points.start
    for found, run in groupby(map(key, map(chr, points))):
        end = start + sum(1 for _ in run)
        yield found, (start, end - 1)
        start = end


@lru_cache(maxsize=64)
def _script(name: str) -> Characters:
    options = _re2.Options()
    options.log_errors = False
    try:
        inside = _re2.compile(rf"\p{{{name}}}+", options)
    except _re2.error:
        raise UnknownProperty(name) from None
    text = "".join(map(chr, range(0xD800))) + "".join(map(chr, range(0xE000, LAST + 1)))
    spans = [found.span() for found in inside.finditer(text)]
    return characters((ord(text[low]), ord(text[high - 1])) for low, high in spans)
