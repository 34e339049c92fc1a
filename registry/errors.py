"""Refusals: what the registry declines to do, as values of the domain.

Refusal
├── Malformed                the request cannot be read                       400
│   ├── MalformedKey         neither a regional key nor a slug
│   └── BadCursor            a paging cursor that was not made here
├── NotAuthenticated         no valid token                                   401
├── NotYours                 the caller may read it, but not do this          403
├── NotFound                 nothing there, or not for this caller to know    404
├── Conflict                 clashes with what is recorded                    409
├── StaleState               If-Match names an older state                    412
├── Unprocessable            well-formed, but against a rule                  422
├── PreconditionRequired     If-Match or If-None-Match is missing             428
└── SetupProblem             the installation cannot start (command line only)

A leaf of these has its own `code`; rooms define the leaves only they raise in their `model.py`.
Texts in German and English are in `web/problems.toml`, by code; facts fill their gaps.
"""

from dataclasses import dataclass, field
from typing import ClassVar

Fact = str | int | float | bool | None | list[str] | dict[str, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One place in the caller's input that is wrong: where (RFC 6901 pointer) and which rule."""

    pointer: str
    rule: str
    facts: dict[str, Fact] = field(default_factory=dict[str, Fact])


class Refusal(Exception):
    """Base of all refusals; `facts` become members of the problem document (RFC 9457)."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 500

    def __init__(self, *faults: Fault, **facts: Fact) -> None:
        super().__init__(self.code, facts)
        self.faults = faults
        self.facts = facts

    @property
    def members(self) -> dict[str, object]:
        """What a problem document tells besides its texts."""
        return dict(self.facts)

    def __str__(self) -> str:
        facts = ", ".join(f"{name}={value}" for name, value in self.facts.items())
        places = "; ".join(f"{fault.pointer or '/'}: {fault.rule}" for fault in self.faults)
        return " ".join(part for part in (self.code, facts, places) if part)


class Malformed(Refusal):
    code = "malformed-request"
    status = 400


class MalformedKey(Malformed):
    code = "malformed-key"


class BadCursor(Malformed):
    code = "bad-cursor"


class NotAuthenticated(Refusal):
    code = "not-authenticated"
    status = 401


class NotYours(Refusal):
    code = "not-yours"
    status = 403


class NotFound(Refusal):
    code = "not-found"
    status = 404


class Conflict(Refusal):
    code = "conflict"
    status = 409


class StaleState(Refusal):
    code = "stale-state"
    status = 412


class Unprocessable(Refusal):
    code = "unprocessable"
    status = 422


class PreconditionRequired(Refusal):
    code = "precondition-required"
    status = 428


class SetupProblem(Refusal):
    """The installation cannot start or go on; `what` says why and what to do, in one sentence."""

    code = "setup-problem"
    status = 503

    def __init__(self, what: str) -> None:
        super().__init__(what=what)

    def __str__(self) -> str:
        return str(self.facts["what"])
