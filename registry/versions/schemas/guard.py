"""What a schema must be to be published: readable, valid in its dialect, closed and affordable.

Foreign schemas are hostile input: nothing is fetched, every pattern runs in linear time, and what
validating can cost is bounded before a single document is looked at. Each refusal is a fault with
its place in the schema, the rule, and the facts its text needs.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import jsonschema_rs
import msgspec

from registry.compatibility.texts import text_of
from registry.dialects.documents import (
    Document,
    Reference,
    address,
    find,
    follow_references,
    published_place,
    read_document,
    references,
    version_of,
)
from registry.dialects.keywords import Dialect, identifier
from registry.dialects.strict_json import Limits, Unreadable, lines_of, pointer_to, read_json
from registry.errors import Fact, Fault
from registry.versions.schemas.cost import cost_of, edges_of, endless_loop
from registry.versions.schemas.demands import limit_of
from registry.versions.schemas.engine import Engine

LIMITS = Limits(bytes=1 << 20, depth=64, nodes=20_000)
MAX_COST = 50_000
MAX_ENUM = 5_000
MAX_PATTERN_WEIGHT = 1_000_000
MAX_FAULTS = 50

Published = tuple[str, str, str]
"""Service, version and interface of a published schema."""


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What was found out about the schemas of one version, by interface.

    `faults` have pointers into the schema; `references` are the schemas an interface refers to, in
    its own version or another, `wanted` published ones that must be given before more can be said.
    """

    faults: dict[str, list[Fault]]
    dialects: dict[str, Dialect] = {}
    references: dict[str, list[Published]] = {}
    wanted: list[Published] = []


def examine(
    service: str,
    version: str,
    schemas: Mapping[str, bytes],
    published: Mapping[Published, bytes] | None,
) -> Examined:
    """Examine all schemas of a version together.

    `published` are all texts there are of what they refer to elsewhere; None: not looked up yet.
    """
    faults: dict[str, list[Fault]] = {interface: [] for interface in schemas}
    given = published or {}
    documents = {address(*place): _published(place, text) for place, text in given.items()}
    own: dict[str, Document] = {}
    for interface, text in schemas.items():
        try:
            name = address(service, version, interface)
            documents[name] = own[interface] = read_document(name, read_json(text, LIMITS))
        except Unreadable as refusal:
            faults[interface].append(refusal.fault)
    wanted = _examine_documents(documents, own, faults, complete=published is not None)
    return Examined(
        faults={name: _placed(found, schemas[name]) for name, found in faults.items() if found},
        dialects={interface: document.dialect for interface, document in own.items()},
        references={name: _referred_to(documents, document) for name, document in own.items()},
        wanted=wanted,
    )


def _published(place: Published, text: bytes) -> Document:
    name = address(*place)
    return read_document(name, read_json(text, LIMITS))


def _examine_documents(
    documents: dict[str, Document],
    own: dict[str, Document],
    faults: dict[str, list[Fault]],
    *,
    complete: bool,
) -> list[Published]:
    """Add all faults, the dear checks only where the cheap ones passed; returns what is wanted."""
    follow_references(documents)
    engine = Engine(documents)
    for interface, document in own.items():
        faults[interface] += [
            *document.faults,
            *_taken_names(documents, document),
            *_long_enums(document),
            *engine.odd_patterns(document),
            *_invalid_in_dialect(engine, document),
        ]
    if any(faults.values()):
        return []
    wanted = _resolve(documents, own, faults, complete=complete)
    if wanted or any(faults.values()):
        return wanted
    _require_affordable(documents, own, faults)
    if not any(faults.values()):
        _require_compilable(engine, own, faults)
    return []


def _long_enums(document: Document) -> list[Fault]:
    return [
        Fault(pointer_to((*steps, "enum")), "enum-too-long", {"limit": MAX_ENUM})
        for steps, place in document.places.items()
        if isinstance(place.schema, dict)
        and isinstance(options := place.schema.get("enum"), list)
        and len(options) > MAX_ENUM
    ]


def _invalid_in_dialect(engine: Engine, document: Document) -> list[Fault]:
    """What the dialect of a schema does not allow in it: the first such place."""
    try:
        jsonschema_rs.meta.validate(engine.schema(document))
    except jsonschema_rs.ValidationError as error:
        facts = {
            "given": text_of(cast("Any", error.instance))[:80],
            "dialect": document.dialect,
            **limit_of(_nearest(error).kind),
        }
        return [Fault(pointer_to(tuple(error.instance_path)), "dialect-violated", facts)]
    return []


def _nearest(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """What fails in the first alternative of a choice: that one is listed nowhere."""
    kind: Any = error.kind
    branches = [branch for branch in getattr(kind, "context", ()) if branch]
    return _nearest(branches[0][0]) if branches else error


def _resolve(
    documents: dict[str, Document],
    own: dict[str, Document],
    faults: dict[str, list[Fault]],
    *,
    complete: bool,
) -> list[Published]:
    """Add a fault for each reference that leads nowhere; returns what must be given to tell."""
    wanted: set[Published] = set()
    for interface, document in own.items():
        for reference in references(document):
            found = find(documents, reference.target)
            if found and (found[0] == document.address or reference.crosses_documents_well):
                continue
            unknown = found is None and not complete
            place = _published_elsewhere(documents, document, reference) if unknown else None
            if place is None:
                faults[interface].append(_leading_nowhere(document, reference))
            else:
                wanted.add(place)
    return sorted(wanted)


def _published_elsewhere(
    documents: dict[str, Document], document: Document, reference: Reference
) -> Published | None:
    """The schema of another version that a reference names and that was not given."""
    place = published_place(reference.target)
    if place is None or not reference.crosses_documents_well:
        return None
    name = address(*place)
    return None if name in documents or version_of(name) == version_of(document.address) else place


def _leading_nowhere(document: Document, reference: Reference) -> Fault:
    within = reference.target.partition("#")[0] in document.names
    named = published_place(reference.target) and reference.crosses_documents_well
    rule = "reference-dangling" if within or named else "reference-outside"
    facts: dict[str, Fact] = {"target": reference.written[:500]}
    return Fault(pointer_to((*reference.steps, reference.keyword)), rule, facts)


def _referred_to(documents: dict[str, Document], document: Document) -> list[Published]:
    """The other schemas a schema refers to itself."""
    found = (find(documents, reference.target) for reference in references(document))
    addresses = {node[0] for node in found if node} - {document.address}
    return sorted(place for each in addresses if (place := published_place(each)))


def _taken_names(documents: dict[str, Document], document: Document) -> list[Fault]:
    """A schema must not give itself the address of another one."""
    return [
        Fault(pointer_to((*steps, identifier(document.dialect))), "id-reserved", {"given": name})
        for name, steps in document.names.items()
        if name in documents and name != document.address
    ]


def _require_affordable(
    documents: dict[str, Document], own: dict[str, Document], faults: dict[str, list[Fault]]
) -> None:
    edges = edges_of(documents)
    loop = endless_loop(edges)
    for interface, document in own.items():
        if loop and loop[0] == document.address:
            faults[interface].append(Fault(pointer_to(loop[1]), "reference-loop"))
        elif cost_of(edges, (document.address, ()), MAX_COST) > MAX_COST:
            faults[interface].append(Fault("", "too-costly", {"limit": MAX_COST}))


def _require_compilable(
    engine: Engine, own: dict[str, Document], faults: dict[str, list[Fault]]
) -> None:
    if engine.pattern_weight > MAX_PATTERN_WEIGHT:
        facts = {"limit": MAX_PATTERN_WEIGHT}
        for found in faults.values():
            found.append(Fault("", "patterns-too-large", {**facts}))
        return
    for interface, document in own.items():
        try:
            engine.validator(document, "assert")
        except jsonschema_rs.ValidationError as error:
            place = pointer_to(tuple(error.instance_path))
            faults[interface].append(Fault(place, "schema-unusable", limit_of(error.kind)))
        except ValueError:  # it looks for names only where the grammar knows schemas
            facts = {"keyword": "$ref", "limit": ""}
            faults[interface].append(Fault("", "schema-unusable", {**facts}))


def _placed(faults: list[Fault], text: bytes) -> list[Fault]:
    """The first faults, each with its line in the text where it has a place in it."""
    shown = faults[:MAX_FAULTS]
    pointers = {fault.pointer for fault in shown if fault.pointer}
    lines = lines_of(text.decode(), pointers) if pointers else {}
    return [
        replace(fault, facts=fault.facts | {"line": lines[fault.pointer]})
        if fault.pointer in lines
        else fault
        for fault in shown
    ]
