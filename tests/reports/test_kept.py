"""What was known in the past on a named day never changes: it is worked out once, and kept."""

import pytest

from registry.db import connect
from registry.settings import Settings
from tests.client import ApiClient

PAST = "as_of=2024-06-30&known_at="
ADDRESSES = ["/v1/reports/funnel", "/v1/reports/funnel.csv", "/v1/reuses", "/v1/services"]
# These take no day: what was known names it.
WITHOUT_A_DAY = ["/v1/usage", "/v1/usage/months"]


@pytest.mark.parametrize("path", ADDRESSES)
async def test_an_answer_about_the_past_is_kept(
    loaded: ApiClient, loaded_settings: Settings, path: str
) -> None:
    owner = await connect(loaded_settings.owner_url)
    size = await owner.fetchval("select max(size) from checkpoints")
    address = f"{path}?{PAST}{size}"
    first = await loaded.get(address)
    assert first.headers["cache-control"] == "public, max-age=300, immutable"
    await owner.execute("alter table reuse_steps rename to moved_away")
    assert (await loaded.get(address)).content == first.content
    await owner.close()


@pytest.mark.parametrize("path", WITHOUT_A_DAY)
async def test_usage_as_it_was_known_is_kept(
    loaded: ApiClient, loaded_settings: Settings, path: str
) -> None:
    owner = await connect(loaded_settings.owner_url)
    size = await owner.fetchval("select max(size) from checkpoints")
    now = await loaded.get(f"{path}?from=2025-01")
    assert now.headers["cache-control"] == "no-cache"
    first = await loaded.get(f"{path}?known_at={size}&from=2025-01&to=2025-06")
    assert first.headers["cache-control"] == "public, max-age=300, immutable"
    await owner.execute("alter table usage_figures rename to moved_away")
    again = await loaded.get(f"{path}?known_at={size}&from=2025-01&to=2025-06")
    assert (again.status_code, again.content) == (200, first.content)
    await owner.close()


async def test_what_may_still_change_is_not_kept(loaded: ApiClient) -> None:
    for path in ("/v1/reports/funnel", "/v1/services"):
        for query in ("as_of=2024-06-30", "known_at=5", ""):
            answer = await loaded.get(f"{path}?{query}")
            assert "immutable" not in answer.headers["cache-control"]


async def test_an_answer_to_somebody_is_not_kept(loaded: ApiClient) -> None:
    admin = await loaded.as_admin()
    answer = await admin.get(f"/v1/reports/funnel?{PAST}5")
    assert answer.status_code == 200, answer.text
    assert "immutable" not in answer.headers["cache-control"]
