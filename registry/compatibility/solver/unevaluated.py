"""Which members or elements a node's own keywords look at, in each case its branches can make.

JSON Schema 2020-12, Core 11: `unevaluatedProperties` and `unevaluatedItems` speak of what no other
keyword applying at the same place has looked at; that hangs on which branches the document fits.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from registry.compatibility.solver.demands import Where
from registry.compatibility.solver.terms import Graph, Node

_MAX_CASES = 128
_MAX_DEPTH = 30


class TooManyCases(Exception):
    """The branches make more cases than are worth writing out."""


@dataclass(frozen=True, slots=True)
class Case:
    """A combination of branches: its literals, and what is looked at when they hold."""

    lits: frozenset[int] = frozenset()
    all: bool = False
    names: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    index: int = 0
    contained: tuple[Node, ...] = ()
    of_object: bool = True

    @property
    def where(self) -> Where | None:
        if not self.of_object:
            return None
        return Where((), tuple(sorted(self.patterns)), self.names)

    def with_(self, other: "Case") -> "Case":
        return replace(
            self,
            lits=self.lits | other.lits,
            all=self.all or other.all,
            names=self.names | other.names,
            patterns=self.patterns | other.patterns,
            index=max(self.index, other.index),
            contained=(*self.contained, *other.contained),
        )


Own = Callable[[dict[str, Any]], Case]


def members_left(graph: Graph, node: Node) -> list[Case]:
    """The cases for `unevaluatedProperties` of this node."""
    without = {k: v for k, v in node.keywords.items() if k != "unevaluatedProperties"}
    return _possible(_Branches(_own_members, graph).cases(without, 0))


def elements_left(node: Node) -> list[Case]:
    """The cases for `unevaluatedItems` of this node."""
    without = {k: v for k, v in node.keywords.items() if k != "unevaluatedItems"}
    cases = _Branches(_own_items, None).cases(without, 0)
    return [replace(case, of_object=False) for case in _possible(cases)]


def _own_members(keywords: dict[str, Any]) -> Case:
    return Case(
        all="additionalProperties" in keywords or "unevaluatedProperties" in keywords,
        names=frozenset(keywords.get("properties", ())),
        patterns=frozenset(keywords.get("patternProperties", ())),
    )


def _own_items(keywords: dict[str, Any]) -> Case:
    contained = keywords.get("contains")
    return Case(
        all="items" in keywords or "unevaluatedItems" in keywords,
        index=len(keywords.get("prefixItems", ())),
        contained=() if contained is None else (contained,),
    )


class _Branches:
    """The ways a document can take through the branches of a node."""

    def __init__(self, own: Own, graph: Graph | None) -> None:
        self.own = own
        self.graph = graph

    def cases(self, keywords: dict[str, Any], depth: int) -> list[Case]:
        if depth > _MAX_DEPTH:
            raise TooManyCases
        cases = [self.own(keywords)]
        for node in keywords.get("allOf", ()):
            cases = _product(cases, self.cases(node.keywords, depth + 1))
        for node in keywords.get("anyOf", ()):
            cases = _product(cases, self._either(node, node, depth))
        if "oneOf" in keywords:
            cases = _product(cases, self._one_of(keywords["oneOf"], depth))
        if "if" in keywords:
            cases = _product(cases, self._conditional(keywords, depth))
        return _product(cases, self._dependent(keywords.get("dependentSchemas", {}), depth))

    def _either(self, condition: Node, node: Node, depth: int) -> list[Case]:
        """The condition holds, and the node looks at something, or it does not hold."""
        inside = self.cases(node.keywords, depth + 1)
        if not any(_looks(case) for case in inside):
            return [Case()]
        held = _product([Case(lits=frozenset([2 * condition.uid]))], inside)
        return [*held, Case(lits=frozenset([2 * condition.uid + 1]))]

    def _dependent(self, nodes: dict[str, Node], depth: int) -> list[Case]:
        """Only objects have members that schemas can depend on."""
        cases = [Case()]
        if self.graph is not None:
            for name, node in nodes.items():
                present = self.graph.intern({"required": (name,)})
                cases = _product(cases, self._either(present, node, depth))
        return cases

    def _one_of(self, nodes: Sequence[Node], depth: int) -> list[Case]:
        found: list[Case] = []
        if len(nodes) > _MAX_CASES:
            raise TooManyCases
        for node in nodes:
            others = frozenset(2 * other.uid + 1 for other in nodes if other is not node)
            first = Case(lits=others | {2 * node.uid})
            found += _product([first], self.cases(node.keywords, depth + 1))
        return found

    def _conditional(self, keywords: dict[str, Any], depth: int) -> list[Case]:
        condition: Node = keywords["if"]
        then, other = keywords.get("then"), keywords.get("else")
        held = [Case(lits=frozenset([2 * condition.uid]))]
        held = _product(held, self.cases(condition.keywords, depth + 1))
        if then is not None:
            held = _product(held, self.cases(then.keywords, depth + 1))
        failed = [Case(lits=frozenset([2 * condition.uid + 1]))]
        if other is not None:
            failed = _product(failed, self.cases(other.keywords, depth + 1))
        return [*held, *failed]


def _product(first: Sequence[Case], second: Sequence[Case]) -> list[Case]:
    if len(first) * len(second) > _MAX_CASES:
        raise TooManyCases
    return [one.with_(other) for one, other in product(first, second)]


def _looks(case: Case) -> bool:
    return bool(case.all or case.names or case.patterns or case.index or case.contained)


def _possible(cases: Iterable[Case]) -> list[Case]:
    """Without the cases whose literals contradict each other."""
    return [case for case in cases if not any(lit ^ 1 in case.lits for lit in case.lits)]
