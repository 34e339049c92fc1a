"""Schemas at the places of documents, as the solver knows them: what is alike is read once."""

from registry.compatibility.changes.change import Starts
from registry.compatibility.changes.places import at
from registry.compatibility.solver.terms import Graph, Node, Reader
from registry.dialects.strict_json import Json


class Form:
    """A plain schema, as published or with a change undone."""

    def __init__(self, graph: Graph, root: Json) -> None:
        self._graph = graph
        self._root = root
        self._reader = Reader(graph, root)

    def at(self, starts: Starts) -> Node:
        """All that these schemas say together."""
        nodes = tuple(self._reader.read(at(self._root, steps)) for steps in starts)
        return nodes[0] if len(nodes) == 1 else self._graph.intern({"allOf": nodes})
