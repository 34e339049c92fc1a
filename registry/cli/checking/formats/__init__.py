"""The forms of a report: for people, for merge requests, for the machines of a pipeline."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from registry.cli.checking.formats import gitlab, junit, markdown, sarif, text
from registry.cli.checking.model import Report
from registry.compatibility.rules import Language

TEXT = "text"


class Form(Protocol):
    """Writes a report; `everything`: with what decides nothing, too."""

    def __call__(self, report: Report, language: Language, *, everything: bool) -> str: ...


def _json(report: Report, language: Language, *, everything: bool) -> str:  # noqa: ARG001
    """All of it in both languages."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


FORMS: Mapping[str, Form] = {
    TEXT: text.form,
    "json": _json,
    "gitlab": gitlab.form,
    "sarif": sarif.form,
    "junit": junit.form,
    "markdown": markdown.form,
}
