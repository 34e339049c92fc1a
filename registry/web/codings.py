"""Which content coding a caller prefers (RFC 9110, 12.5.3)."""

from functools import lru_cache
from typing import Literal

Coding = Literal["br", "gzip", "identity"]

_COMPRESSED: tuple[Coding, ...] = ("br", "gzip")


@lru_cache(maxsize=256)
def preferred_coding(accept_encoding: str) -> Coding:
    """The coding ranked highest; `br` among equals, `identity` unless asked."""
    ranks = dict(_ranked(part) for part in accept_encoding.lower().split(",") if part.strip())
    anything = ranks.get("*", 0.0)
    best = max(_COMPRESSED, key=lambda coding: ranks.get(coding, anything))
    rank = ranks.get(best, anything)
    return best if rank > 0 and rank >= ranks.get("identity", 0.0) else "identity"


def _ranked(part: str) -> tuple[str, float]:
    name, _, weight = part.partition(";")
    value = weight.strip().removeprefix("q=")
    try:
        return name.strip(), float(value) if value else 1.0
    except ValueError:
        return name.strip(), 0.0
