import csv
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from registry.organisations import register
from registry.organisations.register import DataSet, Sources, decode, encode
from registry.organisations.register.sources import TERRITORY_DATE
from tests.organisations.past import (
    Heirs,
    body_by_key,
    by_ags,
    count,
    holds,
    state_on,
    states_on,
)

ORACLE = Path(__file__).parents[1] / "data" / "successors_2005_2024.csv"
# Their areas went on to municipalities on the day after the directory was closed.
CHANGED_2025 = {"09473444", "09475444", "09479444"}


def test_every_level_has_the_official_number_of_bodies(territory: DataSet) -> None:
    assert count(territory, TERRITORY_DATE) == {
        "state": 16,
        "region": 29,
        "district": 400,
        "association": 4596,
        "municipality": 10752,
        "unincorporated": 207,
    }


def test_a_city_is_one_body_on_all_its_levels(territory: DataSet) -> None:
    levels = Counter(state.levels for _, state in states_on(territory, TERRITORY_DATE))
    assert levels == {
        ("state",): 14,
        ("state", "district", "association", "municipality"): 2,
        ("region",): 29,
        ("district",): 294,
        ("district", "association", "municipality"): 104,
        ("association",): 1203,
        ("association", "municipality"): 3393 - 106 - 207,
        ("association", "unincorporated"): 207,
        ("municipality",): 10752 - 3393 + 207,
    }


def test_hamburg_holds_the_keys_of_four_levels(territory: DataSet) -> None:
    hamburg = body_by_key(territory, "02", TERRITORY_DATE)
    keys = {key.key: key.level for key in hamburg.keys if key.level != "part"}
    assert keys == {
        "02": "state",
        "02000": "district",
        "020000000": "association",
        "020000000000": "municipality",
    }


def test_land_and_city_of_bremen_are_two_bodies(territory: DataSet) -> None:
    land = body_by_key(territory, "04", TERRITORY_DATE)
    city = body_by_key(territory, "04011", TERRITORY_DATE)
    assert land.id != city.id
    assert [state.kind for state in (*land.states, *city.states)] == ["Land", "Kreisfreie Stadt"]


@pytest.mark.parametrize(
    ("quarter", "city"), [("021010101101", "02"), ("110010001001", "11"), ("040110111111", "04011")]
)
def test_the_key_of_a_quarter_leads_to_its_city(
    territory: DataSet, quarter: str, city: str
) -> None:
    found = body_by_key(territory, quarter, TERRITORY_DATE)
    assert found.id == body_by_key(territory, city, TERRITORY_DATE).id


def test_all_283_quarters_are_known(territory: DataSet) -> None:
    levels = [key.level for body in territory.bodies for key in body.keys]
    assert levels.count("part") == 283


# Official counts hold two more: the inhabited unincorporated areas Osterheide and Lohheide.
@pytest.mark.parametrize(
    ("year", "municipalities"),
    [(1990, 16116), (2005, 12337), (2010, 11439), (2015, 11090), (2019, 10797), (2023, 10773)],
)
def test_municipalities_at_the_end_of_earlier_years(
    territory: DataSet, year: int, municipalities: int
) -> None:
    assert count(territory, date(year, 12, 31))["municipality"] == municipalities


# Reunited Germany began with 543; 439, 413 and 402 were left by the reforms of 1993 to 2011.
@pytest.mark.parametrize(
    ("day", "districts"),
    [
        (date(1990, 12, 31), 543),
        (date(2005, 12, 31), 439),
        (date(2008, 12, 31), 413),
        (date(2011, 12, 31), 402),
        (date(2019, 12, 31), 401),
        (date(2021, 12, 31), 400),
    ],
)
def test_districts_and_their_reforms(territory: DataSet, day: date, districts: int) -> None:
    assert count(territory, day)["district"] == districts


def test_changes_of_january_2025_are_known(territory: DataSet) -> None:
    levels = count(territory, date(2025, 6, 1))
    assert (levels["municipality"], levels["unincorporated"]) == (10751, 201)


def test_every_vanished_key_leads_to_the_same_bodies_as_an_independent_table(
    territory: DataSet,
) -> None:
    expected: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in csv.DictReader(ORACLE.open()):
        key = (row["old_ags"], row["last_snapshot"])
        expected[key][row["successor_ags"]] = float(row["share"])
    holders = by_ags(territory)
    heirs = Heirs(territory, TERRITORY_DATE)
    differing: set[str] = set()
    for (ags, snapshot), shares in expected.items():
        day = date.fromisoformat(snapshot)
        (body,) = [b for b, s in holders[ags] if holds(day, s.since, s.until)]
        if heirs.of(body) != pytest.approx(shares, abs=0.0001):
            differing.add(ags)
    assert len(expected) == 3947
    assert differing == CHANGED_2025


def test_no_key_has_two_holders_at_once(territory: DataSet) -> None:
    held: defaultdict[str, list[tuple[date, date]]] = defaultdict(list)
    for body in territory.bodies:
        for key in body.keys:
            held[key.key].append((key.since or date.min, key.until or date.max))
        for state in body.states:
            if state.ags:
                held[state.ags].append((state.since or date.min, state.until or date.max))
    for key, periods in held.items():
        periods.sort()
        for before, after in pairwise(periods):
            assert before[1] <= after[0], key


def test_the_states_of_a_body_follow_each_other_without_gaps(territory: DataSet) -> None:
    for body in territory.bodies:
        for before, after in pairwise(body.states):
            assert before.until == after.since
        for state in body.states:
            assert state.since is None or state.until is None or state.since < state.until


def test_a_dissolved_body_gives_all_it_had(territory: DataSet) -> None:
    without_heirs: set[str] = set()
    for body in territory.bodies:
        end = body.states[-1].until
        shares = [gone.share for gone in body.successions if gone.on == end]
        if end is None:
            assert all(gone.kind == "transfer" for gone in body.successions)
        elif shares:
            assert sum(share or 0.0 for share in shares) == pytest.approx(1.0, abs=0.001)
        else:
            without_heirs.add(body.keys[-1].key)
    assert without_heirs == {"151", "152", "153"}  # regions that nothing followed


def test_every_heir_lived_when_it_inherited(territory: DataSet) -> None:
    bodies = {body.id: body for body in territory.bodies}
    for body in territory.bodies:
        for gone in body.successions:
            assert state_on(bodies[gone.heir], gone.on) is not None, (body.states, gone)


def test_a_renamed_municipality_is_the_same_body(territory: DataSet) -> None:
    muelheim = body_by_key(territory, "05117000", TERRITORY_DATE)
    assert [(state.since, state.name) for state in muelheim.states] == [
        (None, "Mülheim a. d. Ruhr, Stadt"),
        (date(1991, 3, 27), "Mülheim an der Ruhr, Stadt"),
    ]


def test_a_city_that_joined_a_district_is_the_same_body(territory: DataSet) -> None:
    eisenach = body_by_key(territory, "160630105105", TERRITORY_DATE)
    assert eisenach.id == body_by_key(territory, "16056", date(2020, 1, 1)).id
    before, after = eisenach.states[-2:]
    assert (before.kind, before.levels[0]) == ("Kreisfreie Stadt", "district")
    assert (after.since, after.kind) == (date(2021, 7, 1), "Stadt")


def test_a_municipality_made_of_others_begins_when_they_end(territory: DataSet) -> None:
    dessau_rosslau = body_by_key(territory, "15001000", TERRITORY_DATE)
    assert dessau_rosslau.states[0].since == date(2007, 7, 1)
    dessau = body_by_key(territory, "15101000", date(2000, 1, 1))
    (gone,) = dessau.successions
    assert (gone.heir, gone.kind, gone.share) == (dessau_rosslau.id, "merger", 1.0)


def test_a_key_may_have_belonged_to_another_body_before(territory: DataSet) -> None:
    today = body_by_key(territory, "15001000", TERRITORY_DATE)
    assert body_by_key(territory, "15001000", date(1990, 12, 31)).id != today.id


def test_a_district_that_only_got_another_key_is_the_same_body(territory: DataSet) -> None:
    aachen = body_by_key(territory, "05334", TERRITORY_DATE)
    assert aachen.id == body_by_key(territory, "05354", date(2000, 1, 1)).id
    assert aachen.states[0].name == "Aachen"


def test_a_district_that_was_divided_names_its_heirs_by_area(territory: DataSet) -> None:
    zerbst = body_by_key(territory, "15151", date(2006, 1, 1))
    assert {(gone.kind, gone.basis) for gone in zerbst.successions} == {("split", "area")}
    heirs = {body.id: body.states[0].name for body in territory.bodies}
    assert {heirs[gone.heir] for gone in zerbst.successions} == {
        "Dessau-Roßlau, Stadt",
        "Anhalt-Bitterfeld",
        "Jerichower Land",
        "Wittenberg",
    }


def test_a_part_that_changed_hands_is_a_transfer_of_a_body_that_lives_on(
    territory: DataSet,
) -> None:
    coswig = body_by_key(territory, "14627010", TERRITORY_DATE)
    gone = coswig.successions[-1]
    assert (gone.on, gone.kind, gone.basis) == (date(2025, 1, 1), "transfer", "area")
    assert gone.share == pytest.approx(0.022089 / 25.87, rel=0.01)


def test_a_body_that_joined_and_left_on_one_day_had_no_change(territory: DataSet) -> None:
    friedrichsbrunn = body_by_key(territory, "15085115", date(2009, 10, 15))
    assert [gone.on for gone in friedrichsbrunn.successions] == [date(2009, 11, 23)]


def test_a_municipality_founded_again_is_another_body(territory: DataSet) -> None:
    first = body_by_key(territory, "15085035", date(2010, 1, 1))
    second = body_by_key(territory, "15085035", date(2013, 6, 1))
    assert first.states[-1].until == date(2011, 1, 1)
    assert (second.states[0].since, second.states[-1].until) == (
        date(2013, 2, 19),
        date(2014, 1, 1),
    )


def test_ids_stay_the_same(territory: DataSet) -> None:
    assert str(body_by_key(territory, "05", TERRITORY_DATE).id) == (
        "2565003d-7a20-53f7-9470-8d4d98d97d26"
    )
    ids = [body.id for body in territory.bodies]
    assert len(ids) == len(set(ids))


def test_bodies_without_territory_have_slugs_and_dated_names(others: DataSet) -> None:
    names = {body.slug: [state.name for state in body.states] for body in others.bodies}
    assert {"bund", "bmi", "bmds", "fitko", "dataport", "govdigital", "betreiber"} <= names.keys()
    assert names["bmi"][-2:] == [
        "Bundesministerium des Innern und für Heimat",
        "Bundesministerium des Innern",
    ]


def test_the_kept_bytes_are_the_data_set(territory: DataSet) -> None:
    content = encode(territory)
    assert decode(content) == territory
    again = register.build_territory(register.read_sources(register.TERRITORY_FILES))
    assert encode(again) == content


def test_the_digest_names_every_file() -> None:
    sources = register.read_sources(["bodies", "laender"])
    files = dict(sources.files)
    files["laender"] += b"\n"
    assert Sources(files).digest() != sources.digest()
