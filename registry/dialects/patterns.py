r"""Patterns of JSON Schema (ECMA-262 regular expressions) for an engine that runs in linear time.

A pattern is read by the grammar of ECMA-262 with the flag `u`; where real schemas leave it and
every browser knows what is meant (annex B: `[\w-.]`, a brace that counts nothing, `\:`), that is
read too. What is written again means the same to the engine: `.` stops at the four line ends of
ECMA-262, `\b` knows ASCII words only. Look-around and back-references cannot run in linear time and
are refused; so are modifiers (`(?i:a)`, ES2025), which most engines in use do not know yet.
"""

import re
from collections.abc import Callable
from typing import ClassVar

import msgspec

MAX_LENGTH = 10_000
MAX_DEPTH = 100
MAX_REPEAT = 100_000

_META = frozenset("\\^$.*+?()[]{}|/-&~#")
_CONTROLS = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "0": "\0"}
_CLASSES = frozenset("dDwWsS")
_LITERAL_WEIGHT, _CLASS_WEIGHT, _UNICODE_WEIGHT = 1, 10, 1000

# Tables 69 and 70 of ECMA-262: general categories, binary properties; scripts need `sc=` or `scx=`.
_PROPERTIES = frozenset(
    re.findall(
        r"\w+",
        """
        C Other Cc Control cntrl Cf Format Cn Unassigned Co Private_Use Cs Surrogate L Letter
        LC Cased_Letter Ll Lowercase_Letter Lm Modifier_Letter Lo Other_Letter Lt Titlecase_Letter
        Lu Uppercase_Letter M Mark Combining_Mark Mc Spacing_Mark Me Enclosing_Mark
        Mn Nonspacing_Mark N Number Nd Decimal_Number digit Nl Letter_Number No Other_Number
        P Punctuation punct Pc Connector_Punctuation Pd Dash_Punctuation Pe Close_Punctuation
        Pf Final_Punctuation Pi Initial_Punctuation Po Other_Punctuation Ps Open_Punctuation
        S Symbol Sc Currency_Symbol Sk Modifier_Symbol Sm Math_Symbol So Other_Symbol Z Separator
        Zl Line_Separator Zp Paragraph_Separator Zs Space_Separator
        ASCII Any Assigned AHex ASCII_Hex_Digit Alpha Alphabetic Bidi_C Bidi_Control
        Bidi_M Bidi_Mirrored CI Case_Ignorable CWCF Changes_When_Casefolded CWCM
        Changes_When_Casemapped CWKCF Changes_When_NFKC_Casefolded CWL Changes_When_Lowercased
        CWT Changes_When_Titlecased CWU Changes_When_Uppercased Cased Dash
        DI Default_Ignorable_Code_Point Dep Deprecated Dia Diacritic Emoji EComp Emoji_Component
        EMod Emoji_Modifier EBase Emoji_Modifier_Base EPres Emoji_Presentation
        ExtPict Extended_Pictographic Ext Extender Gr_Base Grapheme_Base Gr_Ext Grapheme_Extend
        Hex Hex_Digit IDSB IDS_Binary_Operator IDST IDS_Trinary_Operator IDC ID_Continue
        IDS ID_Start Ideo Ideographic Join_C Join_Control LOE Logical_Order_Exception
        Lower Lowercase Math NChar Noncharacter_Code_Point Pat_Syn Pattern_Syntax
        Pat_WS Pattern_White_Space QMark Quotation_Mark Radical RI Regional_Indicator
        STerm Sentence_Terminal SD Soft_Dotted Term Terminal_Punctuation UIdeo Unified_Ideograph
        Upper Uppercase VS Variation_Selector space White_Space XIDC XID_Continue XIDS XID_Start
        """,
    )
)

_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d{1,6})(?:(,)(\d{1,6})?)?\})", re.ASCII)
_HEXADECIMAL = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}")
_LOW_SURROGATE = re.compile(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
_PROPERTY = re.compile(
    r"[pP]\{(?:(sc|scx|Script|Script_Extensions)=[A-Z][A-Za-z_]*"
    r"|(?:gc=|General_Category=)?(\w+))\}",
    re.ASCII,
)
_NAMED_GROUP = re.compile(r"\?<[^\W\d]\w*>")


class Pattern(msgspec.Struct, frozen=True):
    """A pattern for the linear engine; `weight` is about its size, in units of 100 bytes."""

    engine: str
    weight: int


class OddPattern(ValueError):
    """A pattern that is refused: the rule, and the position in it, counted from 0."""

    def __init__(self, rule: str, position: int) -> None:
        super().__init__(rule, position)
        self.rule = rule
        self.position = position


def read_pattern(source: str) -> Pattern:
    """The pattern `source` for the linear engine; raises OddPattern."""
    if len(source) > MAX_LENGTH:
        raise OddPattern("pattern-too-large", MAX_LENGTH)
    reader = _Reader(source)
    engine, weight = reader.alternatives(0)
    if reader.position < len(source):
        raise OddPattern("pattern-syntax", reader.position)
    return Pattern(engine, weight)


class _Reader:
    """Recursive descent over one pattern; methods return the engine's text and its weight."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0

    def alternatives(self, depth: int) -> tuple[str, int]:
        text, weight = self._sequence(depth)
        while self._take("|"):
            more, its_weight = self._sequence(depth)
            text, weight = f"{text}|{more}", weight + its_weight
        return text, weight

    def _sequence(self, depth: int) -> tuple[str, int]:
        parts: list[str] = []
        weight = 0
        while self.position < len(self.source) and self._next() not in "|)":
            text, its_weight = self._term(depth)
            parts.append(text)
            weight += its_weight
        return "".join(parts), weight

    def _term(self, depth: int) -> tuple[str, int]:
        if self._next() in "^$":
            return self._read(), _LITERAL_WEIGHT
        start = self.position
        if found := re.compile(r"\\[bB]").match(self.source, start):
            self.position = found.end()
            return f"(?-u:{found[0]})", _LITERAL_WEIGHT
        if _QUANTIFIER.match(self.source, start):
            raise OddPattern("pattern-syntax", start)
        text, weight = self._atom(depth)
        return self._repeated(text, weight)

    def _repeated(self, text: str, weight: int) -> tuple[str, int]:
        found = _QUANTIFIER.match(self.source, self.position)
        if found is None:
            return text, weight
        least, most = int(found[1] or 0), int(found[3] or found[1] or 0)
        if most < least or most > MAX_REPEAT:
            raise OddPattern("pattern-syntax", self.position)
        self.position = found.end()
        lazy = "?" if self._take("?") else ""
        return f"{text}{found[0]}{lazy}", weight * max(least, most, 1)

    def _atom(self, depth: int) -> tuple[str, int]:
        character = self._read()
        reader = self.ATOMS.get(character)
        return reader(self, depth) if reader else (_literal(character), _LITERAL_WEIGHT)

    def any_character(self, _: int) -> tuple[str, int]:
        return "[^\n\r\u2028\u2029]", _CLASS_WEIGHT

    def group(self, depth: int) -> tuple[str, int]:
        start = self.position - 1
        if depth >= MAX_DEPTH:
            raise OddPattern("pattern-too-large", start)
        self._group_opening(start)
        text, weight = self.alternatives(depth + 1)
        if not self._take(")"):
            raise OddPattern("pattern-syntax", start)
        return f"(?:{text})", weight

    def _group_opening(self, start: int) -> None:
        if not self._at("?"):
            return
        if self._at("?=") or self._at("?!") or self._at("?<=") or self._at("?<!"):
            raise OddPattern("pattern-look-around", start)
        named = _NAMED_GROUP.match(self.source, self.position)
        if named:
            self.position = named.end()
        elif not self._take("?:"):
            raise OddPattern("pattern-syntax", start)

    def escape(self, _: int) -> tuple[str, int]:
        start = self.position - 1
        following = self._peek()
        if following and following in "123456789k":
            raise OddPattern("pattern-back-reference", start)
        text, weight, is_class = self.escaped()
        return (text if is_class else _literal(text)), weight

    def character_class(self, _: int) -> tuple[str, int]:
        start = self.position - 1
        negated = self._take("^")
        parts: list[str] = []
        weight = _CLASS_WEIGHT if negated else _LITERAL_WEIGHT
        while not self._take("]"):
            if self.position >= len(self.source):
                raise OddPattern("pattern-syntax", start)
            text, its_weight = self._class_range()
            parts.append(text)
            weight = max(weight, its_weight)
        if not parts:
            return ("[\\s\\S]" if negated else "[^\\s\\S]"), _CLASS_WEIGHT
        return f"[{'^' if negated else ''}{''.join(parts)}]", weight

    def _class_range(self) -> tuple[str, int]:
        start = self.position
        low, weight, low_is_class = self._class_atom()
        if not self._at("-") or self._at("-]"):
            return (low if low_is_class else _literal(low)), weight
        self.position += 1
        high, high_weight, high_is_class = self._class_atom()
        if low_is_class or high_is_class:
            ends = [(low, low_is_class), ("-", False), (high, high_is_class)]
            text = "".join(part if whole else _literal(part) for part, whole in ends)
            return text, max(weight, high_weight)
        if ord(high) < ord(low):
            raise OddPattern("pattern-syntax", start)
        return f"{_literal(low)}-{_literal(high)}", _class_weight(high)

    def _class_atom(self) -> tuple[str, int, bool]:
        character = self._read()
        if character != "\\":
            return character, _LITERAL_WEIGHT, False
        if self._take("b"):
            return "\b", _LITERAL_WEIGHT, False
        return self.escaped()

    def escaped(self) -> tuple[str, int, bool]:
        """What follows a backslash: a character, or (True) a class in the engine's own writing."""
        start = self.position - 1
        character = self._peek()
        if character in _CLASSES:
            self.position += 1
            return f"\\{character}", _CLASS_WEIGHT, True
        found = _PROPERTY.match(self.source, self.position)
        if found and (found[1] or found[2] in _PROPERTIES):
            self.position = found.end()
            return f"\\{found[0]}", _UNICODE_WEIGHT, True
        return self._escaped_character(start), _LITERAL_WEIGHT, False

    def _escaped_character(self, start: int) -> str:
        if found := _HEXADECIMAL.match(self.source, self.position):
            self.position = found.end()
            return self._code_point(int(found[1] or found[2] or found[3], 16), start)
        if found := re.compile(r"c([A-Za-z])").match(self.source, self.position):
            self.position = found.end()
            return chr(ord(found[1]) % 32)
        character = self._peek()
        known = character in _CONTROLS or not (character.isalnum() or character == "")
        if not known or re.compile(r"0\d").match(self.source, self.position):
            raise OddPattern("pattern-escape", start)
        self.position += 1
        return _CONTROLS.get(character, character)

    def _code_point(self, number: int, start: int) -> str:
        low = _LOW_SURROGATE.match(self.source, self.position)
        if 0xD800 <= number < 0xDC00 and low:
            self.position = low.end()
            number = 0x10000 + ((number - 0xD800) << 10) + (int(low[1], 16) - 0xDC00)
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise OddPattern("pattern-escape", start)
        return chr(number)

    def _next(self) -> str:
        return self.source[self.position]

    def _peek(self) -> str:
        return self.source[self.position : self.position + 1]

    def _read(self) -> str:
        if self.position >= len(self.source):
            raise OddPattern("pattern-syntax", self.position)
        self.position += 1
        return self.source[self.position - 1]

    def _at(self, text: str) -> bool:
        return self.source.startswith(text, self.position)

    def _take(self, text: str) -> bool:
        found = self._at(text)
        self.position += len(text) if found else 0
        return found

    ATOMS: ClassVar[dict[str, Callable[["_Reader", int], tuple[str, int]]]] = {
        ".": any_character,
        "(": group,
        "[": character_class,
        "\\": escape,
    }


def _literal(character: str) -> str:
    return "\\" + character if character in _META else character


def _class_weight(high: str) -> int:
    return _LITERAL_WEIGHT if high.isascii() else _CLASS_WEIGHT
