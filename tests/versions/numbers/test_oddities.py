"""What is said of numbers that are allowed but odd, and of those that are none."""

import pytest

from registry.semver import OddNumber, parse
from registry.versions.numbers.oddities import oddities
from registry.web.texts import rule_text, rule_texts
from tests.client import ApiClient
from tests.versions.published import SERVICE, publish, service, version

BELOW, SKIPS = "version-below-newest", "version-skips"


@pytest.mark.parametrize(
    ("number", "others", "rules"),
    [
        ("3.1.4", [], []),
        ("1.2.1", ["1.2.0"], []),
        ("1.3.0", ["1.2.0"], []),
        ("2.0.0", ["1.2.0"], []),
        ("1.2.7", ["1.2.0"], [SKIPS]),
        ("1.4.0", ["1.2.0"], [SKIPS]),
        ("1.3.1", ["1.2.0"], [SKIPS]),
        ("4.0.0", ["1.2.0"], [SKIPS]),
        ("1.2.1", ["1.2.0", "2.0.0"], [BELOW]),
        ("1.5.0", ["1.2.0", "2.0.0"], [BELOW, SKIPS]),
        ("0.3.0", ["1.0.0"], [BELOW]),
        ("0.3.0", ["0.2.4"], []),
        ("0.4.0", ["0.2.4"], [SKIPS]),
        ("1.0.0", ["0.2.4"], []),
        ("2.0.0-rc.1", ["1.2.0"], []),
        ("2.1.0-rc.1", ["1.2.0"], [SKIPS]),
        ("2.0.0", ["1.2.0", "2.0.0-rc.1"], []),
        ("1.3.0", ["1.2.0", "2.0.0-rc.1"], []),
        ("1.10.0", ["1.9.0", "1.8.0"], []),
    ],
)
def test_a_lower_or_skipping_number_is_remarked_on(
    number: str, others: list[str], rules: list[str]
) -> None:
    assert [odd.rule for odd in oddities(number, others)] == rules


def test_a_remark_names_the_numbers_it_is_about() -> None:
    (skips,) = oddities("4.0.0", ["1.2.0"])
    assert skips.facts["expected"] == ["1.2.1", "1.3.0", "2.0.0"]
    (below,) = oddities("1.2.1", ["1.2.0", "2.0.0"])
    assert "2.0.0" in rule_text(below.rule, "de", below.facts)


async def test_publishing_tells_what_is_odd_about_the_number(client: ApiClient) -> None:
    builder = await service(client)
    first = await publish(builder, "1.2.0")
    assert first.json()["remarks"] == []
    path = f"{SERVICE}/versions/4.0.0"
    answer = await builder.put(path, json=version("{}"), headers={"Accept-Language": "en"})
    (remark,) = answer.json()["remarks"]
    assert (answer.status_code, remark["rule"]) == (201, SKIPS)
    assert remark["message"].startswith("4.0.0 leaves numbers out after 1.2.0; one of 1.2.1, 1.3.0")
    late = await builder.put(f"{SERVICE}/versions/1.2.1", json=version())
    assert [one["rule"] for one in late.json()["remarks"]] == [BELOW]
    assert "unter der neuesten Freigabe 4.0.0" in late.json()["remarks"][0]["message"]
    again = await builder.put(path, json=version("{}"), events=0)
    assert (again.status_code, again.json()["remarks"]) == (200, [])
    read = await client.get(path)
    assert read.headers["ETag"] == again.headers["ETag"]


def test_each_odd_number_has_a_sentence_of_its_own_in_both_languages() -> None:
    odd = [
        *("v1.0", "1.2", "01.2.3", "1.2.3+b1", "latest", "1.2.3-01"),
        "1." + "9" * 16 + ".0",
        "1.2.3-" + "a" * 100,
    ]
    rules: set[str] = set()
    for text in odd:
        with pytest.raises(OddNumber) as refused:
            parse(text)
        (fault,) = refused.value.faults
        rules.add(fault.rule)
        assert fault.pointer == "{version}"
        assert rule_texts()[fault.rule].keys() == {"de", "en"}
    assert len(rules) == len(odd)
