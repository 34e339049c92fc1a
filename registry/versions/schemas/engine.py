"""Schemas in the form the validating engine gets them, with the meaning the standard gives them.

The published text is never changed; this is a copy. Patterns are written for the linear engine,
`$schema` is spelled in the one way the engine knows, references to published schemas are absolute,
and `contentEncoding` and `contentMediaType`, which say nothing of what is valid, are left out.
"""

import re
from typing import Any

import jsonschema_rs

from registry.compatibility.judges.rust import rust_validator
from registry.compatibility.model import Formats
from registry.dialects.documents import Document
from registry.dialects.keywords import SCHEMA_URI
from registry.dialects.patterns import OddPattern, Pattern, read_pattern
from registry.dialects.strict_json import Json, Steps, pointer_to
from registry.errors import Fact, Fault

_ASSERTED = ("contentEncoding", "contentMediaType")


class Engine:
    """The documents of one version, those they refer to included, as the engine reads them."""

    def __init__(self, documents: dict[str, Document]) -> None:
        self._patterns: dict[str, Pattern] = {}
        self._odd: dict[str, list[Fault]] = {name: [] for name in documents}
        self._schemas: dict[str, Any] = {
            name: _Rewriting(self, document).whole() for name, document in documents.items()
        }

    @property
    def pattern_weight(self) -> int:
        """About the size of all patterns in the engine; equal ones are kept once."""
        return sum(pattern.weight for pattern in self._patterns.values())

    def schema(self, document: Document) -> Any:
        return self._schemas[document.address]

    def odd_patterns(self, document: Document) -> list[Fault]:
        """The patterns of a document that no linear engine can run."""
        return self._odd[document.address]

    def validator(self, document: Document, formats: Formats) -> jsonschema_rs.Validator:
        """A validator of the document's schema; raises jsonschema_rs.ValidationError."""
        return rust_validator(
            document.dialect,
            self.schema(document),
            self._schemas,
            document.address,
            formats=formats == "assert",
            look_around=False,
        )

    def pattern(self, name: str, source: str, steps: Steps) -> str:
        """A pattern as the engine gets it; an odd one is a fault, and stays as it is."""
        try:
            if source not in self._patterns:
                self._patterns[source] = read_pattern(source)
        except OddPattern as odd:
            facts: dict[str, Fact] = {"given": source[:200], "position": odd.position}
            self._odd[name].append(Fault(pointer_to(steps), odd.rule, facts))
            return source
        return self._patterns[source].engine

    def source_of(self, engine_pattern: str) -> str:
        """The pattern as its publisher wrote it."""
        plain = engine_pattern.removesuffix("(?:)")
        sources = (source for source, read in self._patterns.items() if read.engine == plain)
        return next(sources, engine_pattern)


class _Rewriting:
    """One document on its way into the engine."""

    def __init__(self, engine: Engine, document: Document) -> None:
        self.engine = engine
        self.document = document

    def whole(self) -> Json:
        schema = self._rewritten((), self.document.root)
        if isinstance(schema, dict):
            schema["$schema"] = SCHEMA_URI[self.document.dialect]
        return schema

    def _rewritten(self, steps: Steps, value: Json) -> Json:
        if isinstance(value, list):
            return [self._rewritten((*steps, place), inner) for place, inner in enumerate(value)]
        if not isinstance(value, dict):
            return value
        copied = {key: self._rewritten((*steps, key), inner) for key, inner in value.items()}
        if steps in self.document.places:
            self._rewrite_schema(steps, copied)
        return copied

    def _rewrite_schema(self, steps: Steps, schema: dict[str, Json]) -> None:
        pattern, named = schema.get("pattern"), schema.get("patternProperties")
        if isinstance(pattern, str):
            schema["pattern"] = self._pattern(pattern, (*steps, "pattern"))
        if isinstance(named, dict):
            schema["patternProperties"] = self._rekeyed(named, (*steps, "patternProperties"))
        for keyword in _ASSERTED:
            if isinstance(schema.get(keyword), str):
                del schema[keyword]
        if schema.get("additionalProperties") is False:
            schema.setdefault("properties", {})  # only then do its errors name the members
        for keyword in ("$ref", "$dynamicRef"):
            target = schema.get(keyword)
            if isinstance(target, str):
                schema[keyword] = re.sub(r"^efa:(?!/)", "efa:/", target)

    def _rekeyed(self, named: dict[str, Json], steps: Steps) -> dict[str, Json]:
        rekeyed: dict[str, Json] = {}
        for source, schema in named.items():
            pattern = self._pattern(source, (*steps, source))
            while pattern in rekeyed:
                pattern += "(?:)"
            rekeyed[pattern] = schema
        return rekeyed

    def _pattern(self, source: str, steps: Steps) -> str:
        return self.engine.pattern(self.document.address, source, steps)
