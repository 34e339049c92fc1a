"""Whether a number tells the truth, and which is the least that does; without a database."""

from typing import get_args

import pytest
from msgspec.structs import replace

from registry.authority import Actor
from registry.errors import Refusal
from registry.semver import Bump, neighbours, parse
from registry.versions.comparisons.verdicts import (
    Change,
    InterfaceSide,
    InterfaceVerdict,
    VersionVerdict,
)
from registry.versions.model import InvalidVersion, Override, OverrideNeedsPerson
from registry.versions.numbers import honesty
from registry.versions.numbers.honesty import Judgement

_OLD = InterfaceSide(direction="accepts", identity="aa" * 32)
_CHANGES: dict[Bump, Change] = {"none": "same", "minor": "added", "major": "removed"}


def verdict(old: str, new: str, bump: Bump) -> VersionVerdict:
    one = InterfaceVerdict(name="antrag", change=_CHANGES[bump], old=_OLD, new=_OLD)
    return VersionVerdict(
        old=old, new=new, reading="reserved", formats="annotate", engine="1", interfaces=[one]
    )


def judged(
    number: str,
    published: list[str],
    lower: Bump | None = None,
    higher: Bump | None = None,
    latest: Bump | None = None,
) -> Judgement:
    every = [parse(one) for one in published]
    beside = neighbours(parse(number), every)
    found = Judgement(
        number=parse(number),
        formats="annotate",
        taken=every,
        bases=every,
        lower=verdict(str(beside.lower), number, lower) if lower else None,
        higher=verdict(number, str(beside.higher), higher) if higher else None,
    )
    if latest is None:
        return found
    last = found.above()[-1]
    above = verdict(str(max(every)), number, latest)
    return replace(found, beyond=replace(last, lower=above))


def outcome(number: str, found: Judgement) -> tuple[str | None, str | None]:
    """The code of the refusal, and the least number allowed."""
    least = honesty.least_allowed(found, ())
    try:
        honesty.require_honest(found, ())
    except Refusal as refused:
        return refused.code, str(refused.facts["required"])
    return None, least and str(least)


@pytest.mark.parametrize(
    ("number", "published", "bumps", "expected"),
    [
        ("1.0.0", [], (), (None, None)),
        ("1.0.1", ["1.0.0"], ("none",), (None, "1.0.1")),
        ("1.0.1", ["1.0.0"], ("minor",), ("version-number-too-small", "1.1.0")),
        ("1.9.0", ["1.0.0"], ("major",), ("version-number-too-small", "2.0.0")),
        ("0.1.1", ["0.1.0"], ("major",), ("version-number-too-small", "0.2.0")),
        ("0.1.1", ["0.1.0"], ("minor",), (None, "0.1.1")),
        ("1.0.1", ["1.0.0", "1.1.0"], ("none", "minor"), (None, "1.0.1")),
        (
            "1.0.1",
            ["1.0.0", "1.0.2"],
            ("none", "minor", "none"),
            ("version-does-not-fit-next", "1.0.3"),
        ),
        (
            "1.1.0",
            ["1.0.0", "1.1.1"],
            ("major", "major", "major"),
            ("version-number-too-small", "2.0.0"),
        ),
        (
            "1.0.1",
            ["1.0.0", "2.3.0"],
            ("major", None, "minor"),
            ("version-number-too-small", "2.4.0"),
        ),
        ("1.1.0-rc.1", ["1.0.0", "1.5.0"], ("minor",), (None, "1.1.0")),
        ("1.0.1-rc.1", ["1.0.0"], ("minor",), ("version-number-too-small", "1.1.0")),
        ("1.0.0", ["1.1.0"], (None, "major", "minor"), ("version-does-not-fit-next", "1.2.0")),
    ],
)
def test_numbers_are_held_to_what_changed(
    number: str,
    published: list[str],
    bumps: tuple[Bump | None, ...],
    expected: tuple[str | None, str | None],
) -> None:
    assert outcome(number, judged(number, published, *bumps)) == expected


def test_all_bumps_and_places_agree_with_the_rule_in_plain_words() -> None:
    """A number is refused exactly when it is below the least one, between free neighbours."""
    for bump in ("none", "minor", "major"):
        assert bump in get_args(Bump)
        for number in ("1.0.1", "1.1.0", "1.1.7", "2.0.0", "3.1.0"):
            found = judged(number, ["1.0.0"], bump)
            least = honesty.least_allowed(found, ())
            assert least is not None
            assert (outcome(number, found)[0] is None) is (parse(number) >= least)


def test_places_above_are_those_between_the_releases_there() -> None:
    found = judged("1.0.5-rc.1", ["0.9.0", "1.0.0", "1.1.0", "2.0.0-rc.1", "2.0.0"])
    assert [str(each.number) for each in found.above()] == ["1.1.1-rc.1", "2.0.1-rc.1"]
    assert [each.neighbours.lower for each in found.above()] == [parse("1.1.0"), parse("2.0.0")]
    many = judged("1.0.1", [f"1.{minor}.0" for minor in range(40)])
    numbers = [str(each.number) for each in many.above()]
    assert (numbers[0], numbers[19:]) == ("1.1.1", ["1.20.1", "1.39.1"])


def test_only_a_person_vouches_and_only_for_what_is_undecided() -> None:
    override = Override(
        interface="antrag", version="1.0.0", fingerprint="ab" * 8, reason="Geprüft."
    )
    machine = Actor(organisation="x", name="CI")
    with pytest.raises(OverrideNeedsPerson):
        honesty.require_vouching(machine, [override])
    honesty.require_vouching(machine, [])
    nothing = judged("1.0.0", [])
    with pytest.raises(InvalidVersion) as refused:
        honesty.require_needed([override], nothing)
    assert [fault.pointer for fault in refused.value.faults] == ["/overrides/0"]
