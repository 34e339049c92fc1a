"""The verdict on two versions, from those on their interfaces."""

import pytest

from registry.compatibility.compare import compare
from registry.compatibility.model import Relation, Schema
from registry.versions.comparisons.verdicts import (
    InterfaceVerdict,
    Question,
    Side,
    change_of,
    combined,
    is_decided,
    ran_out,
    undecided,
)

OLD = Side(direction="accepts", identity="aa" * 32)
NEW = Side(direction="accepts", identity="bb" * 32)
TURNED = Side(direction="emits", identity="aa" * 32)
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
    old: Side | None, new: Side | None, change: str, bump: str, relation: str
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


def test_nobody_vouches_for_a_proven_break() -> None:
    verdict = compare(Schema(root={"maxLength": 9}), Schema(root={"maxLength": 3}))
    one = InterfaceVerdict(name="a", change="compared", old=OLD, new=NEW, verdict=verdict)
    assert one.bump_with([finding.fingerprint for finding in verdict.findings]) == "major"
