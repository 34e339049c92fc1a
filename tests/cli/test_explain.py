"""`efa explain`: every rule in plain words."""

import pytest

from registry.compatibility.rules import rules
from tests.cli.typed import Efa


@pytest.mark.parametrize(("language", "word"), [("de", "Abhilfe"), ("en", "remedy")])
def test_every_rule_is_explained(typed: Efa, language: str, word: str) -> None:
    for name, rule in rules().items():
        ran = typed("explain", name, "--lang", language)
        assert ran.code == 0
        assert word in ran.out
        for part in (rule.old, rule.new, rule.witness):
            assert part is None or part in ran.out


def test_a_name_is_read_in_any_case(typed: Efa) -> None:
    assert typed("explain", "efa-req-01").out == typed("explain", "EFA-REQ-01").out


def test_all_rules_are_listed(typed: Efa) -> None:
    lines = typed("explain").out.splitlines()
    assert [line.split()[0] for line in lines] == list(rules())


def test_a_name_that_is_none_leads_to_the_nearest(typed: Efa) -> None:
    ran = typed("explain", "EFA-REQ-1")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean EFA-REQ-0" in ran.err
    assert typed("explain", "x").code == 2


def test_a_rule_names_the_direction_it_is_shown_for_and_says_the_other(typed: Efa) -> None:
    wider = typed("explain", "EFA-STR-04", "--lang", "de").out
    assert "Wo er sie ausgibt (emits), ist die Änderung im Beispiel unverträglich" in wider
    narrower = typed("explain", "EFA-STR-03", "--lang", "en").out
    assert "Where it emits them (emits), the change of the example is compatible" in narrower
    both = typed("explain", "EFA-TYPE-03", "--lang", "de").out
    assert "Die Schwere gilt, ob der Dienst" in both
    assert "emits" not in typed("explain", "EFA-ANN-01").out
