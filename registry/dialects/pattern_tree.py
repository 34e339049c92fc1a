r"""Patterns of JSON Schema (ECMA-262 regular expressions), read into a tree.

A pattern is read by the grammar of ECMA-262 with the flag `u`; where real schemas leave it and
every browser knows what is meant (annex B: `[\w-.]`, a brace that counts nothing, `\:`), that is
read too. Modifiers (`(?i:a)`, ES2025) are refused: most engines in use do not know them yet.
"""

import re
from collections.abc import Callable
from typing import ClassVar

import msgspec

MAX_LENGTH = 10_000
MAX_DEPTH = 100
MAX_REPEAT = 100_000

_CONTROLS = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "0": "\0"}
_CLASSES = frozenset("dDwWsS")

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

_QUANTIFIER = re.compile(r"(?:([*+?])|\{(\d{1,6})(?:(,)(\d{1,6})?)?\})", re.ASCII)
_BOUNDARY = re.compile(r"\\[bB]")
_HEXADECIMAL = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}")
_CONTROL = re.compile(r"c([A-Za-z])")
_LOW_SURROGATE = re.compile(r"\\u([Dd][C-Fc-f][0-9A-Fa-f]{2})")
_PROPERTY = re.compile(
    r"[pP]\{(?:(sc|scx|Script|Script_Extensions)=[A-Z][A-Za-z_]*"
    r"|(?:gc=|General_Category=)?(\w+))\}",
    re.ASCII,
)
_NAMED_GROUP = re.compile(r"\?<[^\W\d]\w*>")
_LOOK_AROUND = re.compile(r"\?(<?)([=!])")
_BOUNDS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


class Letter(msgspec.Struct, frozen=True):
    """One character."""

    character: str


class Kind(msgspec.Struct, frozen=True):
    """A class with a name, as it is written after the backslash: `d`, `P{L}`."""

    name: str


class Span(msgspec.Struct, frozen=True):
    """All characters from one to another, inside brackets."""

    low: str
    high: str


class Bracket(msgspec.Struct, frozen=True):
    """One character of (or, negated, none of) those in brackets."""

    negated: bool
    parts: tuple[Letter | Kind | Span, ...]


class Dot(msgspec.Struct, frozen=True):
    """Any character but a line end."""


class Edge(msgspec.Struct, frozen=True):
    r"""A place between characters: `^`, `$`, `\b`, `\B`."""

    sign: str


class Sequence(msgspec.Struct, frozen=True):
    parts: tuple["Tree", ...]


class Choice(msgspec.Struct, frozen=True):
    arms: tuple["Tree", ...]


class Repeat(msgspec.Struct, frozen=True):
    """`inner` from `least` to `most` times; `written` is the quantifier itself."""

    inner: "Tree"
    least: int
    most: int | None
    written: str


class Group(msgspec.Struct, frozen=True):
    inner: "Tree"


class Look(msgspec.Struct, frozen=True):
    """What must (or, negated, must not) follow or, `behind`, precede."""

    behind: bool
    negated: bool
    inner: "Tree"
    position: int


class BackReference(msgspec.Struct, frozen=True):
    position: int


Tree = (
    Letter | Kind | Bracket | Dot | Edge | Sequence | Choice | Repeat | Group | Look | BackReference
)


class OddPattern(ValueError):
    """A pattern that is refused: the rule, and the position in it, counted from 0."""

    def __init__(self, rule: str, position: int) -> None:
        super().__init__(rule, position)
        self.rule = rule
        self.position = position


def read_tree(source: str) -> Tree:
    """The pattern `source` as a tree; raises OddPattern."""
    if len(source) > MAX_LENGTH:
        raise OddPattern("pattern-too-large", MAX_LENGTH)
    reader = _Reader(source)
    tree = reader.alternatives(0)
    if reader.position < len(source):
        raise OddPattern("pattern-syntax", reader.position)
    return tree


class _Reader:
    """Recursive descent over one pattern."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0

    def alternatives(self, depth: int) -> Tree:
        arms = [self._sequence(depth)]
        while self._take("|"):
            arms.append(self._sequence(depth))
        return arms[0] if len(arms) == 1 else Choice(tuple(arms))

    def _sequence(self, depth: int) -> Tree:
        parts: list[Tree] = []
        while self.position < len(self.source) and self._next() not in "|)":
            parts.append(self._term(depth))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _term(self, depth: int) -> Tree:
        if self._next() in "^$":
            return Edge(self._read())
        start = self.position
        if found := _BOUNDARY.match(self.source, start):
            self.position = found.end()
            return Edge(found[0])
        if _QUANTIFIER.match(self.source, start):
            raise OddPattern("pattern-syntax", start)
        return self._repeated(self._atom(depth))

    def _repeated(self, inner: Tree) -> Tree:
        found = _QUANTIFIER.match(self.source, self.position)
        if found is None:
            return inner
        if found[1]:
            least, most = _BOUNDS[found[1]]
        else:
            least, upper = int(found[2]), found[4] or ("" if found[3] else found[2])
            most = int(upper) if upper else None
        if max(least, most or 0) > MAX_REPEAT or (most is not None and most < least):
            raise OddPattern("pattern-syntax", self.position)
        self.position = found.end()
        lazy = "?" if self._take("?") else ""
        return Repeat(inner, least, most, found[0] + lazy)

    def _atom(self, depth: int) -> Tree:
        character = self._read()
        reader = self.ATOMS.get(character)
        return reader(self, depth) if reader else Letter(character)

    def any_character(self, _: int) -> Tree:
        return Dot()

    def group(self, depth: int) -> Tree:
        start = self.position - 1
        if depth >= MAX_DEPTH:
            raise OddPattern("pattern-too-large", start)
        look = _LOOK_AROUND.match(self.source, self.position)
        self._group_opening(start, look)
        inner = self.alternatives(depth + 1)
        if not self._take(")"):
            raise OddPattern("pattern-syntax", start)
        if look:
            return Look(look[1] == "<", look[2] == "!", inner, start)
        return Group(inner)

    def _group_opening(self, start: int, look: re.Match[str] | None) -> None:
        opening = look or _NAMED_GROUP.match(self.source, self.position)
        if opening:
            self.position = opening.end()
        elif self._at("?") and not self._take("?:"):
            raise OddPattern("pattern-syntax", start)

    def escape(self, _: int) -> Tree:
        start = self.position - 1
        following = self._peek()
        if following and following in "123456789k":
            self.position += 1
            return BackReference(start)
        return self.escaped()

    def character_class(self, _: int) -> Tree:
        start = self.position - 1
        negated = self._take("^")
        parts: list[Letter | Kind | Span] = []
        while not self._take("]"):
            if self.position >= len(self.source):
                raise OddPattern("pattern-syntax", start)
            parts += self._class_range()
        return Bracket(negated, tuple(parts))

    def _class_range(self) -> list[Letter | Kind | Span]:
        start = self.position
        low = self._class_atom()
        if not self._at("-") or self._at("-]"):
            return [low]
        self.position += 1
        high = self._class_atom()
        if isinstance(low, Kind) or isinstance(high, Kind):
            return [low, Letter("-"), high]
        if high.character < low.character:
            raise OddPattern("pattern-syntax", start)
        return [Span(low.character, high.character)]

    def _class_atom(self) -> Letter | Kind:
        character = self._read()
        if character != "\\":
            return Letter(character)
        return Letter("\b") if self._take("b") else self.escaped()

    def escaped(self) -> Letter | Kind:
        """What follows a backslash."""
        start = self.position - 1
        character = self._peek()
        if character in _CLASSES:
            self.position += 1
            return Kind(character)
        found = _PROPERTY.match(self.source, self.position)
        if found and (found[1] or found[2] in _PROPERTIES):
            self.position = found.end()
            return Kind(found[0])
        return Letter(self._escaped_character(start))

    def _escaped_character(self, start: int) -> str:
        if found := _HEXADECIMAL.match(self.source, self.position):
            self.position = found.end()
            return self._code_point(int(found[1] or found[2] or found[3], 16), start)
        if found := _CONTROL.match(self.source, self.position):
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

    ATOMS: ClassVar[dict[str, Callable[["_Reader", int], Tree]]] = {
        ".": any_character,
        "(": group,
        "[": character_class,
        "\\": escape,
    }
