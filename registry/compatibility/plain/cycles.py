"""References that come back to themselves at one place of a document ask for nothing that ends.

The specification leaves their meaning open (2020-12 core, 9.4.1), and no reader of a plain form
should have to guard against them: the reference that closes the circle becomes opaque.
"""

from collections.abc import Iterator

from registry.dialects.strict_json import Json

Node = dict[str, Json]

_ONE = ("not", "if", "then", "else")
_MANY = ("allOf", "anyOf", "oneOf")


def circles(definitions: Node) -> list[tuple[Node, str]]:
    """The nodes whose `$ref` closes a circle, and the name of the definition they lead to."""
    edges = {name: list(_references(schema)) for name, schema in definitions.items()}
    found: list[tuple[Node, str]] = []
    done: set[str] = set()
    for start in edges:
        if start in done:
            continue
        path = {start: iter(edges[start])}
        while path:
            name, waiting = next(reversed(path.items()))
            node, target = next(waiting, (None, ""))
            if node is None:
                done.add(name)
                del path[name]
            elif target in path:
                found.append((node, target))
            elif target not in done:
                path[target] = iter(edges[target])
    return found


def _references(schema: Json) -> Iterator[tuple[Node, str]]:
    """The references that apply where the schema applies."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        target = node.get("$ref")
        if isinstance(target, str):
            yield node, target.removeprefix("#/$defs/")
        waiting += [node[keyword] for keyword in _ONE if keyword in node]
        for keyword in _MANY:
            members = node.get(keyword)
            waiting += members if isinstance(members, list) else ()
        named = node.get("dependentSchemas")
        waiting += named.values() if isinstance(named, dict) else ()
