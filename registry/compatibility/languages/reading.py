r"""Patterns as languages of whole texts: what may come before and after is part of them.

A pattern is read from its end: each part is joined to the language of all that follows it. So `$`
and look-ahead are questions about a known rest, and need no place in the expressions themselves.
What depends on the character before (`^`, `\b`) is kept apart in the three rests of `_Rest`.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from registry.compatibility.languages.algebra import (
    ANYTHING,
    EMPTY,
    EPSILON,
    length_between,
    one,
    repeat,
    then,
    union,
)
from registry.compatibility.languages.characters import (
    LINE_ENDS,
    WORD,
    Characters,
    both,
    characters,
    others,
)
from registry.compatibility.languages.keeping import keeping
from registry.compatibility.languages.meeting import meet, negate
from registry.compatibility.languages.nodes import ENDLESS, Node, on_renewal
from registry.compatibility.languages.properties import UnknownProperty, named
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
    OddPattern,
    Repeat,
    Sequence,
    Span,
    Tree,
    read_tree,
)

_MOST_COPIES = 4
_DOT = others(LINE_ENDS)
_NO_WORD = others(WORD)


class Unreadable(ValueError):
    """A pattern whose language is not known here; says why."""


class _Rest(NamedTuple):
    """What may follow: at the start of the text, after a character of a word, after another."""

    start: Node
    word: Node
    other: Node


_OPEN = _Rest(ANYTHING, ANYTHING, ANYTHING)


@keeping()
def language_of(pattern: str) -> Node:
    """All texts the pattern matches somewhere; raises Unreadable."""
    try:
        rest = _before(read_tree(pattern), _OPEN)
    except OddPattern as odd:
        raise Unreadable(odd.rule) from odd
    except UnknownProperty as unknown:
        raise Unreadable(f"the property \\{unknown.args[0]}") from unknown
    if rest.word is rest.other:
        later = rest.word
    else:
        later = union((then(one(WORD), rest.word), then(one(_NO_WORD), rest.other)))
        return union((rest.start, then(ANYTHING, later)))
    if rest.start is later:
        return then(ANYTHING, later)
    return union((rest.start, then(length_between(1, ENDLESS), later)))


on_renewal(language_of.forget)


def set_of(tree: Letter | Kind | Bracket | Dot | Span) -> Characters:
    """The characters one part of a pattern stands for; raises UnknownProperty."""
    if isinstance(tree, Letter):
        return characters([(ord(tree.character), ord(tree.character))])
    if isinstance(tree, Span):
        return characters([(ord(tree.low), ord(tree.high))])
    if isinstance(tree, Kind):
        return named(tree.name)
    return _DOT if isinstance(tree, Dot) else _bracketed(tree)


@lru_cache(maxsize=1024)
def _bracketed(tree: Bracket) -> Characters:
    inside = characters(span for part in tree.parts for span in set_of(part).ranges)
    return others(inside) if tree.negated else inside


def _before(tree: Tree, rest: _Rest) -> _Rest:
    return _BEFORE[type(tree)](tree, rest)


def _character(tree: Letter | Kind | Bracket | Dot, rest: _Rest) -> _Rest:
    wanted = set_of(tree)
    if rest.word is rest.other:
        found = then(one(wanted), rest.word)
    else:
        in_word = then(one(both(wanted, WORD)), rest.word)
        found = union((in_word, then(one(both(wanted, _NO_WORD)), rest.other)))
    return _Rest(found, found, found)


def _sequence(tree: Sequence, rest: _Rest) -> _Rest:
    for part in reversed(tree.parts):
        rest = _before(part, rest)
    return rest


def _choice(tree: Choice, rest: _Rest) -> _Rest:
    return _any([_before(arm, rest) for arm in tree.arms])


def _any(rests: list[_Rest]) -> _Rest:
    return _Rest(*(union(each) for each in zip(*rests, strict=True)))


def _group(tree: Group, rest: _Rest) -> _Rest:
    return _before(tree.inner, rest)


def _repeat(tree: Repeat, rest: _Rest) -> _Rest:
    if not _is_plain(tree.inner):
        return _copies(tree, rest)
    inner = _before(tree.inner, _Rest(EPSILON, EPSILON, EPSILON)).start
    return _joined(repeat(inner, tree.least, ENDLESS if tree.most is None else tree.most), rest)


def _joined(first: Node, rest: _Rest) -> _Rest:
    if rest.start is rest.word is rest.other:
        found = then(first, rest.word)
        return _Rest(found, found, found)
    found = union(
        then(meet((first, then(ANYTHING, one(last)))), its_rest)
        for last, its_rest in ((WORD, rest.word), (_NO_WORD, rest.other))
    )
    if not first.nullable:
        return _Rest(found, found, found)
    return _Rest(*(union((found, same)) for same in rest))


def _is_plain(tree: Tree) -> bool:
    """Whether it looks at nothing outside itself."""
    if isinstance(tree, Edge | Look | BackReference):
        return False
    if isinstance(tree, Group | Repeat):
        return _is_plain(tree.inner)
    parts = tree.parts if isinstance(tree, Sequence) else ()
    parts = tree.arms if isinstance(tree, Choice) else parts
    return all(_is_plain(part) for part in parts)


def _guarded(tree: Repeat, rest: _Rest) -> _Rest | None:
    """`((?!foo).)*$`: no rest of the text may be one that the look-ahead bars."""
    body = tree.inner
    while isinstance(body, Group):
        body = body.inner
    guard, letter = body.parts if isinstance(body, Sequence) and len(body.parts) == 2 else (0, 0)
    if not isinstance(guard, Look) or not isinstance(letter, Letter | Kind | Bracket | Dot):
        return None
    seen = _look(guard, _OPEN)
    if set(rest) != {EPSILON} or set(seen) != {seen.start}:
        return None
    barred = meet((negate(seen.start), length_between(1, ENDLESS)))
    run = repeat(one(set_of(letter)), tree.least, ENDLESS if tree.most is None else tree.most)
    found = meet((run, negate(then(ANYTHING, barred))))
    return _Rest(found, found, found)


def _copies(tree: Repeat, rest: _Rest) -> _Rest:
    if guarded := _guarded(tree, rest):
        return guarded
    if tree.most is None or tree.most > _MOST_COPIES:
        raise Unreadable("an assertion inside a repetition")
    found = rest
    for left in range(tree.most, 0, -1):
        found = _before(tree.inner, found)
        if left > tree.least:
            found = _any([rest, found])
    return found


def _edge(tree: Edge, rest: _Rest) -> _Rest:
    if tree.sign == "^":
        return _Rest(rest.start, EMPTY, EMPTY)
    if tree.sign == "$":
        return _Rest(*(EPSILON if each.nullable else EMPTY for each in rest))
    in_word = then(one(WORD), ANYTHING)
    outside = union((EPSILON, then(one(_NO_WORD), ANYTHING)))
    apart, together = (in_word, outside) if tree.sign == r"\b" else (outside, in_word)
    return _Rest(meet((rest.start, apart)), meet((rest.word, together)), meet((rest.other, apart)))


def _look(tree: Look, rest: _Rest) -> _Rest:
    if tree.behind:
        raise Unreadable("look-behind")
    seen = _before(tree.inner, _OPEN)
    wanted = [negate(each) for each in seen] if tree.negated else list(seen)
    return _Rest(*(meet(pair) for pair in zip(rest, wanted, strict=True)))


def _back_reference(_tree: BackReference, _rest: _Rest) -> _Rest:
    raise Unreadable("back-reference")


_BEFORE: dict[type, Callable[[Any, _Rest], _Rest]] = {
    Letter: _character,
    Kind: _character,
    Bracket: _character,
    Dot: _character,
    Edge: _edge,
    Sequence: _sequence,
    Choice: _choice,
    Repeat: _repeat,
    Group: _group,
    Look: _look,
    BackReference: _back_reference,
}
