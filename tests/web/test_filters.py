"""A filter that names what nobody recorded is refused and named, in every list and report."""

from typing import Any

import pytest

from registry.db import begin
from registry.identity.operator import operator
from registry.settings import Settings
from tests.audit.signed import sign_events
from tests.client import ApiClient, pointers
from tests.reuse.conftest import add_service

UNKNOWN = {
    "service": ("kein-solcher-dienst", "/problems/unknown-service"),
    "organisation": ("keine-solche-stelle", "/problems/unknown-organisation"),
    "party": ("keine-solche-stelle", "/problems/unknown-organisation"),
    "builder": ("keine-solche-stelle", "/problems/unknown-organisation"),
    "within": ("17", "/problems/unknown-territory"),
    "reused_within": ("17", "/problems/unknown-territory"),
}
KNOWN_ONLY = ("/v1/tokens", "/v1/security-log", "/v1/pipelines", "/v1/subscriptions")
NEEDED = {"amount_eur": "1", "charged_year": "2025", "rule": "2021/24"}


async def filtered(client: ApiClient) -> list[tuple[str, str, dict[str, str]]]:
    """Each public list or report with a parameter that names something, and what it needs."""
    described: dict[str, Any] = (await client.get("/openapi.json")).json()
    return [
        (path, one["name"], _needed(operations["get"]))
        for path, operations in described["paths"].items()
        if "{" not in path and path not in KNOWN_ONLY
        for one in operations.get("get", {}).get("parameters", [])
        if one["name"] in UNKNOWN
    ]


def _needed(operation: Any) -> dict[str, str]:
    names = [one["name"] for one in operation["parameters"] if one.get("required")]
    return {name: NEEDED[name] for name in names if name in NEEDED}


async def test_a_filter_that_names_nothing_recorded_is_refused(client: ApiClient) -> None:
    asked = await filtered(client)
    assert {name for _, name, _ in asked} == set(UNKNOWN)
    body = await client.as_body("05", "read")
    for path, name, needed in asked:
        value, problem = UNKNOWN[name]
        answer = await body.get(path, params=needed | {name: value})
        assert (answer.status_code, answer.json()["type"]) == (404, problem), (path, name)
        assert pointers(answer.json()) == [f"?{name}"], path


@pytest.mark.parametrize("within", ["05", "053", "05315", "053150000000"])
async def test_territories_with_and_without_a_body_of_their_own_are_known(
    client: ApiClient, within: str
) -> None:
    assert (await client.get("/v1/reuses", params={"within": within})).status_code == 200


async def test_what_was_recorded_later_was_not_known_before(
    client: ApiClient, settings: Settings
) -> None:
    before = await sign_events(settings)
    question = f"/v1/reuses?service=bauantrag&known_at={before}"
    assert (await client.get(question)).status_code == 404
    async with begin(client.conn, operator()) as tx:
        await add_service(tx, "bauantrag", "13")
    await sign_events(settings)
    assert (await client.get(question)).status_code == 404
    assert (await client.get("/v1/reuses?service=bauantrag")).status_code == 200
