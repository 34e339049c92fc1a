"""Which chains of agreements cover a reuse, and which link is told to be missing."""

from datetime import date
from typing import Any
from uuid import UUID, uuid5

import pytest

from registry.agreements.coverage import Contract, Member, Missing, Need, cover

_SPACE = UUID("00000000-0000-4000-8000-000000000000")
DAY = date(2024, 6, 30)


def member(key: str, begins: date | None = None, ends: date | None = None) -> Member:
    return Member(
        organisation_id=uuid5(_SPACE, key),
        key=key,
        keys=(key,) if key.isdecimal() else (),
        begins_on=begins,
        ends_on=ends,
    )


def agreement(slug: str, kind: Any, *members: str | Member, **fields: Any) -> Contract:
    bound = tuple(m if isinstance(m, Member) else member(m) for m in members)
    known: dict[str, Any] = {
        "parent": None,
        "begins_on": date(2021, 1, 30),
        "ends_on": None,
        "services": ("ewa",) if kind != "framework" else (),
        "themes": (),
    }
    return Contract(slug=slug, kind=kind, members=bound, **(known | fields))


def covered(
    body: str, *agreements: Contract, basis: str = "dachabkommen", day: date = DAY
) -> str | Missing:
    need = Need(service="ewa", theme="bauen_wohnen", basis=basis, body=member(body), day=day)
    return cover(need, {each.slug: each for each in agreements})


ROOF = agreement("dach", "framework", "bund", "02", "05")
REUSE = agreement("vertrag", "reuse", "05", "fitko", parent="dach")


def test_a_contract_below_a_framework_the_land_has_joined_covers() -> None:
    assert covered("05", ROOF, REUSE) == "vertrag"


def test_the_land_s_contract_covers_its_municipalities_and_nobody_else_s() -> None:
    assert covered("05315", ROOF, REUSE) == "vertrag"
    assert covered("06", ROOF, REUSE) == Missing("contract-missing", None, "06")


def test_the_accession_that_is_missing_is_named() -> None:
    roof = agreement("dach", "framework", "bund", "02")
    assert covered("05315", roof, REUSE) == Missing("accession-missing", "dach", "05")
    later = agreement("dach", "framework", "bund", member("05", date(2024, 7, 1)))
    assert covered("05315", later, REUSE) == Missing("accession-missing", "dach", "05")
    assert covered("05315", later, REUSE, day=date(2024, 7, 1)) == "vertrag"
    left = agreement("dach", "framework", "bund", member("05", None, DAY))
    assert covered("05315", left, REUSE) == Missing("accession-missing", "dach", "05")


@pytest.mark.parametrize(
    ("change", "link"),
    [
        ({"begins_on": date(2024, 7, 1)}, "contract-not-in-force"),
        ({"begins_on": None}, "contract-not-in-force"),
        ({"ends_on": DAY}, "contract-not-in-force"),
        ({"parent": None}, "parent-missing"),
        ({"services": ("other",)}, "contract-missing"),
        ({"kind": "individual"}, "contract-of-other-kind"),
    ],
)
def test_every_link_is_needed(change: dict[str, Any], link: str) -> None:
    changed = {"kind": "reuse", "parent": "dach"} | change
    broken = agreement("vertrag", changed.pop("kind"), "05", "fitko", **changed)
    found = covered("05", ROOF, broken)
    assert isinstance(found, Missing)
    assert found.link == link


def test_a_framework_that_has_ended_is_named() -> None:
    roof = agreement("dach", "framework", "05", ends_on=DAY)
    assert covered("05", roof, REUSE) == Missing("parent-not-in-force", "dach", "05")


def test_a_contract_may_name_the_theme_and_stand_below_another() -> None:
    above = agreement("ev", "individual", "bmi", "05", parent="dach", services=())
    theme = agreement("v", "reuse", "05", services=(), themes=("bauen_wohnen",), parent="ev")
    assert covered("05", ROOF, above, theme) == "v"


def test_an_onward_contract_leads_to_the_contract_of_who_bundles() -> None:
    roof = agreement("dach", "framework", "bund", "05", "verbund")
    onward = agreement("weiter", "onward", "05315", "verbund")
    bundled = agreement("bund-v", "reuse", "verbund", "fitko", parent="dach")
    assert covered("05315", roof, onward, bundled) == "weiter"
    assert covered("05315", roof, onward) == Missing("contract-missing", "weiter", "verbund")
    joined = agreement("weiter", "onward", "verbund", member("05315", date(2025, 1, 1)))
    assert covered("05315", roof, joined, bundled) == Missing(
        "accession-missing", "weiter", "05315"
    )


def test_of_several_broken_chains_the_longest_is_told_of() -> None:
    late = agreement("spaet", "reuse", "05", begins_on=date(2030, 1, 1), parent="dach")
    loose = agreement("lose", "reuse", "05")
    assert covered("05", ROOF, late, loose) == Missing("parent-missing", "lose", "05")
    assert covered("05", ROOF, late, loose, REUSE) == "vertrag"


def test_other_bases_ask_for_their_own_kind_and_no_framework() -> None:
    contract = agreement("vv", "administrative", "06", "02")
    assert covered("06", contract, basis="administrative_agreement") == "vv"
    assert covered("06", contract, basis="marketplace") == Missing("parent-missing", "vv", "06")
    assert covered("06", agreement("m", "reuse", "06", "govdigital"), basis="marketplace") == "m"


def test_onward_contracts_that_lead_to_each_other_come_to_an_end() -> None:
    one = agreement("eins", "onward", "05315", "verbund")
    two = agreement("zwei", "onward", "verbund", "05315")
    assert isinstance(covered("05315", ROOF, one, two), Missing)
