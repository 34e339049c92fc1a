"""The first opinion: `jsonschema-rs`, with linear patterns where they can be, and no network."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from registry.compatibility.languages.formats import checks
from registry.dialects.keywords import Dialect
from registry.dialects.strict_json import Json

_REGEX = jsonschema_rs.RegexOptions(size_limit=1 << 26, dfa_size_limit=1 << 22)
_LOOKING = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000, size_limit=1 << 26)

_VALIDATORS: dict[Dialect, type[jsonschema_rs.Validator]] = {
    "draft-04": jsonschema_rs.Draft4Validator,
    "draft-06": jsonschema_rs.Draft6Validator,
    "draft-07": jsonschema_rs.Draft7Validator,
    "2019-09": jsonschema_rs.Draft201909Validator,
    "2020-12": jsonschema_rs.Draft202012Validator,
}


def rust_validator(
    dialect: Dialect,
    schema: Any,
    documents: Mapping[str, Json],
    address: str | None,
    *,
    formats: bool,
    look_around: bool,
) -> jsonschema_rs.Validator:
    """A validator of a schema at an address, among `documents`; patterns as `read_pattern` writes.

    `look_around` takes the engine that knows it, with a limit to its steps instead of linear time.
    Raises jsonschema_rs.ValidationError and jsonschema_rs.ReferencingError.
    """
    return _VALIDATORS[dialect](
        schema,
        registry=jsonschema_rs.Registry(documents.items(), retriever=_no_retrieval),
        retriever=_no_retrieval,
        base_uri=address,
        pattern_options=_LOOKING if look_around else _REGEX,
        validate_formats=formats,
        # Before 2019-09 it does not know all of them by itself.
        formats=dict(checks()) if formats else None,
    )


def _no_retrieval(uri: str) -> Any:
    raise LookupError(uri)
