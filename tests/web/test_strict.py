"""No parameter is dropped in silence: what would be is refused, with its name."""

import pytest

from tests.client import ApiClient, pointers


@pytest.mark.parametrize("value", ["null", "NULL", "Null"])
@pytest.mark.parametrize(
    "address",
    [
        "/v1/reuses?own_use=",
        "/v1/reuses?stage=",
        "/v1/services?has_versions=",
        "/v1/services?as_of=",
        "/v1/organisations?level=",
        "/v1/services/unknown?as_of=",
    ],
)
async def test_null_leaves_no_filter_out(client: ApiClient, address: str, value: str) -> None:
    answer = await client.get(address + value)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-request")
    name = address.partition("?")[2].rstrip("=")
    assert pointers(answer.json()) == [f"?{name}"]
    assert answer.json()["errors"][0]["rule"] == "null-parameter"


async def test_null_is_a_word_to_search_for(client: ApiClient) -> None:
    answer = await client.get("/v1/services?q=null&theme=null")
    assert (answer.status_code, answer.json()["items"]) == (200, [])


async def test_null_stands_for_no_flag(client: ApiClient) -> None:
    assert (await client.get("/v1/reuses?demo=null")).status_code == 400
