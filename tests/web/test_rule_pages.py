"""Every rule that a finding can name has a page, in both languages."""

import pytest

from registry.compatibility.rules import rules
from tests.client import ApiClient


@pytest.mark.parametrize("language", ["de", "en"])
async def test_each_rule_listed_leads_to_its_page(client: ApiClient, language: str) -> None:
    spoken = {"Accept-Language": language}
    listed = (await client.get("/rules", headers=spoken)).json()["items"]
    assert [item["rule"] for item in listed] == list(rules())
    for item in listed:
        answer = await client.get(item["href"], headers=spoken)
        page = answer.json()
        assert answer.headers["content-language"] == language
        assert (page["rule"], page["title"]) == (item["rule"], item["title"])
        assert page["remedy"]


async def test_a_page_shows_two_schemas_and_the_document_that_tells_them_apart(
    client: ApiClient,
) -> None:
    example = (await client.get("/rules/EFA-REQ-01")).json()["example"]
    rule = rules()["EFA-REQ-01"]
    assert (example["old"], example["new"]) == (rule.old, rule.new)
    assert example["witness"] == rule.witness is not None


async def test_a_page_says_for_which_direction_it_holds(client: ApiClient) -> None:
    page = (await client.get("/rules/EFA-STR-04")).json()
    assert page["directions"] == rules()["EFA-STR-04"].directions("de")
    assert (await client.get("/rules/EFA-ANN-01")).json()["directions"] is None


@pytest.mark.parametrize("rule", ["EFA-NIL-99", "EFA-NOPE", "efa-req-01", "%C3%A4", "x" * 3_000])
async def test_what_is_no_rule_has_no_page(client: ApiClient, rule: str) -> None:
    assert (await client.get(f"/rules/{rule}")).status_code == 404
