"""The verdict on two versions, from those on their interfaces."""

import pytest

from registry.compatibility.compare import compare
from registry.compatibility.model import Budget, Direction, Relation, Schema
from registry.dialects.strict_json import Json
from registry.versions.comparisons.interfaces import finding_on
from registry.versions.comparisons.verdicts import (
    InterfaceSide,
    InterfaceVerdict,
    Question,
    VersionVerdict,
    Vouched,
    change_of,
    combined,
    is_decided,
    ran_out,
    undecided,
)

OLD = InterfaceSide(direction="accepts", identity="aa" * 32)
NEW = InterfaceSide(direction="accepts", identity="bb" * 32)
TURNED = InterfaceSide(direction="emits", identity="aa" * 32)
ASKED = Question(
    old=OLD.identity, new=NEW.identity, direction="accepts", reading="reserved", formats="annotate"
)


@pytest.mark.parametrize(
    ("old", "new", "change", "bump", "relation"),
    [
        (OLD, OLD, "same", "none", "equal"),
        (None, NEW, "added", "minor", "wider"),
        (OLD, None, "removed", "major", "narrower"),
        (OLD, TURNED, "turned", "major", "incomparable"),
    ],
)
def test_some_changes_need_no_comparison(
    old: InterfaceSide | None, new: InterfaceSide | None, change: str, bump: str, relation: str
) -> None:
    found = change_of(old, new)
    verdict = InterfaceVerdict(name="antrag", change=found, old=old, new=new)
    assert (found, verdict.bump, verdict.relation) == (change, bump, relation)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([], "equal"),
        (["equal", "wider"], "wider"),
        (["wider", "narrower"], "incomparable"),
        (["unknown", "wider"], "unknown"),
        (["unknown", "wider", "narrower"], "incomparable"),
    ],
)
def test_relations_of_interfaces_combine(parts: list[Relation], whole: Relation) -> None:
    assert combined(parts) == whole


def test_what_was_not_decided_counts_as_major_until_somebody_vouches() -> None:
    verdict = undecided(ASKED)
    (finding,) = verdict.findings
    one = InterfaceVerdict(name="a", change="compared", old=OLD, new=NEW, verdict=verdict)
    assert (is_decided(verdict), ran_out(verdict)) == (False, True)
    assert (one.bump, one.bump_with([]), one.bump_with([finding.fingerprint])) == (
        "major",
        "major",
        "minor",
    )
    assert "zu aufwendig" in finding.message_de
    assert finding.rule.startswith("EFA-UNK")


def test_findings_that_time_was_too_short_for_are_looked_into_again() -> None:
    names = [f"p{number}" for number in range(5)]
    old: Json = {"properties": {name: {"type": "string"} for name in names}}
    new: Json = {"properties": {name: {"type": "integer"} for name in names}}
    hurried = compare(old, new, budget=Budget(steps=30))
    assert hurried.backward.answer == "no"
    assert "unknown" in {finding.severity for finding in hurried.findings}
    assert ran_out(hurried)
    assert not ran_out(compare(old, new, budget=Budget(seconds=60)))


def test_what_is_vouched_for_counts_for_its_interface_and_pair_only() -> None:
    verdict = undecided(ASKED)
    (finding,) = verdict.findings
    names = ("a", "b")
    whole = VersionVerdict(
        old="1.0.0",
        new="1.1.0",
        reading="reserved",
        formats="annotate",
        engine="1",
        interfaces=[
            InterfaceVerdict(name=name, change="compared", old=OLD, new=NEW, verdict=verdict)
            for name in names
        ],
    )
    both = whole.undecided_against("1.0.0")
    assert both == {Vouched(name, "1.0.0", finding.fingerprint) for name in names}
    assert whole.bump_with(both) == "minor"
    assert not whole.breaks
    for given in (
        [one for one in both if one.interface == "a"],
        [one._replace(version="0.9.0") for one in both],
        [one._replace(interface="c") for one in both],
        [],
    ):
        assert whole.bump_with(given) == "major"


@pytest.mark.parametrize(
    ("old", "new", "rule", "severity"),
    [
        (None, NEW, "EFA-INT-01", "compatible"),
        (OLD, None, "EFA-INT-02", "breaking"),
        (OLD, TURNED, "EFA-INT-03", "breaking"),
    ],
)
def test_an_interface_that_comes_goes_or_turns_is_a_finding_without_a_witness(
    old: InterfaceSide | None, new: InterfaceSide | None, rule: str, severity: str
) -> None:
    one = InterfaceVerdict(name="antrag", change=change_of(old, new), old=old, new=new)
    found = one.finding
    assert found is not None
    assert (found.rule, found.severity, found.witness) == (rule, severity, None)
    assert "„antrag“" in found.message_de
    assert "“antrag”" in found.message_en
    assert one.breaks is (severity == "breaking")
    assert [found.old is None, found.new is None] == [old is None, new is None]
    other = InterfaceVerdict(name="status", change=change_of(old, new), old=old, new=new)
    assert other.finding is not None
    assert other.finding.fingerprint != found.fingerprint


def test_each_turn_of_an_interface_has_a_fingerprint_of_its_own() -> None:
    """Who excepts one of them excepts no other."""
    turns: list[tuple[Direction, Direction]] = [
        ("accepts", "emits"), ("accepts", "exchanges"), ("emits", "accepts"),
        ("exchanges", "accepts"),
    ]  # fmt: skip
    found = [finding_on("antrag", "turned", old, new) for old, new in turns]
    assert len({one.fingerprint for one in found if one}) == len(turns)


def test_an_interface_that_stays_is_no_finding() -> None:
    for old, new in ((OLD, OLD), (OLD, NEW)):
        one = InterfaceVerdict(name="antrag", change=change_of(old, new), old=old, new=new)
        assert one.finding is None


def test_nobody_vouches_for_a_proven_break() -> None:
    verdict = compare(Schema(root={"maxLength": 9}), Schema(root={"maxLength": 3}))
    one = InterfaceVerdict(name="a", change="compared", old=OLD, new=NEW, verdict=verdict)
    assert one.bump_with([finding.fingerprint for finding in verdict.findings]) == "major"
