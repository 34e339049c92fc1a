"""What validating against a schema can cost at most, counted before anything is validated.

The cost of a schema is 1 and the cost of every schema that applies within it, references followed
and counted each time they are met. A reference that leads back to a schema in progress counts
nothing more: a document ends somewhere. It must lead one level deeper, else validation never ends.
"""

from collections.abc import Iterator

from registry.dialects.documents import Document, Node, find, references
from registry.dialects.keywords import children, hides_siblings

Edges = dict[Node, list[tuple[Node, bool]]]
"""From each schema to those that apply within it; True where they apply to the same place."""


def edges_of(documents: dict[str, Document]) -> Edges:
    """The graph of all documents, whose references were followed before."""
    edges: Edges = {}
    for name, document in documents.items():
        for steps, place in document.places.items():
            schema = place.schema
            hidden = isinstance(schema, dict) and hides_siblings(document.dialect, schema)
            applying = [] if hidden else children(document.dialect, schema)
            edges[name, steps] = [
                ((name, (*steps, *child.steps)), child.effect == "same")
                for child in applying
                if child.effect != "none"
            ]
    for name, document in documents.items():
        for reference in references(document):
            targets = _targets(documents, reference.keyword, reference.target)
            edges[name, reference.steps] += [(target, True) for target in targets]
    return edges


def _targets(documents: dict[str, Document], keyword: str, target: str) -> list[Node]:
    """Where a reference can lead; a dynamic one to every place that bears its name."""
    found = find(documents, target)
    nodes = [] if found is None else [found]
    if keyword != "$ref":
        anchor = target.partition("#")[2] if keyword == "$dynamicRef" else ""
        nodes += [
            (document.address, steps)
            for document in documents.values()
            for steps in document.dynamic.get(anchor, [])
            if (document.address, steps) != found
        ]
    return nodes


def endless_loop(edges: Edges) -> Node | None:
    """A schema that applies to the very place it is applied to, by whatever detour."""
    done: set[Node] = set()
    for start in edges:
        path: dict[Node, Iterator[Node]] = {} if start in done else {start: _same(edges, start)}
        while path:
            node, following = next(reversed(path.items()))
            inner = next(following, None)
            if inner is None:
                done.add(node)
                del path[node]
            elif inner in path:
                return inner
            elif inner not in done:
                path[inner] = _same(edges, inner)
    return None


def _same(edges: Edges, node: Node) -> Iterator[Node]:
    return (target for target, same_place in edges[node] if same_place)


def cost_of(edges: Edges, start: Node, bound: int) -> int:
    """The cost of the schema at `start`, or a number above `bound`."""
    costs: dict[Node, int] = {}
    path: dict[Node, Iterator[tuple[Node, bool]]] = {start: iter(edges[start])}
    while path:
        node, following = next(reversed(path.items()))
        inner = next(following, None)
        if inner is None:
            total = 1 + sum(costs.get(target, 0) for target, _ in edges[node])
            costs[node] = min(total, bound + 1)
            del path[node]
        elif inner[0] not in costs and inner[0] not in path:
            path[inner[0]] = iter(edges[inner[0]])
    return costs[start]
