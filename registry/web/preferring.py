"""How long a caller is ready to wait: `Prefer: wait=N` (RFC 7240, 4.3)."""

import re

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*([0-9]{1,4})(?:$|[,;\s])", re.IGNORECASE)


def seconds_preferred(prefer: str | None, *, usual: int, most: int) -> int:
    """The seconds a `Prefer` header asks for, within bounds; `usual` where it says nothing."""
    asked = _WAIT.search(prefer or "")
    return min(int(asked[1]), most) if asked else usual


def applied(seconds: int) -> dict[str, str]:
    """The header that says how long was waited at most."""
    return {"Preference-Applied": f"wait={seconds}"}
