"""A merger moves nothing: the reuse stays with the body that is gone, and is listed."""

import pytest

from registry.db import Connection
from tests.client import ApiClient
from tests.reports.asking import add_reuse, add_service, report


@pytest.fixture
async def merged(owner: Connection) -> tuple[str, str, str]:
    """The key of a municipality that went into another one, that one's key, and the day."""
    row = await owner.fetchrow(
        """
        select k.key, h.key as heir, s.effective_on::text as day
        from organisation_successions_known(null) s
        join organisation_keys_known(null) k
            on k.organisation_id = s.organisation_id and octet_length(k.key) = 12
        join organisation_keys_known(null) h
            on h.organisation_id = s.heir_id and octet_length(h.key) = 12 and h.valid_to is null
        where s.effective_on between '2021-01-01' and '2024-01-01' and s.kind <> 'transfer'
          and not exists (select 1 from organisation_successions_known(null) o
                          where o.organisation_id = s.organisation_id and o.heir_id <> s.heir_id)
        order by k.key limit 1
        """
    )
    assert row is not None
    return row["key"], row["heir"], row["day"]


async def test_the_reuse_of_a_body_that_is_gone_is_listed_with_its_successors(
    client: ApiClient, merged: tuple[str, str, str]
) -> None:
    gone, heir, day = merged
    await add_service(client, "bauantrag")
    address = await add_reuse(client, "bauantrag", gone, "live", "2020-06-01")
    before = await report(client, "to-be-confirmed", as_of="2020-12-31")
    assert before["items"] == []
    (row,) = (await report(client, "to-be-confirmed", as_of="2024-06-30"))["items"]
    assert (row["ended_on"], row["stage"]) == (day, "live")
    (successor,) = row["successors"]
    assert (await client.get(f"/v1/organisations/{heir}")).json()["key"] == successor
    assert row["successors_reusing"] == []
    assert row["link"].startswith(f"/v1/reuses/{address}?")
    listed = (await client.get("/v1/reuses?service=bauantrag&as_of=2024-06-30")).json()
    assert listed["total"] == 1
    await add_reuse(client, "bauantrag", heir, "live", day)
    (row,) = (await report(client, "to-be-confirmed", as_of="2024-06-30", service="bauantrag"))[
        "items"
    ]
    assert row["successors_reusing"] == [successor]


async def test_bodies_without_a_territory_are_never_gone(client: ApiClient) -> None:
    await add_service(client, "bauantrag")
    await add_reuse(client, "bauantrag", "bund", "live", "2020-06-01", area=["05"])
    assert (await report(client, "to-be-confirmed"))["items"] == []
