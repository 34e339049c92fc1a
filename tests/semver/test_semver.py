"""The order, the ranges and the refusals of version numbers, against two other implementations."""

import re
from typing import Any

import nodesemver
import pytest
import semantic_version
from hypothesis import given
from hypothesis import strategies as st

from registry import semver
from registry.semver import (
    Bump,
    OddNumber,
    OddRange,
    next_version,
    parse,
    parse_range,
    require_room,
    satisfies,
)

npm: Any = nodesemver
elan: Any = semantic_version

numbers = st.integers(0, 12)
identifiers = st.one_of(
    st.integers(0, 30).map(str),
    st.from_regex(r"\A[0-9]{0,2}[A-Za-z-][0-9A-Za-z-]{0,3}\Z"),
)
prereleases = st.lists(identifiers, max_size=3).map(".".join)


@st.composite
def versions(draw: st.DrawFn) -> str:
    text = ".".join(str(draw(numbers)) for _ in range(3))
    prerelease = draw(prereleases)
    return f"{text}-{prerelease}" if prerelease else text


@st.composite
def partials(draw: st.DrawFn) -> str:
    places = [str(draw(numbers)) for _ in range(draw(st.integers(0, 3)))]
    if len(places) == 3:
        return ".".join(places) + draw(st.sampled_from(["", "", "-rc.1", "-0", "-beta"]))
    closing = draw(st.sampled_from(["", "x", "*"] if places else ["x", "*"]))
    return ".".join([*places, closing] if closing else places)


simple = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "^", "~", ">", ">=", "<", "<=", "="]),
    st.sampled_from(["", " "]),
    partials(),
)
alternatives = st.one_of(
    st.lists(simple, min_size=1, max_size=3).map(" ".join),
    st.builds("{} - {}".format, partials(), partials()),
)
ranges = st.lists(alternatives, min_size=1, max_size=3).map(" || ".join)


@given(versions())
def test_a_version_is_spelled_as_it_was_read(text: str) -> None:
    assert str(parse(text)) == text


@given(versions(), versions())
def test_the_order_is_the_one_of_both_other_implementations(one: str, other: str) -> None:
    ours = (parse(one) > parse(other)) - (parse(one) < parse(other))
    assert ours == npm.compare(one, other, loose=False)
    theirs_one, theirs_other = elan.Version(one), elan.Version(other)
    assert ours == (theirs_one > theirs_other) - (theirs_one < theirs_other)


@given(versions(), versions())
def test_the_sort_key_orders_as_bytes(one: str, other: str) -> None:
    by_key = parse(one).sort_key.encode() < parse(other).sort_key.encode()
    assert by_key == (npm.compare(one, other, loose=False) < 0)
    assert parse(one).sort_key.isascii()


def test_the_order_of_the_specification() -> None:
    words = ["-alpha", "-alpha.1", "-alpha.beta", "-beta", "-beta.2", "-beta.11", "-rc.1"]
    ordered = [parse("1.0.0" + word) for word in [*words, ""]]
    backwards = ordered[::-1]
    assert sorted(backwards) == ordered
    assert sorted(ordered, key=lambda version: version.sort_key) == ordered


@given(versions(), ranges)
def test_a_version_lies_in_a_range_as_npm_says(version: str, wanted: str) -> None:
    expected = npm.satisfies(version, wanted, loose=False)
    assert satisfies(parse(version), parse_range(wanted)) == expected


@given(st.lists(versions(), max_size=12), ranges)
def test_the_best_match_is_npms(given_versions: list[str], wanted: str) -> None:
    best = semver.best_match(parse_range(wanted), map(parse, given_versions))
    expected = npm.max_satisfying(given_versions, wanted, loose=False)
    assert (str(best) if best else None) == expected


@pytest.mark.parametrize(
    ("wanted", "inside", "outside"),
    [
        ("^2.1", "2.1.0 2.9.9", "2.0.9 3.0.0 2.2.0-rc.1 3.0.0-rc.1"),
        ("~1.4", "1.4.0 1.4.9", "1.5.0 1.3.9 1.5.0-0"),
        ("~1.4.2", "1.4.2 1.4.9", "1.4.1 1.5.0 2.4.2 1.5.0-0"),
        ("~> 1.4.2-rc.1", "1.4.2-rc.1 1.4.2 1.4.9", "1.4.1 1.5.0 1.4.3-rc.1"),
        ("~1", "1.0.0 1.9.0", "2.0.0 0.9.0"),
        (">=1 <3", "1.0.0 2.99.0", "0.9.9 3.0.0 3.0.0-rc.1"),
        ("1.x", "1.0.0 1.9.0", "2.0.0 0.9.0"),
        ("1.2 - 2.3", "1.2.0 2.3.9", "2.4.0 1.1.9"),
        ("^0.3 || ^1.2.3-rc.1", "0.3.4 1.2.3-rc.2 1.3.0", "0.4.0 1.2.4-rc.1 1.2.3-beta"),
        ("*", "0.0.0 9.9.9", "1.0.0-rc.1"),
        ("", "1.0.0", "1.0.0-rc.1"),
        (">1.2", "1.3.0", "1.2.9"),
        ("<=1.2", "1.2.9", "1.3.0"),
        ("<1.2", "1.1.9", "1.2.0 1.2.0-0"),
        ("<1.2.3", "1.2.2", "1.2.3"),
        (">=1.2.0-alpha <1.2", "", "1.2.0-alpha 1.2.0 1.1.9"),
        (">=1.2.3-alpha <1.2.3", "1.2.3-alpha 1.2.3-beta", "1.2.3 1.2.2"),
        (">1.2.3", "1.2.4", "1.2.3"),
        (">*", "", "0.0.0 9.9.9"),
        ("<*", "", "0.0.0 9.9.9"),
        ("^0.3.4", "0.3.4 0.3.9", "0.3.3 0.4.0"),
        ("=1.2.3", "1.2.3", "1.2.2 1.2.4"),
        ("^0.0.3", "0.0.3", "0.0.4"),
    ],
)
def test_ranges_by_example(wanted: str, inside: str, outside: str) -> None:
    compiled = parse_range(wanted)
    assert all(satisfies(parse(text), compiled) for text in inside.split())
    assert not any(satisfies(parse(text), compiled) for text in outside.split())


@given(ranges)
def test_the_second_implementation_agrees_on_releases(wanted: str) -> None:
    if re.search(r"\d-", wanted):  # it takes `0.3.0-rc.1` to mean 0.3.0 as well
        return
    try:
        theirs = elan.NpmSpec(wanted)
    except ValueError:
        return
    compiled = parse_range(wanted)
    for text in ("0.0.1", "0.3.0", "1.0.0", "1.2.3", "2.0.0", "11.4.2"):
        assert satisfies(parse(text), compiled) == theirs.match(elan.Version(text))


def test_prereleases_are_found_when_asked_for() -> None:
    offered = [parse("2.1.0"), parse("2.2.0-rc.1")]
    assert str(semver.best_match(parse_range("^2.1"), offered)) == "2.1.0"
    assert str(semver.best_match(parse_range("^2.1"), offered, prereleases=True)) == "2.2.0-rc.1"


@pytest.mark.parametrize(
    ("text", "rule", "suggestion"),
    [
        ("v1.2.3", "leading-letter", "1.2.3"),
        ("v1.2", "leading-letter", "1.2.0"),
        ("1.2", "three-numbers", "1.2.0"),
        ("7", "three-numbers", "7.0.0"),
        ("01.2.3", "leading-zero", "1.2.3"),
        ("1.2.3+build.5", "build-metadata", "1.2.3"),
        ("1.2+build", "build-metadata", None),
        ("1.2.3-01", "odd-prerelease", None),
        ("1.2.3-", "not-a-version", None),
        ("1.2.3.4", "not-a-version", None),
        ("1.2.3 ", "not-a-version", None),
        ("１.2.3", "not-a-version", None),
        ("", "not-a-version", None),
        ("1." + "9" * 16 + ".0", "number-too-long", None),
        ("1.2.3-" + "a" * 100, "too-long", None),
    ],
)
def test_odd_numbers_are_explained(text: str, rule: str, suggestion: str | None) -> None:
    assert not semver.is_version(text)
    with pytest.raises(OddNumber) as refused:
        parse(text, "/successor")
    assert refused.value.facts["rule"] == rule
    assert refused.value.facts["given"] == text[:100]
    (fault,) = refused.value.faults
    assert (fault.pointer, fault.rule) == ("/successor", f"version-{rule}")
    assert refused.value.facts.get("suggestion") == suggestion


@pytest.mark.parametrize(
    "text", ["latest", "^", "1.2.3.4", "^v1", ">>1", "1 -2", "1||x|", "^1.2-rc", "a" * 300]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(OddRange):
        parse_range(text)


@pytest.mark.parametrize("text", ["1.999999999999999.0", "1.2.3-" + "a" * 94])
def test_numbers_and_texts_may_be_as_long_as_the_limit(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize("text", ["99999999999999.0.0", "1.99999999999999.99999999999999"])
def test_what_follows_a_number_with_room_is_a_number_and_higher(text: str) -> None:
    number = parse(text)
    require_room(number)
    bumps: tuple[Bump, ...] = ("patch", "minor", "major")
    for bump in bumps:
        following = next_version(number, bump)
        assert parse(str(following)) > number


@pytest.mark.parametrize("text", ["100000000000000.0.0", "1.0.999999999999999"])
def test_a_number_that_leaves_no_room_above_is_refused(text: str) -> None:
    with pytest.raises(OddNumber) as refused:
        require_room(parse(text))
    assert refused.value.faults[0].rule == "version-no-room-above"


def test_a_number_of_many_digits_sorts_after_one_of_fewer() -> None:
    texts = ["9.0.0", "10.0.0", "999999999.0.0", "1000000000.0.0", "999999999999999.0.0"]
    assert texts == sorted(texts, key=lambda text: parse(text).sort_key)


def test_a_refused_range_says_where_it_stops_being_one() -> None:
    with pytest.raises(OddRange) as refused:
        parse_range(">=1.2 <x.y")
    assert refused.value.facts == {"given": ">=1.2 <x.y", "position": 6}


def test_a_range_has_limits() -> None:
    assert len(parse_range("||".join(["1.0.0"] * 20)).alternatives) == 20
    for text in ("||".join(["1.0.0"] * 21), "1.0.0" + " " * 196):
        with pytest.raises(OddRange) as refused:
            parse_range(text)
        assert refused.value.facts["given"] == text[:100]


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read, refusal in ((parse, OddNumber), (parse_range, OddRange)):
        try:
            read(text)
        except refusal:
            continue


@pytest.mark.parametrize(
    ("base", "bump", "expected"),
    [
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "none", "1.2.4"),
        ("0.2.3", "major", "0.3.0"),
        ("0.2.3", "minor", "0.2.4"),
        ("0.2.3", "patch", "0.2.4"),
    ],
)
def test_the_next_version_announces_the_bump(base: str, bump: semver.Bump, expected: str) -> None:
    assert str(semver.next_version(parse(base), bump)) == expected


def test_the_greatest_bump_counts() -> None:
    assert semver.bump_needed(["patch", "major", "none", "minor"]) == "major"
    assert semver.bump_needed([]) == "none"
