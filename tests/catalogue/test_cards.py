from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec

from registry.catalogue.cards import ends, service_card
from registry.catalogue.facets import Facet, facets
from registry.catalogue.model import RecordedBuilder, ServiceDraft, ServiceRevision
from tests.catalogue.drafts import FULL, draft

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BUILDER = RecordedBuilder(organisation_id=UUID(int=7), key="01", name="SH", role="lead")


def revision(number: int, valid_from: date, document: dict[str, Any]) -> ServiceRevision:
    return ServiceRevision(
        revision=number,
        valid_from=valid_from,
        recorded_at=NOW,
        event_id=UUID(int=number),
        document=msgspec.convert(document, ServiceDraft),
        builders=(BUILDER,),
    )


def test_a_revision_holds_until_the_next_in_valid_time_not_in_the_order_of_recording() -> None:
    recorded = [
        revision(1, date(2020, 1, 1), draft()),
        revision(2, date(2024, 1, 1), draft()),
        revision(3, date(2022, 1, 1), draft()),
        revision(4, date(2024, 1, 1), draft()),
    ]
    assert ends(recorded) == {
        1: date(2022, 1, 1),
        2: date(2024, 1, 1),
        3: date(2024, 1, 1),
        4: None,
    }


def test_facets_have_the_periods_of_what_they_stand_for() -> None:
    found = set(facets(revision(1, date(2021, 1, 1), FULL)))
    assert {
        Facet("theme", "bauen_wohnen"),
        Facet("builder", str(UUID(int=7))),
        Facet("procedure", "99012001001000"),
        Facet("account", "servicekonto-nrw", None, date(2024, 7, 1)),
        Facet("account", "bundid", date(2024, 7, 1), None),
        Facet("trust_level", "ozg:substanziell", date(2024, 7, 1), None),
        Facet("portal", "wsp-nrw", date(2023, 1, 1), None),
        Facet("maturity", "1.1:3", date(2021, 1, 1), None),
        Facet("maturity", "2.0:5", date(2025, 7, 1), None),
    } <= found


def test_a_level_of_maturity_ends_with_the_next_of_the_same_model() -> None:
    levels = [
        {"model_version": "1.1", "level": 3, "valid_from": "2022"},
        {"model_version": "1.1", "level": 2},
    ]
    found = facets(revision(1, date(2021, 1, 1), draft(maturity=levels)))
    assert [facet for facet in found if facet.facet == "maturity"] == [
        Facet("maturity", "1.1:2", None, date(2022, 1, 1)),
        Facet("maturity", "1.1:3", date(2022, 1, 1), None),
    ]


def test_a_declared_requirement_ends_with_the_next_declaration_of_the_same() -> None:
    declared = [
        {"requirement": "R1", "fulfilled": False, "declared_on": "2024-03"},
        {"requirement": "R1", "fulfilled": True, "declared_on": "2022"},
        {"requirement": "R2", "fulfilled": True, "declared_on": "2023"},
        {"requirement": "O1", "fulfilled": True},
        {"requirement": "O1", "fulfilled": False},
    ]
    found = facets(revision(1, date(2021, 1, 1), draft(minimum_requirements=declared)))
    assert [facet for facet in found if facet.facet == "requirement"] == [
        Facet("requirement", "R1", date(2022, 1, 1), date(2024, 3, 1)),
        Facet("requirement", "R2", date(2023, 1, 1), None),
    ]


def test_a_stored_answer_names_no_address_of_the_registry() -> None:
    card = service_card(revision(1, date(2021, 1, 1), draft()))
    assert b"http" not in card.body
    assert b'"self":"/v1/services/wohngeld-sh"' in card.body


def test_what_the_fictitious_state_builds_is_marked() -> None:
    fictitious = msgspec.structs.replace(BUILDER, key="99001")
    invented = msgspec.structs.replace(
        revision(1, date(2021, 1, 1), draft()), builders=(fictitious,)
    )
    assert service_card(invented).demo
