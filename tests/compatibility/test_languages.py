"""Languages of patterns: words that are found fit, and where none is found there is none."""

import itertools
import re
import time
import tracemalloc
import unicodedata
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.compatibility.languages import (
    NoWord,
    TooHard,
    Unreadable,
    Words,
    find_words,
    included,
    matches,
)
from registry.compatibility.languages.algebra import one, outside, repeat, then, union
from registry.compatibility.languages.characters import characters
from registry.compatibility.languages.derivatives import after
from registry.compatibility.languages.keeping import keeping
from registry.compatibility.languages.meeting import meet, negate
from registry.compatibility.languages.nodes import ENDLESS, Node
from registry.compatibility.languages.reading import language_of
from registry.dialects.patterns import OddPattern, read_pattern

LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
HOST = rf"^{LABEL}(\.{LABEL})*$"
LINEAR = jsonschema_rs.RegexOptions()
LETTERS = "ab1- \n"
TEXTS = ["".join(text) for size in range(5) for text in itertools.product(LETTERS, repeat=size)]


def words(required: list[str], barred: list[str], **limits: Any) -> tuple[str, ...]:
    found = find_words(required, barred, **limits)
    assert isinstance(found, Words), found
    return found.found


def word(required: list[str], barred: list[str], **limits: Any) -> str:
    return words(required, barred, **limits)[0]


@pytest.mark.parametrize(
    ("smaller", "larger", "answer"),
    [
        (HOST, "^.{1,253}$", "no"),
        ("^.{0,1999}$", "^.{0,2000}$", "yes"),
        ("^.{0,2000}$", "^.{0,1999}$", "no"),
        ("^[a-z]{3}$", "^[a-z]+$", "yes"),
        ("^[a-z]+$", "^[a-z]{3}$", "no"),
        ("^FR[0-9]{5}$", "^[A-Z]{2}[0-9]+$", "yes"),
        ("^[A-Z]{2}[0-9]+$", "^FR[0-9]{5}$", "no"),
        (r"^\u0041$", "^A$", "yes"),
        ("^A$", r"^\x41$", "yes"),
        ("[0-9A-F]{64,128}", "[0-9A-F]{64}", "yes"),
        (r"^\d+$", r"^[\p{Nd}]+$", "yes"),
        (r"^[\p{Nd}]+$", r"^\d+$", "no"),
        (r"^\p{Lu}+$", r"^\p{L}+$", "yes"),
        (r"^\p{Script=Greek}$", r"^\P{ASCII}$", "yes"),
        (r"^[^\s]+$", r"^\S+$", "yes"),
        (r"^(?:a|ab|abc)+$", "^(abc|ab|a){1,}$", "yes"),
        ("^(a|aa)+$", "^a+$", "yes"),
        ("^(a?){50}a{50}$", "^a{50,100}$", "yes"),
        (r"\bfoo\b", "foo", "yes"),
        ("foo", r"\bfoo\b", "no"),
        (r"a{2}\b", "aa", "yes"),
        (r"^a{2}\b", "^aa", "yes"),
        ("a{2}", r"a{2}\b", "no"),
        ("^(?!abc)[a-z]{3}$", "^[a-z]{3}$", "yes"),
        ("^[a-z]{3}$", "^(?!abc)", "no"),
        ("^((?!foo).)*$", "foo", "no"),
        ("^(?=x$)x$", "^x$", "yes"),
        ("^$", r"^\s*$", "yes"),
        ("a", "", "yes"),
        ("a", "[^]", "yes"),
        ("[]", "a", "yes"),
    ],
)
def test_inclusion(smaller: str, larger: str, answer: str) -> None:
    assert included(smaller, larger) == answer


@pytest.mark.parametrize(
    ("required", "barred", "limits"),
    [
        (["^(ab)*$"], ["^(ab){0,3}$"], {"max_length": 5}),
        ([], [r"[\s\S]"], {"min_length": 1}),
        ([], ["a", "^[^a]*$"], {}),
        (["foo", "^(?:(?!foo)[^])*$"], [], {}),
        (["^(ab)*$"], [], {"min_length": 7, "max_length": 7}),
        (["^(ab)*$"], [], {"min_length": 65_535, "max_length": 65_535}),
        ([HOST], ["^.{1,253}$"], {"max_length": 253}),
        (["^[a-z]{3}$"], [], {"min_length": 4}),
        (["^a$"], [], {"excluded": ["a"]}),
        (["(?<=a)b"], ["(?<=a)b"], {}),
        (["(?<=a)b", "^x$"], ["x"], {}),
        (["^.{0,1500}$"], [], {"min_length": 1501}),
    ],
)
def test_where_nothing_fits_that_is_proved(
    required: list[str], barred: list[str], limits: dict[str, Any]
) -> None:
    assert find_words(required, barred, **limits) == NoWord()


@pytest.mark.parametrize(
    ("required", "barred", "limits", "found"),
    [
        ([], [], {"min_length": 1}, "a"),
        (["^[a-z]{3}$"], [], {}, "abc"),
        (["^FR[0-9]{5}$"], [], {}, "FR12345"),
        (["^[0-9]{4}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])$"], [], {}, "1234-01-31"),
        ([], [".+"], {"min_length": 1}, "\n"),
        (["^[^a]*$"], [], {"min_length": 2}, "bc"),
        ([r"^[\p{L}0-9. ]*$"], ["^[A-Za-z0-9. ]*$"], {}, "ä"),
        (["^(ab)*$"], ["^(ab){0,3}$"], {}, "abababab"),
        ([".*"], ["^[ -~]*$"], {}, "ä"),
        ([r"^[\x00-\x1fA]$"], [], {}, "A"),
    ],
)
def test_the_word_found_is_a_short_and_natural_one(
    required: list[str], barred: list[str], limits: dict[str, Any], found: str
) -> None:
    assert word(required, barred, **limits) == found


def test_long_texts_are_counted_not_unrolled() -> None:
    start = time.process_time()
    assert len(word(["^.{0,2000}$"], ["^.{0,1999}$"])) == 2000
    assert len(word(["^[a-z]+$"], [], min_length=65_535)) == 65_535
    assert len(word([], ["^[a-z]+$"], min_length=65_535)) == 65_535
    assert len(word([HOST], ["^.{1,253}$"])) == 254
    assert time.process_time() - start < 2


def test_as_many_words_as_asked_for_are_distinct() -> None:
    found = words([], [], count=3000, min_length=2)
    assert len(set(found)) == 3000
    assert all(len(each) >= 2 for each in found)


def test_a_finite_language_is_told_completely() -> None:
    assert find_words(["^[ab]{1,2}$"], ["^ab$"], count=9) == Words(
        ("a", "b", "aa", "ba", "bb"), complete=True
    )


def test_excluded_words_are_passed_over() -> None:
    assert word(["^[a-c]$"], [], excluded=["a", "b"]) == "c"
    assert len(word([], [], excluded=["", *"abcdefghijklmnopqrstuvwxyz"])) == 1


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(a)\1", "back-reference"),
        ("(?<=a)b", "look-behind"),
        ("(?i)a", "pattern-syntax"),
        (r"\p{Emoji}", r"the property \p{Emoji}"),
        (r"\p{scx=Greek}", r"the property \p{scx=Greek}"),
        (r"\p{Script_Extensions=Greek}", r"the property \p{Script_Extensions=Greek}"),
        ("(a|^b)*c", "an assertion inside a repetition"),
    ],
)
def test_what_is_not_understood_is_said(pattern: str, reason: str) -> None:
    assert find_words([pattern], []) == TooHard(reason)
    assert included(pattern, "x") == "unknown"
    with pytest.raises(Unreadable, match=re.escape(reason)):
        matches(pattern, "a")


@pytest.mark.parametrize(
    ("required", "barred"),
    [
        ("^(a|b)*a(a|b){30}$", "^((a|b)(a|b))*a(a|b){30}$"),
        (
            "^(([a-c]{1,9}|[b-d]{2,10}){1,9}|[c-e]{3,11}){1,9}$",
            "^(([a-d]{1,9}|[b-e]{2,10}){1,9}|[c-f]{3,11}){1,8}$",
        ),
        ("((a{100}){100}){100}", "b"),
        ("(" * 99 + "a*" + ")*" * 99, "^" + "a?" * 2000 + "$"),
    ],
)
def test_hostile_patterns_end_within_their_steps(required: str, barred: str) -> None:
    start = time.process_time()
    find_words([required], [barred])
    assert time.process_time() - start < 10


def test_fewer_steps_never_change_a_decision() -> None:
    decided = find_words([HOST], ["^[a-z.]+$"])
    for steps in (1, 10, 100, 1000):
        assert find_words([HOST], ["^[a-z.]+$"], steps=steps) in (
            decided,
            TooHard("more steps than allowed"),
        )


ATOMS = st.sampled_from(["a", "b", "1", "-", "[ab]", "[^a]", ".", r"\w", r"\s", "[a-z]", "[^]"])
EDGES = st.sampled_from(["^", "$", r"\b", r"\B"])


def composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    counts = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, counts).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        inner.map(lambda each: f"(?={each})"),
        inner.map(lambda each: f"(?!{each})"),
    )


PATTERNS = st.tuples(
    st.sampled_from(["", "^"]),
    st.recursive(st.one_of(ATOMS, ATOMS, EDGES), composed, max_leaves=6),
    st.sampled_from(["", "$"]),
).map("".join)


def in_python(pattern: str) -> re.Pattern[str]:
    """The same in Python's own engine, for the pieces drawn here."""
    written = pattern.replace("[^]", r"[\s\S]").replace("$", r"\Z").replace(r"\B", r"(?!\b)")
    return re.compile(written, re.ASCII)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(PATTERNS, max_size=2),
    st.lists(PATTERNS, max_size=2),
    st.integers(0, 4),
    st.none() | st.integers(0, 3),
)
def test_answers_agree_with_trying_all_short_texts(
    required: list[str], barred: list[str], low: int, more: int | None
) -> None:
    high = None if more is None else low + more
    wanted, unwanted = [in_python(each) for each in required], [in_python(each) for each in barred]

    def fits(text: str) -> bool:
        return (
            low <= len(text) <= (len(text) if high is None else high)
            and all(each.search(text) for each in wanted)
            and not any(each.search(text) for each in unwanted)
        )

    found = find_words(required, barred, min_length=low, max_length=high)
    if isinstance(found, TooHard):
        return
    if isinstance(found, Words):
        assert fits(found.found[0])
    else:
        assert not any(fits(text) for text in TEXTS)


@settings(max_examples=200, deadline=None)
@given(PATTERNS, st.text("ab1-_ \n\u2028ä😀", max_size=6))
def test_matching_agrees_with_the_validating_engine(pattern: str, text: str) -> None:
    try:
        engine = read_pattern(pattern).engine
        fits = matches(pattern, text)
    except (OddPattern, Unreadable):
        return
    schema = {"pattern": engine}
    assert fits == jsonschema_rs.Draft202012Validator(schema, pattern_options=LINEAR).is_valid(text)


@settings(max_examples=100, deadline=None)
@given(PATTERNS)
def test_all_words_of_a_short_language_are_listed_once(pattern: str) -> None:
    found = find_words([pattern, r"^[ab1\-]{0,3}$"], [], count=100)
    if isinstance(found, TooHard):
        return
    listed = found.found if isinstance(found, Words) else ()
    reader = in_python(pattern)
    texts = {text for text in TEXTS if len(text) <= 3 and not set(text) & set(" \n")}
    assert sorted(listed) == sorted(text for text in texts if reader.search(text))


SEEN = [
    *map(chr, range(0x0, 0x3100, 7)),
    *map(chr, (0x01C5, 0xE000, 0xFFFD, 0xFFFE, 0x1F600, 0x3FFFF, 0x40000, 0x50000)),
    *map(chr, (0xE0100, 0xF0000, 0xFFFFD, 0xFFFFE, 0x100000, 0x10FFFD, 0x10FFFF)),
]


@pytest.mark.parametrize(
    ("name", "categories"),
    [
        ("L", "Lu Ll Lt Lm Lo"),
        ("Letter", "Lu Ll Lt Lm Lo"),
        ("LC", "Lu Ll Lt"),
        ("Lt", "Lt"),
        ("M", "Mn Mc Me"),
        ("N", "Nd Nl No"),
        ("P", "Pc Pd Ps Pe Pi Pf Po"),
        ("S", "Sm Sc Sk So"),
        ("Z", "Zs Zl Zp"),
        ("Cc", "Cc"),
        ("Co", "Co"),
        ("Cn", "Cn"),
    ],
)
def test_a_category_has_the_characters_that_unicode_gives_it(name: str, categories: str) -> None:
    expected = {each for each in SEEN if unicodedata.category(each) in categories.split()}
    assert {each for each in SEEN if matches(rf"^\p{{{name}}}$", each)} == expected
    assert {each for each in SEEN if not matches(rf"^\P{{{name}}}$", each)} == expected


def test_assigned_are_all_that_have_a_category() -> None:
    assigned = {each for each in SEEN if matches(r"^\p{Assigned}$", each)}
    assert assigned == {each for each in SEEN if unicodedata.category(each) != "Cn"}


@pytest.mark.parametrize(("low", "high"), [(0, 2), (1, 1), (2, 2), (3, 5), (2, None), (0, 0)])
def test_what_no_length_may_have_is_what_is_shorter_or_longer(low: int, high: int | None) -> None:
    barred = f"^.{{{low},{'' if high is None else high}}}$"
    for size in range(9):
        is_barred = low <= size and (high is None or size <= high)
        found = find_words(["^a*$"], [barred], min_length=size, max_length=size)
        assert isinstance(found, NoWord if is_barred else Words), size


@pytest.mark.parametrize(("low", "high"), [(100, 100), (100, 101), (100, 102), (100, 200)])
def test_a_text_that_lacks_length_is_padded_within_its_limits(low: int, high: int) -> None:
    for required in (["x.*y.*z"], ["^[a-z]*x[a-z]*y$"], ["x", "y"]):
        found = word(required, ["^a"], min_length=low, max_length=high)
        assert low <= len(found) <= high
        assert all(matches(pattern, found) for pattern in required)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("^a{2}a{3}$", "^a{5}$"),
        ("^aa*$", "^a+$"),
        ("^(?:a|b)$", "^[ab]$"),
        ("^(?:a{1,2}|a{3,4})$", "^a{1,4}$"),
        (r"^[\s\S]*a[\s\S]*$", "a"),
        ("^(?:ax|bx)$", "^[ab]x$"),
        ("^(?:a{2}x|a{3}x)$", "^a{2,3}x$"),
        ("^(?:(?:ab|cd)|ef)$", "^(?:ab|(?:cd|ef))$"),
        ("^(?:ab|(?:ab|cd))$", "^(?:ab|cd)$"),
    ],
)
def test_the_same_language_in_other_words_is_the_same(one: str, other: str) -> None:
    assert language_of(one) is language_of(other)


def test_what_bars_a_character_everywhere_is_what_has_all_others() -> None:
    assert negate(language_of("a")) is language_of("^[^a]*$")
    assert negate(language_of("^[^a]*$")) is not language_of("^a*$")
    assert negate(negate(language_of("^ab"))) is language_of("^ab")


TIMES = [
    (0, 0),
    (0, 1),
    (0, 2),
    (0, ENDLESS),
    (1, 1),
    (1, 2),
    (1, ENDLESS),
    (2, 2),
    (2, 3),
    (3, ENDLESS),
]
LONGEST = 14


def _lengths(language: Node) -> list[int]:
    """How long the words of one letter are that are in the language, up to some length."""
    found: list[int] = []
    for length in range(LONGEST):
        if language.nullable:
            found.append(length)
        language = after(language, ord("a"))
    return found


def _expected(ranges: list[tuple[int, int]]) -> list[int]:
    return [n for n in range(LONGEST) if any(low <= n <= high for low, high in ranges)]


@pytest.mark.parametrize("inner", TIMES)
@pytest.mark.parametrize("outer", TIMES)
def test_repeating_what_repeats_has_the_lengths_it_should(
    inner: tuple[int, int], outer: tuple[int, int]
) -> None:
    letter = one(characters([(ord("a"), ord("a"))]))
    language = repeat(repeat(letter, *inner), *outer)
    most = min(outer[1], LONGEST)
    ranges = [(inner[0] * n, inner[1] * n) for n in range(outer[0], most + 1)]
    assert _lengths(language) == _expected(ranges)


@pytest.mark.parametrize("first", TIMES)
@pytest.mark.parametrize("second", TIMES)
def test_one_run_after_or_beside_another_has_the_lengths_it_should(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    letter = one(characters([(ord("a"), ord("a"))]))
    runs = repeat(letter, *first), repeat(letter, *second)
    assert _lengths(then(*runs)) == _expected([(first[0] + second[0], first[1] + second[1])])
    assert _lengths(union(runs)) == _expected([first, second])
    both = (max(first[0], second[0]), min(first[1], second[1]))
    assert _lengths(meet(runs)) == _expected([both])
    assert _lengths(outside(*first)) == [n for n in range(LONGEST) if not first[0] <= n <= first[1]]


def test_a_question_is_kept_until_what_was_asked_takes_too_much_room() -> None:
    asked: list[str] = []

    @keeping(most=20_000)
    def doubled(text: str, others: frozenset[str] = frozenset()) -> str:
        asked.append(text)
        return text * 2

    assert [doubled("a"), doubled("a")] == ["aa", "aa"]
    assert asked == ["a"]
    many = frozenset(f"{number:>200}" for number in range(50))
    assert [doubled("b", many), doubled("b", many), doubled("a")] == ["bb", "bb", "aa"]
    assert asked == ["a", "b", "b"]
    for number in range(200):
        doubled(f"{number:>200}")
        assert doubled.taken <= 20_000
    asked.clear()
    doubled("a")
    assert asked == ["a"]


def test_long_lists_are_not_kept_with_the_questions_about_them() -> None:
    tracemalloc.start()
    for number in range(20):
        excluded = [f"{number}-{text}-{'-' * 40}" for text in range(5_000)]
        assert find_words(["^[A-Z]"], [], excluded=excluded) == Words(("A",))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 6_000_000
