"""The report as JUnit XML: a suite for each interface, a case for each finding.

One more suite is about the version as a whole: its first case fails exactly when the command does.
"""

import re
from xml.etree import ElementTree

from registry.characters import spelled_in_lines
from registry.cli.checking.formats import phrases
from registry.cli.checking.model import Found, InterfaceReport, Report
from registry.compatibility.rules import Language

# What XML 1.0 cannot hold in any spelling.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def form(report: Report, language: Language, *, everything: bool) -> str:
    """A finding fails its case where the command fails for its sake; an excepted one is skipped."""
    suites = ElementTree.Element("testsuites", name="efa")
    for interface in report.interfaces:
        suite = ElementTree.SubElement(suites, "testsuite", name=_fit(interface.name))
        for found in phrases.listed(report, interface, everything=everything):
            _judge(_case(suite, interface, found), report, found, language)
        caveats = phrases.caveats(interface, language)
        if caveats:
            ElementTree.SubElement(suite, "system-out").text = _fit("\n".join(caveats))
    _whole(suites, report, language)
    for suite in suites:
        _count(suite)
    _count(suites)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + _text(suites) + "\n"


def _whole(suites: ElementTree.Element, report: Report, language: Language) -> None:
    """How the command ends, and what stands against the version."""
    suite = ElementTree.SubElement(suites, "testsuite", name="version")
    summary = phrases.summary(report, language)
    name = _fit(f"{phrases.ending(report, language)}: {summary}")
    case = ElementTree.SubElement(suite, "testcase", classname="version", name=name)
    if not report.passed:
        _add(case, "failure", summary, "")
    for one in report.objections:
        case = ElementTree.SubElement(suite, "testcase", classname="version", name=one.code)
        _add(case, "failure", phrases.message(one, language), "")


def _case(
    suite: ElementTree.Element, interface: InterfaceReport, found: Found
) -> ElementTree.Element:
    name = f"{found.rule} {found.place or '/'} {found.fingerprint}"
    case = ElementTree.SubElement(
        suite, "testcase", classname=_fit(interface.name), name=_fit(name)
    )
    spot = phrases.spot(found)
    if spot:
        case.set("file", _fit(phrases.repository_path(spot.file)))
        case.set("line", str(spot.line or 1))
    return case


def _judge(case: ElementTree.Element, report: Report, found: Found, language: Language) -> None:
    excepted = phrases.excepted(found, language)
    if excepted:
        _add(case, "skipped", excepted, "")
    elif phrases.decides(report, found):
        text = phrases.witnessed(found, language) or ""
        _add(case, "failure", phrases.message(found, language), text)


def _add(case: ElementTree.Element, kind: str, message: str, text: str) -> None:
    ElementTree.SubElement(case, kind, message=_fit(message)).text = _fit(text)


def _count(element: ElementTree.Element) -> None:
    """How many cases there are, failed and skipped."""
    for name, kind in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        element.set(name, str(len(list(element.iter(kind)))))
    element.set("errors", "0")


def _fit(text: str) -> str:
    """As XML can hold it, with what nobody sees spelled out."""
    return _UNFIT.sub("\ufffd", spelled_in_lines(text))


def _text(element: ElementTree.Element) -> str:
    return ElementTree.tostring(element, encoding="unicode")
