"""Every rule has its words and an example in which it alone speaks."""

import json
from decimal import Decimal
from string import Formatter

import msgspec
import pytest

from registry.compatibility.compare import compare
from registry.compatibility.model import Budget, Schema, Verdict
from registry.compatibility.rules import Language, Rule, explain, note, reason, rules
from registry.dialects.strict_json import Json

OF_INTERFACES = {name for name in rules() if name.startswith("EFA-INT-")}
BESIDE_OTHERS = {"EFA-ANY-04", "EFA-UNK-03"}
WITHOUT_EXAMPLE = {"EFA-ANY-01", "EFA-UNK-01"} | BESIDE_OTHERS | OF_INTERFACES
FACTS = {
    "documents",
    "what",
    "before",
    "after",
    "name",
    "other",
    "values",
    "lost",
    "gained",
    "schema",
    "most",
}


def _json(text: str) -> Json:
    return json.loads(text, parse_float=Decimal)


def example(rule: Rule, budget: Budget | None = None) -> Verdict:
    """What is said of the two schemas that a rule is shown by."""
    assert rule.old is not None
    assert rule.new is not None
    old, new = (Schema(root=_json(text), text=text) for text in (rule.old, rule.new))
    return compare(old, new, direction=rule.direction, formats=rule.formats, budget=budget)


@pytest.mark.parametrize("name", [name for name in rules() if name not in WITHOUT_EXAMPLE])
def test_the_example_of_a_rule_gives_that_rule_and_its_witness(name: str) -> None:
    rule = explain(name)
    verdict = example(rule)
    listed = verdict.remarks if rule.severity == "remark" else verdict.findings
    sides = [("EFA-UNK-01", "unknown")] if rule.severity == "unknown" else []
    assert [(found.rule, found.severity) for found in listed] == [(name, rule.severity), *sides]
    witness = listed[0].witness
    assert (witness.text if witness else None) == rule.witness


@pytest.mark.parametrize("name", rules())
def test_the_texts_of_a_rule_are_complete_and_have_only_known_gaps(name: str) -> None:
    for text in (explain(name).de, explain(name).en):
        for part in (text.title, text.message, text.remedy):
            assert part.strip() == part != ""
        for message in (text.message, *text.wordings.values()):
            assert message.strip() == message != ""
            gaps = {gap for _, gap, _, _ in Formatter().parse(message) if gap}
            assert gaps <= FACTS | {"keyword", "reason", "rule"}


@pytest.mark.parametrize("name", [name for name in rules() if name not in WITHOUT_EXAMPLE])
def test_a_rule_says_what_it_is_where_documents_are_emitted(name: str) -> None:
    rule = explain(name)
    assert rule.direction == "accepts"
    verdict = example(msgspec.structs.replace(rule, direction="emits"))
    listed = [*verdict.findings, *verdict.remarks]
    assert next(one.severity for one in listed if one.rule == name) == rule.emitted
    assert (rule.directions("de") is None) == (rule.severity in ("remark", "unknown"))
    assert rule.emitted == rule.severity or "emits" in (rule.directions("en") or "")


def test_a_breaking_rule_has_a_witness_in_its_example() -> None:
    shown = {name for name, rule in rules().items() if rule.severity == "breaking"}
    without = {name for name in shown if explain(name).witness is None}
    assert without == {"EFA-ANY-01", "EFA-ANY-04", "EFA-INT-02", "EFA-INT-03"}


def test_a_rule_that_no_document_can_show_says_why() -> None:
    assert len(OF_INTERFACES) == 3
    for name, rule in rules().items():
        assert bool(rule.de.unproven and rule.en.unproven) == (name in OF_INTERFACES)


def test_every_example_names_a_line_and_a_column() -> None:
    for finding in example(explain("EFA-REQ-01")).findings:
        assert finding.new is not None
        assert finding.new.pointer == "/required/0"
        assert (finding.new.line, finding.new.column) == (1, 77)


def test_why_something_is_undecided_is_said_in_both_languages() -> None:
    old, new = Schema(root={"pattern": r"^(a|b)\1x$"}), Schema(root={"pattern": r"^(a|b)\1y$"})
    found, _ = compare(old, new).findings
    assert "ein Muster lässt sich nicht auswerten" in found.message_de
    assert "a pattern cannot be evaluated" in found.message_en


def test_every_wording_of_a_rule_is_in_both_languages() -> None:
    found = {name: set(rule.de.wordings) for name, rule in rules().items()}
    assert found == {name: set(rule.en.wordings) for name, rule in rules().items()}
    assert {name for named in found.values() for name in named} == {
        "introduced", "dropped", "integers", "fractions", "closed", "removed",
    }  # fmt: skip


@pytest.mark.parametrize("language", ["de", "en"])
def test_why_something_is_undecided_names_what_cannot_be_read(language: Language) -> None:
    named = {
        'opaque: type:"strin"': '`type` {} "strin"',
        "opaque: $ref:efa:/a https://example.org/x.json": "`$ref` {} https://example.org/x.json",
        "opaque: $ref: my file.json": "`$ref` {} my file.json",
        'opaque: dependencies:{"a": {"$ref": "#"}} '
        + "0" * 64: '`dependencies` {} {"a": {"$ref": "#"}}',
    }
    for given, expected in named.items():
        before, after = expected.split(" {} ")
        found = reason(given, language)
        assert found.startswith(before)
        assert after in found
        assert "0000" not in found
    assert reason("opaque: reserved:old", language) == reason("opaque", language)
    assert "`$ref`" in reason("opaque: circle:/a 0", language)


def test_what_is_not_known_leaves_a_gap_that_shows() -> None:
    assert note("undecided", "en", {}).endswith(" could not be decided (…).")
    assert note("undecided", "en", {"reason": "budget"}).endswith("(budget).")
