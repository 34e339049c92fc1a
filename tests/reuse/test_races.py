import asyncio

from registry.db import Connection, begin, connect
from registry.identity.operator import operator
from registry.reuse.actions import take_over
from registry.settings import Settings
from tests.client import ApiClient
from tests.reuse.drafts import fact, reuse, step


async def test_of_two_reuses_recorded_at_once_one_is_kept_and_the_other_led_to_it(
    api: ApiClient, owner: Connection
) -> None:
    nrw = await api.as_body("05", "reuse")
    headers = {"Authorization": f"Bearer {nrw.token}"}
    first, second = await asyncio.gather(
        api.http.post("/v1/reuses", json=reuse(date="2023"), headers=headers),
        api.http.post("/v1/reuses", json=reuse(date="2024"), headers=headers),
    )
    answers = {answer.status_code: answer.json() for answer in (first, second)}
    assert set(answers) == {201, 409}
    assert answers[409]["address"] == answers[201]["links"]["self"]
    assert await owner.fetchval("select count(*) from reuses") == 1
    assert await owner.fetchval("select count(*) from events where action like 'reuse.%'") == 1


async def test_the_same_step_sent_many_times_at_once_is_recorded_once(
    api: ApiClient, owner: Connection
) -> None:
    nrw = await api.as_body("05", "reuse")
    address = (await nrw.post("/v1/reuses", json=reuse())).json()["links"]["self"]
    headers = {"Authorization": f"Bearer {nrw.token}"}
    answers = await asyncio.gather(
        *(
            api.http.post(f"{address}/steps", json=step("ended", "2024"), headers=headers)
            for _ in range(6)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert await owner.fetchval("select count(*) from reuse_steps") == 2


async def test_two_batches_in_opposite_order_do_not_block_each_other(
    api: ApiClient, settings: Settings
) -> None:
    keys = ("01", "05", "06", "07", "08")
    one, two = await connect(settings.database_url), await connect(settings.database_url)

    async def batch(conn: Connection, order: tuple[str, ...]) -> int:
        async with begin(conn, operator()) as tx:
            return await take_over(tx, "ewa", [fact(key, "live", "2024") for key in order])

    try:
        assert sorted(await asyncio.gather(batch(one, keys), batch(two, keys[::-1]))) == [0, 5]
    finally:
        await one.close()
        await two.close()
