import msgspec
import pytest

from registry.db import Connection, begin
from registry.errors import NotYours
from registry.identity.operator import operator
from registry.reuse.actions import record_figures
from registry.reuse.figures import FigureDraft, InvalidFigures
from registry.settings import Settings
from tests.client import ApiClient
from tests.templates import number_events

AUTHORITIES = FigureDraft(
    subject="Bauaufsichtsbehörden",
    subject_kind="count",
    measure="authorities_connected",
    value="452",
    as_of="2024-06",
    service="bauantrag",
    source="https://example.org/bericht",
)
FUNDING = FigureDraft(
    subject="Nordrhein-Westfalen",
    subject_kind="state",
    key="05",
    measure="funding",
    value="300000000.50",
    unit="EUR",
    as_of="2020-12-11",
    note="more than",
    source="Press release",
)
STARTED = FigureDraft(
    subject="Portal", subject_kind="portal", measure="started", source="Kommune21", as_of="2019-04"
)


async def record(conn: Connection, *figures: FigureDraft) -> int:
    async with begin(conn, operator()) as tx:
        return await record_figures(tx, figures)


async def test_figures_are_kept_as_stated_and_listed(api: ApiClient, conn: Connection) -> None:
    assert await record(conn, AUTHORITIES, FUNDING, STARTED) == 2
    listed = (await api.get("/v1/reported-figures")).json()
    assert listed["total"] == 3
    assert [item["measure"] for item in listed["items"]] == [
        "funding",
        "started",
        "authorities_connected",
    ]
    money = listed["items"][0]
    assert (money["value"], money["unit"], money["as_of"]) == ("300000000.50", "EUR", "2020-12-11")
    assert listed["items"][1]["value"] is None


async def test_figures_are_never_reuses(api: ApiClient, conn: Connection) -> None:
    await record(conn, AUTHORITIES)
    of_service = (await api.get("/v1/reported-figures?service=bauantrag")).json()
    assert [item["value"] for item in of_service["items"]] == ["452"]
    assert (await api.get("/v1/reuses?service=bauantrag")).json()["total"] == 0


async def test_the_same_figures_again_add_nothing(api: ApiClient, conn: Connection) -> None:
    await record(conn, AUTHORITIES, FUNDING)
    assert await record(conn, FUNDING, AUTHORITIES, AUTHORITIES) == 0
    assert await record(conn, FUNDING, STARTED, STARTED) == 1
    assert (await api.get("/v1/reported-figures")).json()["total"] == 3


async def test_figures_come_in_pages_and_as_once_known(
    api: ApiClient, conn: Connection, settings: Settings
) -> None:
    await record(conn, AUTHORITIES)
    size = await number_events(settings)
    await record(conn, FUNDING, STARTED)
    first = (await api.get("/v1/reported-figures?limit=2")).json()
    rest = (await api.get(first["next"])).json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    known = (await api.get(f"/v1/reported-figures?known_at={size}")).json()
    assert (known["total"], known["known_at"]["size"]) == (1, size)


async def test_what_is_wrong_with_figures_is_named_by_place(
    api: ApiClient, conn: Connection
) -> None:
    unknown = FigureDraft(
        subject="x", subject_kind="count", measure="m", source="s", service="nirgends"
    )
    unreal = FigureDraft(
        subject="x", subject_kind="count", measure="m", source="s", as_of="2023-02-30"
    )
    with pytest.raises(InvalidFigures) as refused:
        await record(conn, AUTHORITIES, unknown, unreal)
    assert [fault.pointer for fault in refused.value.faults] == ["/1/service", "/2/as_of"]


async def test_only_the_operator_records_figures(api: ApiClient, conn: Connection) -> None:
    reader = msgspec.structs.replace(operator(), scopes=frozenset({"reuse"}))
    async with begin(conn, reader) as tx:
        with pytest.raises(NotYours):
            await record_figures(tx, [AUTHORITIES])
