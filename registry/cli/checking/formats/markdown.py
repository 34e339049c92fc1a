"""The report as a note on a merge request (GitLab and GitHub flavours of Markdown)."""

import re
from itertools import chain

from registry.cli.checking.formats import hits, phrases
from registry.cli.checking.model import Found, InterfaceReport, Report
from registry.cli.checking.words import say, shown
from registry.compatibility.rules import Language

_MOST = 50
_LONGEST = 2_000
_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~@:/&$^])")
_MARKS = {"breaking": "🔴", "unknown": "🟡", "compatible": "🟢", "remark": "🔵"}


def form(report: Report, language: Language, *, everything: bool) -> str:
    """A heading that says how it ends, what came out, then the findings, the worst first."""
    heading = f"### EfA: {'✅' if report.passed else '❌'} {phrases.ending(report, language)}"
    lines = [heading, "", _plain(phrases.summary(report, language)), ""]
    lines += [f"- {_plain(phrases.message(one, language))}" for one in report.objections]
    for line, names in hits.told(report, language):
        lines += [f"- {_plain(line)}", *(f"  - {_plain(name)}" for name in names)]
    lines += [f"- {_plain(note)}" for note in report.notes]
    lines += [f"- {_plain(why)}" for why in _whys(report, language)]
    caveats = chain.from_iterable(phrases.caveats(each, language) for each in report.interfaces)
    lines += [f"- {_plain(each)}" for each in caveats]
    told = [
        (each, found)
        for each in report.interfaces
        for found in phrases.listed(report, each, everything=everything)
    ]
    lines += [line for each, found in told[:_MOST] for line in _finding(each, found, language)]
    lines += [f"- … +{len(told) - _MOST}"] if len(told) > _MOST else []
    return "\n".join(lines).rstrip() + "\n"


def _whys(report: Report, language: Language) -> list[str]:
    """What is breaking in each interface with findings that break."""
    found = [
        phrases.why_breaking(each, language)
        for each in report.interfaces
        if any(one.severity in phrases.GRAVE for one in each.findings)
    ]
    return [why for why in found if why]


def _finding(interface: InterfaceReport, found: Found, language: Language) -> list[str]:
    severity = say("report", found.severity, language)
    spot = phrases.spot(found)
    place = f"{spot.file}:{spot.line}" if spot and spot.line else found.place
    marked = " ".join(_code(each) for each in (found.rule, place) if each)
    words = _plain(phrases.message(found, language))
    lines = [f"- {_MARKS[found.severity]} **{severity}** {marked} {words}"]
    former = phrases.former(found, language)
    if former:
        lines.append(f"  - {_plain(former)}")
    proof, excepted = phrases.witnessed(found, language), phrases.excepted(found, language)
    if proof:
        words, _, document = proof.partition(": ")
        lines.append(f"  - {_plain(words)}: {_code(document)}")
    if excepted:
        lines.append(f"  - {_plain(excepted)}")
    named = {
        "finding": found.fingerprint,
        "interface": interface.name,
        "direction": interface.direction,
    }
    told = ", ".join(f"{say('report', its, language)} {_code(name)}" for its, name in named.items())
    lines.append(f"  - {told}")
    return lines


def _plain(text: str) -> str:
    """Foreign text that stays text: no links, images, mentions or HTML."""
    return _SIGNS.sub(r"\\\1", shown(text)[:_LONGEST])


def _code(text: str) -> str:
    """Text within a fence longer than any run of backticks in it."""
    text = shown(text)[:_LONGEST]
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    gap = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{gap}{text}{gap}{fence}"
