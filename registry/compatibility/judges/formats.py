"""The formats as the second validator checks them: what it does not know, the first one tells."""

from functools import cache
from typing import Any

from jsonschema import FormatChecker, validators

from registry.compatibility.languages.formats import FORMATS, checks

_known: Any = validators.Draft202012Validator.FORMAT_CHECKER
KNOWN_TO_ONE = FORMATS - frozenset(_known.checkers)
"""The formats of which there is one opinion only."""


@cache
def second_checker() -> FormatChecker:
    """What the second validator asks, in schemas of every dialect."""
    checker = FormatChecker(())
    checker.checkers = {
        **{name: _known.checkers[name] for name in sorted(FORMATS - KNOWN_TO_ONE)},
        **{name: (checks()[name], ()) for name in sorted(KNOWN_TO_ONE)},
    }
    return checker
