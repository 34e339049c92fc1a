"""What is known at a position does not change when a change that began earlier ends later."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from urllib.parse import quote

import msgspec
import pytest

from registry.agreements.actions import put_accession, put_agreement
from registry.agreements.model import AccessionDraft, AgreementDraft
from registry.catalogue.actions import put_service
from registry.catalogue.model import ServiceDraft
from registry.db import Connection, Tx, begin
from registry.identity.operator import operator
from registry.reuse.actions import take_over
from registry.settings import Settings
from registry.usage.actions import record
from registry.usage.contents import one_row
from registry.usage.model import UsageDraft
from tests.agreements.drafts import framework
from tests.catalogue.drafts import draft
from tests.client import ApiClient, open_client
from tests.reports.asking import add_reuse, add_service
from tests.reuse.drafts import fact
from tests.templates import number_events

DAY = "as_of=2024-06-30"
ADDRESSES = (
    *(
        f"/v1/reports/{name}?{DAY}&service=bauantrag&within=05"
        for name in ("coverage", "ranking", "timeline", "versions-in-use", "outdated", "duplicates")
    ),
    *(f"/v1/reports/{name}?{DAY}" for name in ("funnel", "zero-reuse", "funding")),
    f"/v1/reports/cost-shares?{DAY}&service=bauantrag&rule=2021/24&amount_eur=1&charged_year=2024"
    "&basis=equal",
    f"/v1/reuses?{DAY}",
    f"/v1/reuses?{DAY}&within=05",
    f"/v1/services?{DAY}",
    f"/v1/services/bauantrag?{DAY}",
    f"/v1/agreements?{DAY}",
    f"/v1/agreements/rahmen?{DAY}",
    "/v1/usage?service=bauantrag",
    "/v1/usage/months?service=bauantrag",
)


FEW = ADDRESSES[-2:]


async def change(tx: Tx, body: str, day: str, started: int) -> None:
    """Something new in every room that answers."""
    await take_over(tx, "bauantrag", [fact(body, "live", day)])
    told = {"organisation": body, "service": "bauantrag", "month": "2024-05", "channel": "online"}
    figure = msgspec.convert(told | {"started": started}, UsageDraft)
    await record(tx, one_row(figure), msgspec.json.encode(figure))
    await put_accession(tx, "rahmen", body, AccessionDraft(valid_from=day))


async def answers(
    api: ApiClient, known_at: str, addresses: Sequence[str] = ADDRESSES
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for address in addresses:
        answer = await api.get(f"{address}&known_at={quote(known_at)}")
        assert answer.status_code == 200, (address, answer.text)
        found[address] = answer.content
    return found


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[ApiClient]:
    """The client over a registry whose statements may take long: nothing here is about time."""
    async with open_client(
        msgspec.structs.replace(settings, statement_timeout_ms=60_000)
    ) as opened:
        yield opened


async def test_the_same_position_gives_the_same_bytes_while_a_change_is_held_open_and_after(
    client: ApiClient, settings: Settings, conn: Connection, owner: Connection
) -> None:
    await add_service(client, "bauantrag")
    await add_reuse(client, "bauantrag", "08", "live", "2024-01-01")
    agreement = msgspec.convert(framework("08"), AgreementDraft)
    async with begin(conn, operator()) as tx:
        await put_agreement(tx, "rahmen", agreement)
    async with begin(conn, operator()) as held:
        await change(held, "05", "2024-02-01", 7)
        document = msgspec.convert(
            draft("bauantrag", builders=[{"organisation": "01"}]), ServiceDraft
        )
        await put_service(held, "bauantrag", document, date(2024, 3, 1))
        # What ends first is numbered first, though it began last.
        async with begin(client.conn, operator()) as other:
            separate = framework("06", slug="anderer")
            await put_agreement(other, "anderer", msgspec.convert(separate, AgreementDraft))
        await number_events(settings)
        sealed = await owner.fetchrow(
            "select size, sealed_at from checkpoints order by size desc limit 1"
        )
        assert sealed is not None
        size, instant = str(sealed["size"]), sealed["sealed_at"].isoformat()
        before = await answers(client, size)
        assert await answers(client, instant, FEW) == {address: before[address] for address in FEW}
    await number_events(settings)
    assert await answers(client, size) == before
    assert await answers(client, instant, FEW) == {address: before[address] for address in FEW}
    now = (await client.get(f"/v1/reuses?{DAY}")).json()
    assert len(now["items"]) == 2
    assert len(msgspec.json.decode(before[f"/v1/reuses?{DAY}"])["items"]) == 1
