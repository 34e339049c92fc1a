"""Two validators that say whether a document is valid: `jsonschema-rs`, and Python's `jsonschema`.

A schema is judged as published, in its own dialect. Where `jsonschema-rs` refuses it (an earlier
form in a later dialect, a reference that leads nowhere), and for the second opinion also where it
mixes dialects, its plain form is judged. No network is ever asked.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, cast

import jsonschema_rs
from jsonschema import FormatChecker
from jsonschema.exceptions import UndefinedTypeCheck, UnknownType
from jsonschema.protocols import Validator
from referencing.exceptions import Unresolvable

from registry.compatibility.judges.copies import Copy, Engine, dialects, original, variants
from registry.compatibility.judges.formats import KNOWN_TO_ONE, second_checker
from registry.compatibility.judges.python import python_validator
from registry.compatibility.judges.rust import rust_validator
from registry.compatibility.model import Formats, Schema
from registry.compatibility.plain import Plain, plain
from registry.dialects.strict_json import Json

_REFUSED = (ValueError, jsonschema_rs.ReferencingError)
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_NO_OPINION = (
    *(ValueError, OverflowError, RecursionError),
    *(Unresolvable, UnknownType, UndefinedTypeCheck),
)


class Judge:
    """Both validators for one schema; each is made when it is first asked.

    An answer is None where a validator has no opinion: a pattern that none can run safely, or
    an outcome that hangs on an assertion nobody knows.
    """

    def __init__(
        self, schema: Schema | Plain, *, formats: Formats = "annotate", form: Plain | None = None
    ) -> None:
        self._schema = schema
        self._formats: Formats = formats
        self._form = schema if isinstance(schema, Plain) else form

    def valid_rs(self, value: Json) -> bool | None:
        """What `jsonschema-rs` says."""
        return _opinion(lambda: self._rs, value)

    def valid_py(self, value: Json) -> bool | None:
        """What Python's `jsonschema` says; a format it does not know it takes from the other."""
        return _opinion(lambda: self._py, value)

    def valid_py_alone(self, value: Json) -> bool | None:
        """What Python's `jsonschema` says by itself; None where it does not know a format."""
        if self._formats == "annotate" or KNOWN_TO_ONE.isdisjoint(self._plain.formats):
            return self.valid_py(value)
        return _opinion(lambda: self._py_alone, value)

    @cached_property
    def _plain(self) -> Plain:
        if self._form is None and not isinstance(self._schema, Plain):
            self._form = plain(self._schema, formats=self._formats)
        return cast("Plain", self._form)

    @cached_property
    def _published(self) -> jsonschema_rs.Validator | None:
        """The validator of the schema as it was written, where there is one."""
        if isinstance(self._schema, Plain):
            return None
        try:
            schema = self._schema
            return self._first(lambda engine: [original(schema, self._plain, engine)])[0]
        except _REFUSED:
            return None

    @cached_property
    def _rs(self) -> list[jsonschema_rs.Validator]:
        if self._published is not None:
            return [self._published]
        return self._first(
            lambda engine: [Copy("2020-12", root, "", {}) for root in variants(self._plain, engine)]
        )

    @cached_property
    def _py(self) -> list[Validator]:
        return self._second(second_checker())

    @cached_property
    def _py_alone(self) -> list[Validator]:
        return self._second(second_checker(alone=True))

    def _second(self, formats: FormatChecker) -> list[Validator]:
        schema, checker = self._schema, formats if self._formats == "assert" else None
        if isinstance(schema, Plain) or self._published is None or self._needs_plain:
            forms = variants(self._plain, "python")
            return [python_validator("2020-12", root, checker=checker) for root in forms]
        copy = original(schema, self._plain, "python")
        return [
            python_validator(
                copy.dialect,
                copy.root,
                address=copy.address,
                others=copy.others,
                checker=checker,
            )
        ]

    @property
    def _needs_plain(self) -> bool:
        """Whether the slower validator would mix dialects, or follow a reference in a circle."""
        circular = any(opaque.keyword in _REFERENCES for opaque in self._plain.opaque)
        return circular or dialects(self._plain) > 1

    def _first(self, copies: Callable[[Engine], Sequence[Copy]]) -> list[jsonschema_rs.Validator]:
        """Validators with linear patterns where they can be made, else with look-around."""
        try:
            return [self._rust(copy, look_around=False) for copy in copies("linear")]
        except jsonschema_rs.ValidationError:
            return [self._rust(copy, look_around=True) for copy in copies("looking")]

    def _rust(self, copy: Copy, *, look_around: bool) -> jsonschema_rs.Validator:
        own = {copy.address: copy.root} if copy.address else {}
        return rust_validator(
            copy.dialect,
            copy.root,
            {**copy.others, **own},
            copy.address or None,
            formats=self._formats == "assert",
            look_around=look_around,
        )


def _agreed(answers: Sequence[bool]) -> bool | None:
    return answers[0] if answers and len(set(answers)) == 1 else None


def _opinion(validators: Callable[[], Sequence[Any]], value: Any) -> bool | None:
    """What all of them say; making them may fail as judging may."""
    try:
        return _agreed([validator.is_valid(value) for validator in validators()])
    except _NO_OPINION:
        return None
