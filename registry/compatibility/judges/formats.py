"""The formats as the second validator checks them, in schemas of every dialect."""

from collections.abc import Callable
from functools import cache
from typing import Any

from jsonschema import FormatChecker, validators

from registry.compatibility.languages.formats import FORMATS, checks

_STANDARD: Any = validators.Draft202012Validator.FORMAT_CHECKER
_ITS_OWN = frozenset(
    ("date", "email", "idn-email", "idn-hostname", "ipv4", "ipv6", "regex", "uuid")
)
"""What it checks with the packages that are installed with this program, whatever else is there."""

KNOWN_TO_ONE = FORMATS - _ITS_OWN
"""The formats of which there is one opinion only."""


class OneOpinion(ValueError):
    """The second validator was asked for a format that it does not know."""


def _unknown(value: Any) -> bool:
    if isinstance(value, str):
        raise OneOpinion
    return True


@cache
def second_checker(*, alone: bool = False) -> FormatChecker:
    """What the second validator asks: the first one for what it does not know, unless `alone`.

    Alone it raises OneOpinion there.
    """
    borrowed: dict[str, Callable[[Any], bool]] = {
        name: _unknown if alone else checks()[name] for name in KNOWN_TO_ONE
    }
    checker = FormatChecker(())
    checker.checkers = {
        **{name: _STANDARD.checkers[name] for name in _ITS_OWN},
        **{name: (check, ()) for name, check in borrowed.items()},
    }
    return checker
