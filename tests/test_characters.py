"""Names and free texts: what nobody sees is refused wherever a caller may write, letters never."""

import importlib
import pkgutil
import re
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any, cast

import msgspec
import pytest

import registry
from registry.catalogue.parts import Line, Text

# What steers the direction of writing (Unicode's property Bidi_Control), and other unseen marks.
UNSEEN = (
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffd"
)
# Foreign schemas are kept byte for byte.
OTHERWISE = {
    "InterfaceDraft.schema",
    "InterfaceDraft.schema_text",
    "GivenSchema.schema",
    "GivenSchema.schema_text",
}
NOT_FROM_CALLERS = ("registry.cli.", "registry.compatibility.", "registry.identity.visibility")


def letters() -> str:
    """All letters, marks, digits, punctuation, symbols and blanks of the basic plane and beyond.

    DIN SPEC 91379 takes all of its characters and sequences from these.
    """
    every = map(chr, range(sys.maxunicode + 1))
    seen = [c for c in every if unicodedata.category(c)[0] in "LMNPS"]
    return "".join(c for c in seen if c not in "\ufffc\ufffd") + " \xa0\u202f\xad\u200c\u200d"


@pytest.mark.parametrize("form", [Line, Text])
def test_every_letter_and_mark_may_be_written(form: Any) -> None:
    every = letters()
    for start in range(0, len(every), 300):
        msgspec.convert(every[start : start + 300], form)


@pytest.mark.parametrize("character", [*UNSEEN, "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("form", [Line, Text])
def test_what_nobody_sees_is_refused(form: Any, character: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(f"Stadt {character} Land", form)


def inputs() -> Iterator[type[msgspec.Struct]]:
    """Every struct that callers send."""
    for module in pkgutil.walk_packages(registry.__path__, "registry."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    waiting = [msgspec.Struct]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        sent = form.__struct_config__.forbid_unknown_fields
        ours = form.__module__.startswith("registry.")
        if sent and ours and not form.__module__.startswith(NOT_FROM_CALLERS):
            yield form


def strings(hint: Any) -> Iterator[Any]:
    """The text types a field's type is made of."""
    if isinstance(hint, msgspec.inspect.StrType):
        yield hint
    for name in getattr(hint, "__struct_fields__", ()):
        part: Any = getattr(hint, name)
        parts = cast("tuple[Any, ...]", part) if isinstance(part, tuple) else (part,)
        for each in parts:
            if isinstance(each, msgspec.inspect.Type) and not hasattr(each, "cls"):
                yield from strings(each)


def test_no_input_takes_an_unseen_character() -> None:
    """Each text a caller may send has a pattern, and none of them lets U+202E through."""
    found = set[str]()
    for form in inputs():
        known: Any = msgspec.inspect.type_info(form)
        for field in known.fields:
            if any(_takes(text, "\u202e") for text in strings(field.type)):
                found.add(f"{form.__name__}.{field.name}")
    assert found <= OTHERWISE


def _takes(text: Any, character: str) -> bool:
    if text.pattern is None:
        return True
    return any(re.search(text.pattern, sample + character) for sample in ("", "a", "https://a"))
