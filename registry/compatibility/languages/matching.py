"""Whether a text fits a pattern, in time linear in the text.

RE2 does it where it can; what it does not know (look-ahead, counts over 1000) goes through the
derivatives. Sets of characters are written out, so that both mean the same.
"""

from collections.abc import Callable
from typing import Any

import re2

from registry.compatibility.languages.algebra import ANYTHING, EMPTY
from registry.compatibility.languages.derivatives import after
from registry.compatibility.languages.keeping import keeping, room
from registry.compatibility.languages.reading import Unreadable, language_of, set_of
from registry.dialects.pattern_tree import (
    BackReference,
    Bracket,
    Choice,
    Dot,
    Edge,
    Group,
    Kind,
    Letter,
    Look,
    Repeat,
    Sequence,
    Tree,
    read_tree,
)

_re2: Any = re2
_MOST_REPEATS = 1000
_MOST_EFFORT = 500_000
_MOST_MEMORY = 1 << 25
_BYTES_PER_INSTRUCTION = 16
_EDGES = {"^": r"\A", "$": r"\z", r"\b": r"\b", r"\B": r"\B"}


class _NotWritable(Exception):
    """Not to be had in RE2."""


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches somewhere in the text; raises Unreadable."""
    program = _compiled(pattern)
    if program is None:
        return _follows(pattern, text)
    try:
        return program.search(text) is not None
    except UnicodeEncodeError:
        return _follows(pattern, text)


def _follows(pattern: str, text: str) -> bool:
    language, effort = language_of(pattern), 0
    for letter in text:
        if language in (ANYTHING, EMPTY):
            break
        effort += language.size
        if effort > _MOST_EFFORT:
            raise Unreadable("too large for a text of this length")
        language = after(language, ord(letter))
    return language.nullable


def _size(asked: tuple[str], found: Any) -> int:
    return room(asked) + (_BYTES_PER_INSTRUCTION * found.programsize if found else 0)


@keeping(_size, most=2 * _MOST_MEMORY)
def _compiled(pattern: str) -> Any:
    """RE2's program for the pattern, or None where it has none; raises Unreadable."""
    language_of(pattern)
    options = _re2.Options()
    options.log_errors = False
    options.max_mem = _MOST_MEMORY
    try:
        return _re2.compile(_written(read_tree(pattern)), options)
    except (_NotWritable, _re2.error):
        return None


def _written(tree: Tree) -> str:
    return _WRITERS[type(tree)](tree)


def _characters(tree: Letter | Kind | Bracket | Dot) -> str:
    if isinstance(tree, Letter):
        return f"\\x{{{ord(tree.character):x}}}"
    ranges = set_of(tree).ranges
    if not ranges:
        return r"[^\x{0}-\x{10ffff}]"
    spans = (rf"\x{{{low:x}}}-\x{{{high:x}}}" for low, high in ranges)
    return f"[{''.join(spans)}]"


def _edge(tree: Edge) -> str:
    return _EDGES[tree.sign]


def _sequence(tree: Sequence) -> str:
    return "".join(_written(part) for part in tree.parts)


def _choice(tree: Choice) -> str:
    return "|".join(_written(arm) for arm in tree.arms)


def _repeat(tree: Repeat) -> str:
    if max(tree.least, tree.most or 0) > _MOST_REPEATS:
        raise _NotWritable
    return _written(tree.inner) + tree.written


def _group(tree: Group) -> str:
    return f"(?:{_written(tree.inner)})"


def _other(_: Look | BackReference) -> str:
    raise _NotWritable


_WRITERS: dict[type, Callable[[Any], str]] = {
    Letter: _characters,
    Kind: _characters,
    Bracket: _characters,
    Dot: _characters,
    Edge: _edge,
    Sequence: _sequence,
    Choice: _choice,
    Repeat: _repeat,
    Group: _group,
    Look: _other,
    BackReference: _other,
}
