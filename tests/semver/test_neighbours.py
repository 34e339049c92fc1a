"""Which releases a number is measured against, and what they ask of it."""

import pytest

from registry.semver import (
    Bump,
    announces,
    least_above,
    leaves_honest,
    neighbours,
    parse,
)

PUBLISHED = [parse(one) for one in ("0.3.1", "1.0.0", "1.2.0", "2.0.0-rc.1", "2.0.0", "2.4.1")]


@pytest.mark.parametrize(
    ("number", "lower", "higher"),
    [
        ("0.1.0", None, "0.3.1"),
        ("0.4.0", "0.3.1", None),
        ("1.0.0", "0.3.1", "1.2.0"),
        ("1.1.0", "1.0.0", "1.2.0"),
        ("1.3.0", "1.2.0", None),
        ("2.0.0", "1.2.0", "2.4.1"),
        ("2.0.1", "2.0.0", "2.4.1"),
        ("2.4.0-beta", "2.0.0", None),
        ("3.0.0-beta", "2.4.1", None),
        ("3.0.0", "2.4.1", None),
    ],
)
def test_a_number_stands_between_releases(
    number: str, lower: str | None, higher: str | None
) -> None:
    found = neighbours(parse(number), PUBLISHED)
    assert (found.lower, found.higher) == (lower and parse(lower), higher and parse(higher))


@pytest.mark.parametrize(
    ("number", "lower", "bump", "said"),
    [
        ("1.0.1", "1.0.0", "none", True),
        ("1.0.1", "1.0.0", "patch", True),
        ("1.0.1", "1.0.0", "minor", False),
        ("1.1.0", "1.0.0", "minor", True),
        ("1.1.5", "1.0.0", "major", False),
        ("2.0.0", "1.0.0", "major", True),
        ("2.0.0-rc.1", "1.0.0", "major", True),
        ("1.1.0-rc.1", "1.0.0", "major", False),
        ("0.1.1", "0.1.0", "minor", True),
        ("0.1.1", "0.1.0", "major", False),
        ("0.2.0", "0.1.0", "major", True),
        ("1.0.0", "0.9.0", "major", True),
    ],
)
def test_a_number_says_what_changed(number: str, lower: str, bump: Bump, said: bool) -> None:
    assert announces(parse(number), parse(lower), bump) is said


def test_the_next_release_must_stay_honest() -> None:
    assert leaves_honest(parse("1.0.5"), parse("1.1.0"), "minor")
    assert not leaves_honest(parse("1.0.5"), parse("1.0.9"), "minor")
    assert not leaves_honest(parse("1.0.5"), parse("1.9.0"), "major")
    assert leaves_honest(parse("0.1.5"), parse("0.2.0"), "major")


def test_the_least_number_is_one_that_is_free() -> None:
    taken = [parse("1.1.0"), parse("1.1.1")]
    assert least_above(parse("1.0.0"), "minor", taken) == parse("1.1.2")
    assert least_above(parse("1.0.0"), "major", taken) == parse("2.0.0")
    assert least_above(parse("0.3.0"), "major", taken) == parse("0.4.0")
