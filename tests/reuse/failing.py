"""Rules of the machine that tell of their failure."""

import functools
import traceback
from collections.abc import Callable
from typing import Any, cast

from hypothesis import stateful


def rule(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule whose failure is told at once.

    Hypothesis runs it again to be sure, over a registry that has moved on, and tells only of that.
    """

    def told(rule: Callable[..., None]) -> Any:
        @functools.wraps(rule)
        def telling(*given: Any, **values: Any) -> None:
            try:
                rule(*given, **values)
            except Exception:
                traceback.print_exc()
                raise

        return cast("Any", stateful.rule)(**drawn)(telling)

    return told
