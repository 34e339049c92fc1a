"""Finds a document that fits some schemas and not others, or proves that there is none.

A goal is a set of literals: schemas that a document must fit, and schemas it must not. For each
JSON type the goal is written out as a formula of plain demands (`formulas`), alternatives are tried
one by one (`search`), and what is then left is a question about numbers, strings, arrays or objects
alone. Questions about members and elements are goals again. Documents are finite, so a goal that
is met again while it is being answered adds no document: recursion ends.
"""

from registry.compatibility.solver.find import (
    Empty,
    Found,
    Outcome,
    Questions,
    Undecided,
    find,
)

__all__ = ["Empty", "Found", "Outcome", "Questions", "Undecided", "find"]
