"""Nothing a caller says is dropped in silence: what would be is refused, with its name or place."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client import ApiClient, pointers

OPENAPI = Path(__file__).parents[2] / "schemas" / "openapi.json"
# These read a document as it stands; a key given twice is a finding, or refused, of the document.
OF_DOCUMENTS = ("/validations", "/parameters")


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


def taking_json() -> Iterator[tuple[str, str]]:
    """Every operation that takes a body of ours, with an address for it."""
    for address, operations in json.loads(OPENAPI.read_text())["paths"].items():
        path = address.replace("{version}", "1.0.0").replace("{", "").replace("}", "")
        for name in ("reuse_id", "step_id", "token_id", "subscription_id"):
            path = path.replace(name, "00000000-0000-7000-8000-000000000000")
        for method, told in operations.items():
            media_types = told.get("requestBody", {}).get("content", {})
            if "application/json" in media_types and not path.endswith(OF_DOCUMENTS):
                yield method.upper(), path


def test_there_are_operations_that_take_json() -> None:
    assert {path for _, path in taking_json()} > {"/v1/comparisons", "/v1/usage", "/v1/reuses"}


@pytest.mark.parametrize(("method", "path"), [*taking_json()])
async def test_a_key_given_twice_is_refused_in_every_body(
    client: ApiClient, method: str, path: str
) -> None:
    admin = await client.as_admin()
    headers = {"Content-Type": "application/json", "If-None-Match": "*", "Accept-Language": "en"}
    body = b'{"a": [{"b": 1, "b": 2}]}'
    answer = await admin.call(method, path, content=body, headers=headers, events=0)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/malformed-request")
    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["rule"]) == ("/a/0/b", "key-twice")


async def test_a_number_few_can_hold_is_refused_with_its_place(client: ApiClient) -> None:
    admin = await client.as_admin()
    body = b'{"old": {"schema": {"maximum": 1e309}}, "new": {"schema": true}}'
    headers = {"Content-Type": "application/json"}
    answer = await admin.post("/v1/comparisons", content=body, headers=headers, events=0)
    assert (answer.status_code, pointers(answer.json())) == (400, ["/old/schema/maximum"])
