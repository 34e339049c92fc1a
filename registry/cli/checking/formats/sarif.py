"""The report as SARIF 2.1.0 (OASIS), which GitHub and many editors show."""

import json
from itertools import chain
from typing import Any
from urllib.parse import quote

from registry import __version__
from registry.cli.checking.formats import phrases
from registry.cli.checking.model import Found, InterfaceReport, Location, Report, mark_of
from registry.compatibility.model import Severity
from registry.compatibility.rules import Language, rules
from registry.web.texts import problem_text, problem_texts

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: dict[Severity, str] = {
    "breaking": "error",
    "unknown": "error",
    "compatible": "note",
    "remark": "note",
}


def form(report: Report, language: Language, *, everything: bool) -> str:
    """One run with a result for each finding; excepted ones are suppressed."""
    results = _results(report, language, everything=everything)
    named = sorted({result["ruleId"] for result in results})
    for result in results:
        result["ruleIndex"] = named.index(result["ruleId"])
    driver = {
        "name": "efa",
        "version": __version__,
        "rules": [_rule(name, report.registry, language) for name in named],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    caveats = chain.from_iterable(phrases.caveats(each, language) for each in report.interfaces)
    told = [{"level": "warning", "message": {"text": each}} for each in caveats]
    if told:
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": told}]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _results(report: Report, language: Language, *, everything: bool) -> list[dict[str, Any]]:
    first = report.interfaces[0].new if report.interfaces else None
    results = [
        _result(one.code, "error", phrases.message(one, language), _file(first))
        for one in report.objections
    ]
    for interface in report.interfaces:
        results += [
            _finding(report, interface, found, language)
            for found in phrases.listed(report, interface, everything=everything)
        ]
    return results


def _result(rule: str, level: str, text: str, places: list[dict[str, Any]]) -> dict[str, Any]:
    return {"ruleId": rule, "level": level, "message": {"text": text}, "locations": places}


def _level(report: Report, found: Found) -> str:
    """An error only where the command fails for it: a break that the number announces is none."""
    if phrases.decides(report, found):
        return "error"
    return "warning" if found.severity in phrases.GRAVE else "note"


def _finding(
    report: Report, interface: InterfaceReport, found: Found, language: Language
) -> dict[str, Any]:
    text = phrases.proven(found, language)
    places = [_place(found.new)] if found.new else _file(interface.new or interface.old)
    result = _result(found.rule, _level(report, found), text, places)
    result["partialFingerprints"] = {"efa/v1": mark_of(interface.name, found.fingerprint)}
    if found.old and not found.old.file.startswith("git:"):
        result["relatedLocations"] = [_place(found.old)]
    if found.exception:
        justification = phrases.excepted(found, language)
        result["suppressions"] = [{"kind": "external", "justification": justification}]
    return result


def _file(file: str | None) -> list[dict[str, Any]]:
    return [] if file is None else [_place(Location(file=file, pointer="", line=1, column=1))]


def _place(spot: Location) -> dict[str, Any]:
    path = phrases.repository_path(spot.file)
    uri = quote(path) if not path.startswith("/") else "file://" + quote(path)
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if spot.line:
        place["region"] = {"startLine": spot.line, "startColumn": spot.column or 1}
    return {"physicalLocation": place}


def _rule(name: str, registry: str | None, language: Language) -> dict[str, Any]:
    """What a rule or a refusal says; its page where a registry was asked."""
    known = rules().get(name)
    if known is not None:
        text = known.text(language)
        remedy = " ".join(filter(None, (text.remedy, known.directions(language))))
        title, level, page = text.title, _LEVELS[known.severity], "rules"
    elif name in problem_texts():
        title, remedy = (problem_text(name, part, language, {}) for part in ("title", "remedy"))
        level, page = "error", "problems"
    else:
        return {"id": name}
    described: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": title},
        "help": {"text": remedy},
        "defaultConfiguration": {"level": level},
    }
    return described | ({"helpUri": f"{registry}/{page}/{name}"} if registry else {})
