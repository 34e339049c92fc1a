"""Cost shares against examples worked out by hand, to the cent."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.agreements.keys import FILE, UnknownDistributionKey, read_keys
from registry.errors import Refusal
from registry.reports import cost_pots
from registry.reports.cost_model import CostQuestion, Population, require_answerable, tables
from registry.reports.cost_shares import Sharing, cents_of, euros_of, split

KEYS = read_keys(FILE.read_bytes())


def question(**fields: Any) -> CostQuestion:
    given = {
        "rule": "2021/24",
        "charged_year": 2025,
        "costs": [{"name": "Betrieb", "amount_eur": "1000.01"}],
    }
    return msgspec.convert(given | fields, CostQuestion)


def shared(
    asked: CostQuestion, participants: list[str], people: list[Population]
) -> tuple[Sharing, Sharing | None]:
    return cost_pots.shared(asked, tables(asked, KEYS), participants, people)


def totals(sharing: Sharing) -> dict[str, str]:
    return {total.key: total.amount_eur for total in sharing.totals}


def given_cents(sharing: Sharing) -> list[tuple[str | None, str, int, str]]:
    return [(r.pot, r.key, r.cents, r.remainder) for r in sharing.remainders]


INHABITANTS = {"inhabitants": {"01": "300", "02": "200", "03": "200"}}


def test_by_inhabitants() -> None:
    # 100001 cents over 3:2:2. 01: 42857 4/7, 02 and 03: 28571 5/7 each. Cut off they sum to 99999;
    # the two cents left go to the two largest remainders, 5/7.
    asked = question(parts=[{"basis": "inhabitants"}], measures=INHABITANTS)
    whole, before = shared(asked, ["01", "02", "03"], [])
    assert totals(whole) == {"01": "428.57", "02": "285.72", "03": "285.72"}
    assert given_cents(whole) == [("inhabitants", "02", 1, "5/7"), ("inhabitants", "03", 1, "5/7")]
    assert before is None


def test_money_paid_back_mirrors_money_paid() -> None:
    costs = [{"name": "Gutschrift", "amount_eur": "-1000.01"}]
    asked = question(costs=costs, parts=[{"basis": "inhabitants"}], measures=INHABITANTS)
    whole, _ = shared(asked, ["01", "02", "03"], [])
    assert totals(whole) == {"01": "-428.57", "02": "-285.72", "03": "-285.72"}
    assert {cent for _, _, cent, _ in given_cents(whole)} == {-1}


def test_equal_remainders_go_to_the_smaller_key() -> None:
    # 1 cent over three: each 1/3.
    costs = [{"name": "Rest", "amount_eur": "0.01"}]
    whole, _ = shared(question(costs=costs, parts=[{"basis": "equal"}]), ["03", "01", "02"], [])
    assert totals(whole) == {"01": "0.01", "02": "0.00", "03": "0.00"}


def test_by_actual_uses_somebody_without_any_pays_nothing() -> None:
    # 100001 cents over 1:0 = all to the one.
    asked = question(parts=[{"basis": "uses"}], measures={"uses": {"01": "7", "02": "0"}})
    assert totals(shared(asked, ["01", "02"], [])[0]) == {"01": "1000.01", "02": "0.00"}


def test_the_adjusted_koenigsteiner_key_is_renormalised_over_the_participants() -> None:
    # 2019: SH 3.40578, HH 2.60343, together 6.00921. Of 100001 cents SH has 56676.6 = 3.40578 /
    # 6.00921 * 100001, HH 43324.3...: cut off 100000, the cent left goes to SH (.6 > .3).
    asked = question(parts=[{"basis": "koenigstein"}], key_year=2019)
    whole, _ = shared(asked, ["01", "02"], [])
    assert totals(whole) == {"01": "566.77", "02": "433.24"}
    bodies = whole.positions[0].pots[0].bodies
    assert [(b.key, b.weight, b.adjusted_percent) for b in bodies] == [
        ("01", "3.40578", "56.67600"),
        ("02", "2.60343", "43.32400"),
    ]


def test_a_combination_is_split_into_pots_first() -> None:
    # 10001 cents, half by inhabitants (3:2:2) and half by target group (1:1:2). The pots: 5000.5
    # each, the cent goes to `inhabitants`, the smaller name: 5001 and 5000.
    # inhabitants: 2143 2/7, 1428 6/7, 1428 6/7, cut off 4999; two cents to 02 and 03 (6/7).
    # target group: 1250, 1250, 2500, nothing left.
    asked = question(
        costs=[{"name": "Betrieb", "amount_eur": "100.01"}],
        parts=[{"basis": "target_group"}, {"basis": "inhabitants"}],
        measures=INHABITANTS | {"target_group": {"01": "1", "02": "1", "03": "2"}},
    )
    whole, _ = shared(asked, ["01", "02", "03"], [])
    assert totals(whole) == {"01": "33.93", "02": "26.79", "03": "39.29"}
    assert given_cents(whole) == [
        (None, "inhabitants", 1, "1/2"),
        ("inhabitants", "02", 1, "6/7"),
        ("inhabitants", "03", 1, "6/7"),
    ]


# 25.01 EUR over all Länder by the key of 2019: 2501 cents times the share, cut off, and the
# remainder behind the point; 8 cents are left for the 8 largest remainders.
ALL_LAENDER = {
    "01": 85,  # 85.1785578
    "02": 65,  # 65.1117843
    "03": 234 + 1,  # 234.9772033
    "04": 23 + 1,  # 23.8542879
    "05": 527,  # 527.1087592
    "06": 186,  # 186.0016209
    "07": 120,  # 120.5101848
    "08": 326,  # 326.1456561
    "09": 389,  # 389.1736072
    "10": 29 + 1,  # 29.9687327
    "11": 129 + 1,  # 129.8006495
    "12": 75 + 1,  # 75.7770487
    "13": 49 + 1,  # 49.5310545
    "14": 124 + 1,  # 124.6018208
    "15": 67,  # 67.4299612
    "16": 65 + 1,  # 65.8290711
}


def test_2023_35_by_halves_and_quarters() -> None:
    # 10003 cents: half 5001.5, the quarters 2500.75 each; two cents left go to the quarters.
    # The half over two Länder in equal parts: 2500.5 each, the cent goes to 01.
    asked = question(
        rule="2023/35",
        costs=[{"name": "Fokusleistung", "amount_eur": "100.03"}],
        parts=[{"basis": "equal"}],
        key_year=2019,
    )
    whole, _ = shared(asked, ["01", "02"], [])
    pots = {pot.name: pot for pot in whole.positions[0].pots}
    assert {name: pot.amount_eur for name, pot in pots.items()} == {
        "all_states": "25.01",
        "bund": "25.01",
        "reusing_states": "50.01",
    }
    paid = {body.key: cents_of(body.amount_eur) for body in pots["all_states"].bodies}
    assert paid == ALL_LAENDER
    assert sum(paid.values()) == 2501
    half = {body.key: body.amount_eur for body in pots["reusing_states"].bodies}
    assert half == {"01": "25.01", "02": "25.00"}
    assert totals(whole)["bund"] == "25.01"


def test_who_joins_makes_it_cheaper_for_the_others() -> None:
    # 90 EUR: two pay 45 each; with a third 30 each.
    asked = question(
        costs=[{"name": "Betrieb", "amount_eur": "90"}], parts=[{"basis": "equal"}], joining=["03"]
    )
    whole, before = shared(asked, ["01", "02"], [])
    assert before
    assert totals(before) == {"01": "45.00", "02": "45.00"}
    assert totals(whole) == {"01": "30.00", "02": "30.00", "03": "30.00"}


@pytest.mark.parametrize("year", [2014, 2015, 2016, 2019])
def test_each_koenigsteiner_key_adds_up_to_the_whole(year: int) -> None:
    shares = KEYS.of("koenigstein", year).shares
    assert (len(shares), sum(shares.values())) == (16, Decimal(100))


def test_the_key_of_lukifg_is_one_of_its_own() -> None:
    assert sum(KEYS.of("lukifg", 2025).shares.values()) == 100
    assert ("koenigstein", 2025) not in KEYS.tables


@pytest.mark.parametrize("year", [2017, 2018, 2025])
def test_a_missing_key_is_an_error(year: int) -> None:
    asked = question(parts=[{"basis": "koenigstein"}], key_year=year)
    with pytest.raises(UnknownDistributionKey) as refused:
        shared(asked, ["01"], [])
    assert refused.value.facts["there"] == "2014, 2015, 2016, 2019"


def test_a_participant_without_a_weight_is_an_error() -> None:
    asked = question(parts=[{"basis": "uses"}], measures={"uses": {"01": "7"}})
    with pytest.raises(Refusal) as refused:
        shared(asked, ["01", "02"], [])
    assert refused.value.faults[0].rule == "weight-missing"


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"parts": [{"basis": "equal"}]}, "participants-or-service"),
        ({"parts": [{"basis": "koenigstein"}], "service": "x"}, "key-year-missing"),
        ({"parts": [{"basis": "equal", "weight": "0"}], "service": "x"}, "no-weight"),
        ({"parts": [{"basis": "equal"}, {"basis": "equal"}], "service": "x"}, "repeated"),
        (
            {"rule": "2023/35", "parts": [{"basis": "equal"}, {"basis": "uses"}], "service": "x"},
            "one-part",
        ),
    ],
)
def test_questions_that_no_rule_answers_are_refused(fields: dict[str, Any], rule: str) -> None:
    with pytest.raises(Refusal) as refused:
        require_answerable(question(**fields))
    assert rule in [fault.rule for fault in refused.value.faults]


@given(
    st.integers(-(10**12), 10**12),
    st.dictionaries(st.from_regex(r"[0-9]{2}", fullmatch=True), st.integers(0, 10**8), min_size=1),
)
def test_nothing_is_lost_and_nobody_gets_more_than_a_cent_too_much(
    cents: int, weights: dict[str, int]
) -> None:
    whole = sum(weights.values())
    if not whole:
        return
    portions = split(cents, {key: Decimal(weight) for key, weight in weights.items()})
    assert sum(portion.cents for portion in portions.values()) == cents
    mirrored = split(-cents, {key: Decimal(weight) for key, weight in weights.items()})
    for key, weight in weights.items():
        assert abs(portions[key].cents * whole - cents * weight) < whole
        assert mirrored[key].cents == -portions[key].cents


@given(st.integers(-(10**15), 10**15))
def test_amounts_survive_their_text(cents: int) -> None:
    assert cents_of(euros_of(cents)) == cents
