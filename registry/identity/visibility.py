"""Who sees what and who may do what, read from the one table that says so (`visibility.toml`).

The rules themselves are enforced by `authority` and by row security; a test holds both to it.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import msgspec

from registry.errors import SetupProblem

CallerKind = Literal[
    "anonymous",
    "expired",
    "revoked",
    "other",
    "own",
    "person",
    "land",
    "builder",
    "delegate",
    "delegate_elsewhere",
    "auditor",
    "auditor_elsewhere",
    "operator",
]
KINDS: tuple[CallerKind, ...] = get_args(CallerKind)
# Who signed in may what a token of the body with the same scopes may.
SAME_AS: dict[CallerKind, CallerKind] = {"person": "own"}
STRANGERS: frozenset[CallerKind] = frozenset({"anonymous", "expired", "revoked"})

_TABLE = Path(__file__).with_suffix(".toml")


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that is not public, and who sees it."""

    what: str
    sees: frozenset[CallerKind]


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One route: who reads it (`sees`) or who may do it (`may`), see the head of the table."""

    sees: str | None = None
    may: frozenset[CallerKind] | Literal["known"] | None = None
    hides: frozenset[CallerKind] = frozenset()
    refused: int = 403
    shows: tuple[str, ...] = ()


class Visibility(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole table: private parts by name, rules by method and path template."""

    parts: dict[str, Part]
    routes: dict[str, Rule]

    def statuses(self, rule: Rule, kind: CallerKind) -> frozenset[int]:
        """What this kind of caller is refused with; none: it is answered."""
        if rule.sees == "person":
            return frozenset() if kind in SAME_AS else frozenset({401})
        return self._seeing(rule, SAME_AS.get(kind, kind))

    def _seeing(self, rule: Rule, kind: CallerKind) -> frozenset[int]:
        if rule.may is not None:
            return self._doing(rule, kind)
        if rule.sees == "all":
            return frozenset()
        if rule.sees == "browser":
            return frozenset({403})
        if kind in ("expired", "revoked"):
            return frozenset({401})
        if rule.sees == "mixed":
            return frozenset()
        if rule.sees == "job":
            return frozenset({403})
        if rule.sees == "known":
            return frozenset({401}) if kind == "anonymous" else frozenset()
        return frozenset() if kind in self.parts[str(rule.sees)].sees else frozenset({401, 404})

    def _doing(self, rule: Rule, kind: CallerKind) -> frozenset[int]:
        if kind in STRANGERS:
            return frozenset({401})
        if rule.may == "known" or kind in (rule.may or ()):
            return frozenset()
        return frozenset({404}) if kind in rule.hides else frozenset({403, rule.refused})


@cache
def visibility() -> Visibility:
    """The table; refuses one that names a part it does not describe."""
    table = msgspec.convert(tomllib.loads(_TABLE.read_text(encoding="utf-8")), Visibility)
    known = table.parts.keys() | {"all", "mixed", "known", "job", "browser", "person"}
    for route, rule in table.routes.items():
        if not {*rule.shows, rule.sees or "all"} <= known:
            raise SetupProblem(f"{_TABLE.name} does not describe all that {route} shows.")
    return table
