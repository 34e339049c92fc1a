"""What a report says in one line, and whom a change hits: only what there is, in whole words."""

import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest

from registry.cli.checking.formats import FORMS, markdown, phrases
from registry.cli.checking.formats.hits import told as told_hits
from registry.cli.checking.formats.text import form as text
from registry.cli.checking.model import Found, InterfaceReport, Report
from registry.compatibility.model import Severity
from registry.compatibility.rules import Language
from registry.impact.checks import Hits, Impact, ParametersHit
from registry.semver import Bump
from tests.cli.shapes import GITLAB, SARIF, hold


def report(bump: Bump, *severities: Severity, remarks: int = 0, impact: Any = None) -> Report:
    def found(severity: Severity) -> Found:
        return Found(
            rule="EFA-X-01", severity=severity, place="", fingerprint="0" * 16,
            message_de="x", message_en="x",
        )  # fmt: skip

    interface = InterfaceReport(
        name="application",
        change="compared",
        direction="accepts",
        bump=bump,
        findings=[found(one) for one in severities],
        remarks=[found("remark") for _ in range(remarks)],
    )
    return Report(
        command="check", engine="5", reading="reserved", fail_on="major", passed=False, bump=bump,
        against="1.0.0", interfaces=[interface], impact=impact,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("bump", "severities", "remarks", "german", "english"),
    [
        ("none", (), 0, "keine Änderung gegenüber 1.0.0.", "no change against 1.0.0."),
        (
            "patch", (), 1,
            "keine unverträgliche Änderung gegenüber 1.0.0: Korrekturversion; 1 Hinweis.",
            "no breaking change against 1.0.0: patch; 1 remark.",
        ),
        (
            "minor", ("compatible",), 0,
            "keine unverträgliche Änderung gegenüber 1.0.0: Nebenversion; 1 verträgliche Änderung.",
            "no breaking change against 1.0.0: minor; 1 compatible change.",
        ),
        (
            "major", ("unknown",) * 42, 0,
            "nicht zu entscheiden, ob verträglich mit 1.0.0; das zählt als unverträglich: "
            "Hauptversion; 42 unentschiedene Änderungen.",
            "undecided whether compatible with 1.0.0, which counts as breaking: major; "
            "42 undecided changes.",
        ),
        (
            "major", ("breaking", "breaking", "unknown", "compatible"), 2,
            "unverträglich mit 1.0.0: Hauptversion; 2 unverträgliche Änderungen, "
            "1 unentschiedene Änderung, 1 verträgliche Änderung, 2 Hinweise.",
            "breaking against 1.0.0: major; 2 breaking changes, 1 undecided change, "
            "1 compatible change, 2 remarks.",
        ),
        (
            "major", (), 0,
            "unverträglich mit 1.0.0: Hauptversion.", "breaking against 1.0.0: major.",
        ),
    ],
)  # fmt: skip
def test_the_summary_names_only_what_was_found(
    bump: Bump, severities: Sequence[Severity], remarks: int, german: str, english: str
) -> None:
    told = report(bump, *severities, remarks=remarks)
    assert phrases.summary(told, "de") == german
    assert phrases.summary(told, "en") == english


def hits(*own: bool, municipality: bool = False) -> Hits:
    """One body for each, all of one Land; `own` says whose use is the builder's own."""
    items: list[dict[str, Any]] = [
        {
            "reuse_id": UUID(int=place),
            "organisation": {"key": f"0{place}", "name": f"Stelle {place}", "level": None},
            "version": "1.0.0",
            "stage": "live",
            "since": date(2024, 1, 1),
            "own_use": each,
            "municipality": municipality,
            "href": "/",
        }
        for place, each in enumerate(own)
    ]
    counts = {
        "reuses": own.count(False),
        "municipalities": own.count(False) if municipality else 0,
        "own_use": own.count(True),
    }
    land = {"key": "01", "name": "Schleswig-Holstein", "items": items, **counts}
    told = {"states": int(False in own), "by_state": [land] if own else [], **counts}
    return msgspec.convert(told, Hits)


def impact(affected: Hits, undecided: Hits, possibly: Hits) -> Impact:
    return Impact(
        as_of=date(2026, 1, 1), affected=affected, undecided=undecided, possibly=possibly,
        versions=[], parameters=None, referrers=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("groups", "language", "lines"),
    [
        ((hits(), hits(), hits()), "de", ["trifft niemanden, soweit verzeichnet."]),
        (
            (hits(True), hits(), hits()), "de",
            [
                "trifft 1 eigene Nutzung, gemessen an der Version, die dort läuft:",
                "> Schleswig-Holstein: Stelle 0 (1.0.0, eigene Nutzung)",
            ],
        ),
        (
            (hits(False, True, False, municipality=True), hits(False), hits(True, True)), "de",
            [
                "trifft 2 Nachnutzungen in 1 Land (davon 2 durch Gemeinden) und 1 eigene Nutzung, "
                "gemessen an der Version, die dort läuft:",
                "> Schleswig-Holstein: Stelle 0 (1.0.0), Stelle 1 (1.0.0, eigene Nutzung), "
                "Stelle 2 (1.0.0)",
                "gemessen an der Version, die dort läuft, nicht zu entscheiden für 1 Nachnutzung "
                "in 1 Land, was als betroffen zählt:",
                "> Schleswig-Holstein: Stelle 0 (1.0.0)",
                "vielleicht betroffen, weil keine Version erfasst ist: 2 eigene Nutzungen:",
                "> Schleswig-Holstein: Stelle 0 (1.0.0, eigene Nutzung), "
                "Stelle 1 (1.0.0, eigene Nutzung)",
            ],
        ),
        (
            (hits(False, True), hits(), hits()), "en",
            [
                "hits 1 reuse in 1 state and 1 own use, judged by the version that runs there:",
                "> Schleswig-Holstein: Stelle 0 (1.0.0), Stelle 1 (1.0.0, own use)",
            ],
        ),
    ],
)  # fmt: skip
def test_who_is_hit_is_said_with_own_use(
    groups: tuple[Hits, Hits, Hits], language: Language, lines: list[str]
) -> None:
    """What stands behind `>` belongs under the line before."""
    told = report("major", "breaking", impact=impact(*groups))
    found = told_hits(told, language)
    assert [
        each for line, names in found for each in (line, *(f"> {one}" for one in names))
    ] == lines


def test_names_of_who_is_hit_stand_under_their_heading() -> None:
    told = report("major", "breaking", impact=impact(hits(True), hits(), hits()))
    heading = "trifft 1 eigene Nutzung, gemessen an der Version, die dort läuft:"
    names = "Schleswig-Holstein: Stelle 0 (1.0.0, eigene Nutzung)"
    assert f"\n{heading}\n    {names}\n" in text(told, "de", everything=False)
    noted = markdown.form(told, "de", everything=False).replace("\\", "")
    assert f"\n- {heading}\n  - {names}\n" in noted


@pytest.mark.parametrize(
    ("fields", "language", "said"),
    [
        ({"complete": False}, "de", "nicht alle Änderungen konnten aufgeführt werden"),
        ({"complete": False, "ran_out": True}, "en", "not all changes could be listed"),
        ({"ran_out": True}, "de", "nicht alle Änderungen konnten untersucht werden"),
        ({"ran_out": True}, "en", "not all changes could be looked into"),
        ({"unproven": True}, "de", "ein Dokument, das es zeigt, wurde nicht gefunden"),
        ({"unproven": True}, "en", "no document that shows it was found"),
    ],
)
def test_each_form_says_that_more_may_have_changed_than_is_listed(
    fields: Any, language: Language, said: str
) -> None:
    whole = report("major", "breaking")
    (interface,) = whole.interfaces
    part = msgspec.structs.replace(whole, interfaces=[msgspec.structs.replace(interface, **fields)])
    forms = {name: form for name, form in FORMS.items() if name != "json"}
    for form in (partial(each, everything=False) for each in forms.values()):
        assert said not in form(whole, language)
        assert said in form(part, language)
    told = json.loads(FORMS["json"](part, language, everything=False))["interfaces"][0]
    assert {name: told[name] for name in fields} == fields
    hold(json.loads(FORMS["sarif"](part, language, everything=False)), SARIF)
    hold(json.loads(FORMS["gitlab"](part, language, everything=False)), GITLAB)


def test_sets_that_nobody_may_see_are_not_told_as_none() -> None:
    hit = msgspec.structs.replace(
        impact(hits(), hits(), hits()),
        parameters=ParametersHit(fitting=0, unfit=0, withheld=True, items=[]),
    )
    told = [line for line, _ in told_hits(report("minor", impact=hit), "de")]
    assert told == [
        "ob hinterlegte Parametersätze anderer Stellen noch passen, wurde nicht geprüft: "
        "alle sieht nur, wer den Dienst bereitstellt"
    ]
