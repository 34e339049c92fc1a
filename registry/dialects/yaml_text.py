"""A schema written in YAML: the JSON value it means, and where each of its places begins.

Only what all readers of YAML agree on is read. What means one thing in YAML 1.1 and another in 1.2
(`no`, `0777`) is refused, and so are aliases and tags, which JSON does not have.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import yaml

from registry.dialects.strict_json import (
    MAX_DIGITS,
    MAX_EXPONENT,
    Json,
    Limits,
    Steps,
    pointer_to,
)

YAML = (".yaml", ".yml")
"""How files in it end."""

Positions = dict[str, tuple[int, int]]

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+(?:[eE]([-+]\d+))?)?", re.ASCII)
_DOUBTFUL = re.compile(
    r"(?i:yes|no|on|off|[-+]?\.inf|\.nan)|[-+]?0[0-9_xob][0-9a-fA-F_]*"
    r"|[-+]?\d[\d_]*(?:\.[\d_]*)?|[-+]?\.\d[\d_]*"
    r"|[-+]?[\d.]+[eE][-+]?\d+|[-+]?\d+(?::\d+)+|\d{4}-\d{1,2}-\d{1,2}(?:[Tt ].*)?",
    re.ASCII,
)


class OddYaml(Exception):
    """The text is refused: line (from 1), the rule, and what was written."""

    def __init__(self, line: int, rule: str, given: str = "") -> None:
        super().__init__(line, rule, given)
        self.line, self.rule, self.given = line, rule, given


def read_yaml(text: str, limits: Limits) -> tuple[Json, Positions]:
    """The value, and line and column (from 1) of each place by its pointer; raises OddYaml."""
    reading = _Reading(limits)
    try:
        reading.take(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise OddYaml(line, "yaml-broken", str(error.problem)) from None
    except yaml.YAMLError as error:
        raise OddYaml(1, "yaml-broken", str(error)) from None
    return reading.value, reading.positions


class _Reading:
    """Events become values from the outside in, without recursion."""

    def __init__(self, limits: Limits) -> None:
        self.value: Json = None
        self.positions: Positions = {}
        self._limits = limits
        self._open: list[dict[str, Json] | list[Json]] = []
        self._steps: list[str | int | None] = []
        self._documents = 0

    def take(self, events: Iterable[Any]) -> None:
        for event in events:
            self._event(event, event.start_mark.line + 1)
        if not self._documents:
            raise OddYaml(1, "yaml-empty")

    def _event(self, event: Any, line: int) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise OddYaml(line, "yaml-documents")
            case yaml.AliasEvent():
                raise OddYaml(line, "yaml-alias", str(event.anchor))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()
            case yaml.ScalarEvent() | yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._node(event, line)
            case _:
                pass

    def _close(self) -> None:
        self._open.pop()
        self._steps.pop()
        if self._open and isinstance(self._open[-1], dict):
            self._steps[-1] = None

    def _node(self, event: Any, line: int) -> None:
        if event.tag is not None:
            raise OddYaml(line, "yaml-tag", str(event.tag))
        if self._awaits_key():
            self._key(event, line)
            return
        value = self._begun(event, line)
        self._place(value, event.start_mark)
        if isinstance(value, dict | list):
            if len(self._open) >= self._limits.depth:
                raise OddYaml(line, "too-deep")
            self._open.append(value)
            self._steps.append(None)

    def _awaits_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1], dict) and self._steps[-1] is None

    def _begun(self, event: Any, line: int) -> Json:
        if isinstance(event, yaml.MappingStartEvent):
            return {}
        if isinstance(event, yaml.SequenceStartEvent):
            return []
        return event.value if event.style else _plain(event.value, line)

    def _key(self, event: Any, line: int) -> None:
        if not isinstance(event, yaml.ScalarEvent):
            raise OddYaml(line, "yaml-key")
        name = str(event.value)
        if not event.style and name == "<<":
            raise OddYaml(line, "yaml-merge")
        if not event.style and not isinstance(_plain(name, line), str):
            raise OddYaml(line, "yaml-doubtful", name)
        if name in self._open[-1]:
            raise OddYaml(line, "yaml-key-twice", name)
        self._steps[-1] = name

    def _place(self, value: Json, mark: Any) -> None:
        """Put a value where it belongs, and remember where it begins."""
        if not self._open:
            self.value = value
        steps = self._advanced(value)
        self.positions[pointer_to(steps)] = (mark.line + 1, mark.column + 1)
        if len(self.positions) > self._limits.nodes:
            raise OddYaml(mark.line + 1, "too-many-values")

    def _advanced(self, value: Json) -> Steps:
        """The steps to the value, which is now in the collection that is open."""
        outer: tuple[Any, ...] = tuple(self._steps[:-1])
        if not self._open:
            return ()
        inner = self._open[-1]
        if isinstance(inner, list):
            inner.append(value)
            self._steps[-1] = len(inner) - 1
            return (*outer, len(inner) - 1)
        name = str(self._steps[-1])
        inner[name] = value
        if not isinstance(value, dict | list):
            self._steps[-1] = None
        return (*outer, name)


def _plain(text: str, line: int) -> Json:
    """What a scalar without quotes means."""
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.fullmatch(text)
    if number is None:
        if _DOUBTFUL.fullmatch(text):
            raise OddYaml(line, "yaml-doubtful", text)
        return text
    if len(text) > MAX_DIGITS or abs(int((number[2] or "0")[:9])) > MAX_EXPONENT:
        raise OddYaml(line, "yaml-number", text[:40])
    return int(text) if number[1] is None else Decimal(text)
