"""How the tests ask for a report, and fill a registry to ask about."""

from typing import Any

from tests.catalogue.drafts import CREATE, draft
from tests.client import ApiClient


async def report(client: ApiClient, name: str, **query: str) -> dict[str, Any]:
    """The report as JSON."""
    answer = await client.get(f"/v1/reports/{name}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def add_service(client: ApiClient, slug: str, **fields: Any) -> None:
    """A service of Mecklenburg-Vorpommern, in force since 2020."""
    admin = await client.as_admin()
    document = draft(
        slug, **({"names": {"de": slug}, "builders": [{"organisation": "13"}]} | fields)
    )
    answer = await admin.put(
        f"/v1/services/{slug}", json=document, headers=CREATE, params={"valid_from": "2020-01-01"}
    )
    assert answer.status_code == 201, answer.text


async def add_reuse(
    client: ApiClient, service: str, body: str, stage: str, day: str, **more: Any
) -> str:
    """The id of a new reuse with its first step."""
    admin = await client.as_admin()
    sent = {"service": service, "organisation": body, "stage": stage, "date": day} | more
    answer = await admin.post("/v1/reuses", json=sent)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def add_step(client: ApiClient, reuse: str, stage: str, day: str, **more: Any) -> None:
    """A further step of a reuse."""
    admin = await client.as_admin()
    answer = await admin.post(
        f"/v1/reuses/{reuse}/steps", json={"stage": stage, "date": day} | more
    )
    assert answer.status_code == 201, answer.text
