"""The forms of a report: for people, for merge requests, for the machines of a pipeline."""

from collections.abc import Callable

import msgspec

from registry.cli.checking.formats import gitlab, junit, markdown, sarif
from registry.cli.checking.model import Report
from registry.compatibility.rules import Language

TEXT = "text"

Form = Callable[[Report, Language], str]


def _json(report: Report, _: Language) -> str:
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"


FORMS: dict[str, Form] = {
    "json": _json,
    "gitlab": gitlab.form,
    "sarif": sarif.form,
    "junit": junit.form,
    "markdown": markdown.form,
}
