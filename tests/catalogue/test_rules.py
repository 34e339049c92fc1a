from datetime import date
from typing import Any

import msgspec
import pytest

from registry.authority import Actor
from registry.catalogue import rules
from registry.catalogue.model import InvalidService, ServiceDraft
from registry.catalogue.parts import Policy
from registry.errors import Fault, NotYours
from tests.catalogue.drafts import FULL, draft

ADMIN = Actor(organisation="operator", name="Betreiber", scopes=frozenset({"admin"}))
SH = Actor(organisation="sh", name="SH", keys=("01",), scopes=frozenset({"publish:*"}))


def faults(**fields: Any) -> list[tuple[str, str]]:
    """Place and rule of what contradicts itself in a document."""
    document = msgspec.convert(draft(**fields), ServiceDraft)
    return [(f.pointer, f.rule) for f in rules.contradictions(document, document.slug)]


def test_a_full_document_is_sound_and_mentions_all_it_names() -> None:
    document = msgspec.convert(FULL, ServiceDraft)
    assert list(rules.contradictions(document, "bauantrag")) == []
    mentioned = {(mention.kind, mention.value) for mention in rules.mentions(document)}
    assert {
        ("themes", "bauen_wohnen"),
        ("organisation", "02000"),
        ("organisation", "13003000"),
        ("levels", "district"),
        ("procedure", "99012001001000"),
        ("ozg", "10519"),
        ("accounts", "servicekonto-nrw"),
        ("trust_levels", "ozg:substanziell"),
        ("components", "fit-connect"),
        ("minimum_requirements", "R1"),
        ("maturity", "2.0:5"),
        ("portals", "wsp-nrw"),
        ("agreement_bases", "dachabkommen"),
    } <= mentioned


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (
            {"accounts": [{"account": "bundid", "valid_from": "2024-07", "valid_to": "2024"}]},
            [("/accounts/0/valid_to", "ends-before-it-begins")],
        ),
        (
            {"sources": [{"stated_on": "2021-02-29"}]},
            [
                ("/sources/0/stated_on", "no-such-day"),
                ("/sources/0", "empty-source"),
            ],
        ),
        ({"ozg_ids": ["10092", "10092"]}, [("/ozg_ids/1", "repeated")]),
        ({"competence": [{"source": "x"}]}, [("/competence/0", "nobody-competent")]),
        ({"policy": {"kind": "record"}}, [("/policy/released_before", "policy-date")]),
        (
            {"policy": {"released_before": "2020-01-01"}},
            [("/policy/released_before", "policy-date")],
        ),
        (
            {
                "maturity": [
                    {"model_version": "1.1", "level": 2, "valid_from": "2020"},
                    {"model_version": "1.1", "level": 3, "valid_from": "2020"},
                ]
            },
            [("/maturity/1", "repeated")],
        ),
    ],
)
def test_a_contradiction_is_named_with_its_place(
    fields: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert faults(**fields) == found


def test_everything_unknown_is_a_fault() -> None:
    mention = rules.Mention("themes", "wetter", "/theme")
    assert list(rules.unknown([mention], {})) == [
        Fault("/theme", "unknown-code", {"value": "wetter", "codelist": "themes"})
    ]
    assert list(rules.unknown([mention], {"themes": frozenset({"wetter"})})) == []


def test_a_builder_stands_above_its_municipalities_only() -> None:
    rules.require_builder(SH, "a-service", [("somebody", "01051")])
    rules.require_builder(ADMIN, "a-service", [])
    for leads in ([("nrw", "05")], [("fitko", "fitko")], []):
        with pytest.raises(NotYours):
            rules.require_builder(SH, "a-service", leads)


def test_a_policy_only_becomes_stricter() -> None:
    record = Policy(kind="record", released_before=date(2022, 1, 1))
    rules.require_policy_allowed(ADMIN, None, record)
    rules.require_policy_allowed(SH, record, record)
    rules.require_policy_allowed(SH, record, Policy())
    with pytest.raises(InvalidService):
        rules.require_policy_allowed(SH, None, record)
    with pytest.raises(InvalidService):
        rules.require_policy_allowed(ADMIN, Policy(), record)


@pytest.mark.parametrize("mailbox", ["bauamt@kreis.example", "ozg-efa@im.mv-regierung.de"])
def test_a_mailbox_is_an_address(mailbox: str) -> None:
    contacts = [{"role": "Betrieb", "mailbox": mailbox}]
    assert msgspec.convert(draft(contacts=contacts), ServiceDraft).contacts[0].mailbox == mailbox


@pytest.mark.parametrize(
    "fields",
    [
        {"contacts": [{"role": "Betrieb", "mailbox": "bauamt"}]},
        {"procedures": ["12345678901234"]},
        {"procedures": ["99012001001000\n"]},
        {"ozg_ids": ["1024"]},
        {"names": {"de": ""}},
        {"names": {"de": "a\x00b"}},
        {"funding": [{"reference": "x", "amount_eur": "1,5"}]},
        {"accounts": [{"account": "bundid", "valid_from": "07/2024"}]},
        {"maturity": [{"model_version": "1.1", "level": 8}]},
        {"unknown": 1},
    ],
)
def test_what_has_the_wrong_form_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(draft(**fields), ServiceDraft)
