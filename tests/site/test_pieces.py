"""The pure pieces pages are made of: charts, the matrix, tasks, events in words, addresses."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from registry.audit.model import Event
from registry.catalogue.parts import Names
from registry.reports.ranking import Signs, ranked
from registry.site.addresses import data_path, data_query, page_of
from registry.site.charts import steps
from registry.site.happenings import ABOUT, happening
from registry.site.matrix import lines, shades
from registry.site.outlines import outline_map
from registry.site.rendering import coded
from registry.site.store import BehindUse
from registry.site.tasks import task
from registry.site.words import TILES

TODAY = date(2026, 6, 1)


def test_a_chart_rises_in_steps_and_ends_where_the_last_value_is() -> None:
    days = [date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)]
    chart = steps(days, [0, 7, 7], [(date(2025, 1, 1), "2.0.0"), (date(2020, 1, 1), "1.0.0")])
    assert chart.path.count("H") == chart.path.count("V") == 2
    assert chart.path.startswith(f"M{chart.left:.1f} {chart.bottom:.1f}H")
    assert (chart.first, chart.last) == (0, 7)
    assert [tick.label for tick in chart.years] == ["2025", "2026"]
    assert [tick.label for tick in chart.events] == ["2.0.0"]
    assert chart.events[0].at == chart.years[0].at
    assert chart.end[0] == chart.right
    assert chart.values[0].at == chart.bottom
    assert chart.values[-1].at == chart.top
    assert int(chart.values[-1].label) >= 7


@pytest.mark.parametrize(("most", "top"), [(0, 1), (1, 1), (6, 6), (7, 8), (103, 120), (999, 1000)])
def test_an_axis_ends_at_a_round_value_not_below_the_greatest(most: int, top: int) -> None:
    chart = steps([TODAY], [most])
    assert int(chart.values[-1].label) == top
    assert len(chart.values) <= 8


def signs(service: str, **known: set[str]) -> Signs:
    names = ("live", "pilot", "contracted", "everywhere", "ruled")
    return Signs(service=service, **{name: frozenset(known.get(name, ())) for name in names})


def test_a_line_counts_both_rules_apart_and_only_where_competence_is_known() -> None:
    one = signs(
        "a",
        live={"01", "03"},
        pilot={"02"},
        contracted={"04"},
        everywhere={"01"},
        ruled={"01", "02"},
    )
    first, second = lines([one, signs("b")], ["01", "02", "03", "04", "05"])
    assert (first.somewhere, first.everywhere, first.ruled) == (2, 1, 2)
    assert [cell.sign for cell in first.cells] == ["B", "P", "B", "V", "–"]
    assert (one.used, signs("b").used, one.inside({"05"}).used) == (True, False, False)
    assert second.somewhere == 0
    (within,) = lines([one.inside({"02"})], ["02"])
    assert (within.somewhere, within.everywhere, within.ruled, len(within.cells)) == (0, 0, 1, 1)


def test_equal_numbers_share_a_rank_under_each_rule() -> None:
    both = [
        signs("a", live={"01", "02", "03"}, ruled={"01", "02"}, everywhere={"02"}),
        signs("b", live={"01", "02"}),
    ]
    rows = ranked(both, {"01": "A", "02": "B", "03": "C", "04": "D"}, lambda state: f"/{state}")
    told = [(row.state, row.rank_at_least_locally, row.rank_everywhere) for row in rows]
    assert told == [("01", 1, 2), ("02", 1, 1), ("03", 3, None), ("04", 4, None)]
    assert [row.rank_change for row in rows] == [1, 0, None, None]
    assert [row.everywhere for row in rows] == [0, 1, None, None]
    assert rows[2].links.rows == "/03"


def test_a_map_is_the_darker_the_more_and_knows_every_land() -> None:
    found = shades({"01": 0, "02": 1, "03": 4, "05": 8})
    assert [cell.level for cell in found.values()] == [0, 1, 2, 4]
    assert [cell.sign for cell in found.values()] == ["0", "1", "4", "8"]
    assert {cell.level for cell in shades({"01": 0}).values()} == {0}
    assert {land.key for land in outline_map().lands} == TILES.keys()


@pytest.mark.parametrize(
    ("state", "sunset", "version", "urgency"),
    [
        ("revoked", None, "2.0.0", "now"),
        ("deprecated", date(2026, 5, 31), "2.0.0", "overdue"),
        ("deprecated", TODAY, "2.0.0", "overdue"),
        ("deprecated", TODAY + timedelta(1), "2.0.0", "by"),
        ("deprecated", None, "2.0.0", "soon"),
        ("active", None, "1.9.0", "plan"),
        ("active", None, "2.0.0", "fit"),
    ],
)
def test_what_is_to_be_done_follows_the_state_then_the_number(
    state: str, sunset: date | None, version: str, urgency: str
) -> None:
    use = BehindUse(
        service="a",
        names=Names(de="A"),
        organisation="05",
        organisation_name="Land",
        stage="live",
        version=version,
        state=state,
        sunset=sunset,
        successor=None,
        newest="2.1.0",
        own_use=False,
    )
    assert task(use, TODAY).urgency == urgency
    assert task(msgspec.structs.replace(use, successor="2.0.5"), TODAY).target == "2.0.5"
    early = msgspec.structs.replace(use, version="0.1.0", state="active")
    steps = [task(msgspec.structs.replace(early, newest=one), TODAY) for one in ("0.1.9", "0.2.0")]
    assert [one.urgency for one in steps] == ["fit", "plan"]


def event(action: str, subject: str, facts: Any) -> Event:
    return Event(
        log_index=7,
        id=uuid4(),
        action=action,
        subject=subject,
        organisation="betreiber",
        on_behalf_of=None,
        batch=None,
        recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        facts=None if facts is None else msgspec.Raw(msgspec.json.encode(facts)),
    )


def test_an_event_says_what_it_is_about() -> None:
    facts = {
        "service": "a",
        "organisation_key": "05",
        "steps": [{"stage": "pilot"}, {"stage": "live"}],
    }
    found = happening(event("reuse.take_over", "reuses/1", facts))
    assert (found.service, found.body, found.stage) == ("a", "05", "live")
    erased = happening(event("versions.publish", "services/a/versions/1.0.0", None))
    assert (erased.service, erased.version) == ("a", "1.0.0")
    joined = happening(event("agreements.put_accession", "agreements/d/accessions/05", {}))
    assert (joined.agreement, joined.body) == ("d", "05")
    unknown = happening(event("new.thing", "x", {"steps": []}))
    assert unknown.says == ("new.thing", "new.thing")


def test_every_action_a_reader_can_ask_for_has_words() -> None:
    for action in (action for actions in ABOUT.values() for action in actions):
        assert happening(event(action, "x", {})).says[0] != action


def test_code_of_a_sentence_is_code_and_nothing_else() -> None:
    assert coded("a `b` c `<i>` <b>") == ("a <code>b</code> c <code>&lt;i&gt;</code> &lt;b&gt;")
    assert coded("one ` alone <b>") == "one ` alone &lt;b&gt;"
    assert coded("none") == "none"


def test_addresses_lead_from_pages_to_data_and_back() -> None:
    assert data_path("/dienste/a/1.0.0/") == "/v1/services/a/versions/1.0.0"
    assert data_path("/dienste/a/b/c") is None
    assert data_path("/stellen", "csv") is None
    assert data_query([("q", ""), ("about", "reuse"), ("known_at", "12")]) == [("known_at", "12")]
    assert data_query([("known_at", "2026-02-31")]) == [("known_at", "2026-02-31")]
    assert page_of("/rules") == "/regeln"
    assert page_of("/problems/x") == "/probleme/x"
    assert page_of("/rulesets") is None
