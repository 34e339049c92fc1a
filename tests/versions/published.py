"""Services and versions that tests publish."""

import hashlib
import json
from typing import Any

import httpx

from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.versions.comparisons import store as verdict_store
from registry.versions.comparisons.verdicts import Question, undecided
from tests.catalogue.drafts import CREATE, draft
from tests.client import ApiClient

SERVICE = "/v1/services/wohngeld-sh"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 80}, "age": {"type": "integer"}},
    "required": ["name"],
}
SCHEMA_TEXT = json.dumps(SCHEMA, indent=2) + "\n"


async def service(client: ApiClient, slug: str = "wohngeld-sh", **fields: Any) -> ApiClient:
    """Create a service of Schleswig-Holstein; returns a client that may publish it."""
    admin = await client.as_admin()
    document = draft(slug, **fields)
    answer = await admin.put(f"/v1/services/{slug}", json=document, headers=CREATE)
    assert answer.status_code == 201, answer.text
    return await client.as_body("01", f"publish:{slug}")


def version(text: str = SCHEMA_TEXT, **fields: Any) -> dict[str, Any]:
    """A version with one interface, `application`."""
    return {"interfaces": {"application": {"direction": "accepts", "schema_text": text}}, **fields}


def interfaces(**schemas: Any) -> dict[str, Any]:
    """A version with several interfaces, their schemas as JSON."""
    return {
        "interfaces": {
            name: {"direction": "accepts", "schema": schema} for name, schema in schemas.items()
        }
    }


async def publish(
    client: ApiClient, *numbers: str, slug: str = "wohngeld-sh", body: Any = None
) -> httpx.Response:
    """Publish versions that differ by a title in their schema; returns the last answer."""
    answer = None
    for number in numbers:
        told = body or version(json.dumps({**SCHEMA, "title": number}))
        answer = await client.put(f"/v1/services/{slug}/versions/{number}", json=told)
        assert answer.status_code == 201, answer.text
    assert answer is not None
    return answer


async def leave_undecided(conn: Connection, old: str, new: str) -> str:
    """Have it kept that this pair of texts was compared and not decided; returns the fingerprint.

    It is not for want of time, so nobody tries again.
    """
    sides = [hashlib.sha256(text.encode()).hexdigest() for text in (old, new)]
    asked = Question(
        old=sides[0], new=sides[1], direction="accepts", reading="reserved", formats="annotate"
    )
    verdict = undecided(asked, "depth")
    async with begin(conn, operator()) as tx:
        await verdict_store.insert_worked_out(tx, asked, verdict)
    return verdict.findings[0].fingerprint
