"""Of two who record the same thing at once, one does and the other is told."""

import asyncio

from tests.agreements.drafts import CREATE, framework
from tests.client import ApiClient


async def test_two_records_at_once_give_one_agreement(api: ApiClient) -> None:
    admin = await api.as_admin()
    headers = {**CREATE, "Authorization": f"Bearer {admin.token}"}
    answers = await asyncio.gather(
        *(
            api.http.put("/v1/agreements/rahmen", json=framework(land, note=land), headers=headers)
            for land in ("05", "06")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert await api.owner.fetchval("select count(*) from agreement_revisions") == 1


async def test_two_accessions_at_once_give_one(api: ApiClient) -> None:
    admin = await api.as_admin()
    await admin.put("/v1/agreements/rahmen", json=framework("05"), headers=CREATE)
    headers = {**CREATE, "Authorization": f"Bearer {admin.token}"}
    path = "/v1/agreements/rahmen/accessions/06"
    answers = await asyncio.gather(
        *(
            api.http.put(path, json={"valid_from": year}, headers=headers)
            for year in ("2022", "2023")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 412]
    assert await api.owner.fetchval("select count(*) from agreement_accessions") == 1
