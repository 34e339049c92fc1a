import asyncio
import io
from datetime import UTC, datetime
from typing import Any

import msgspec

from registry.cli.rebuild import replay_log, write_log
from registry.db import Connection, begin
from registry.identity.operator import operator
from registry.settings import Settings
from registry.usage import store
from tests.client import ApiClient
from tests.reuse.test_own_use import built_by
from tests.templates import number_events
from tests.usage.files import CSV, LINES, file, row, send


async def figures(api: ApiClient, query: str = "service=bauantrag", **facts: Any) -> Any:
    answer = await api.get(f"/v1/usage?{query}", **facts)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(page: Any) -> list[tuple[Any, ...]]:
    return [
        (f["organisation"]["key"], f["month"], f["started"], f["completed"], f["revision"])
        for f in page["items"]
    ]


async def test_a_file_is_recorded_with_one_event_for_each_service(api: ApiClient) -> None:
    nrw = await api.as_body("05", "usage")
    content = file(row(), row("05315", completed=3), row(service="ewa"), row(month="2024-06"))
    answer = await send(nrw, content, events=2)
    assert answer.status_code == 201
    assert set(answer.json()["events"]) == {"bauantrag", "ewa"}
    assert answer.json()["figures"] == 4
    assert counts(await figures(api)) == [
        ("05", "2024-05", 12, None, 1),
        ("05", "2024-06", 12, None, 1),
        ("05315", "2024-05", 12, 3, 1),
    ]


async def test_the_same_file_again_changes_nothing(api: ApiClient) -> None:
    nrw = await api.as_body("05", "usage")
    content = file(row(), row("05315"))
    await send(nrw, content)
    again = await send(nrw, content, events=0)
    assert (again.status_code, again.json()["events"]) == (200, {})


async def test_a_later_figure_takes_the_place_of_the_earlier_one_from_its_record_on(
    api: ApiClient, settings: Settings
) -> None:
    nrw = await api.as_body("05", "usage")
    await send(nrw, file(row(), row("05315")))
    size = await number_events(settings)
    before = await figures(api, f"service=bauantrag&known_at={size}")
    for asked in ("", "&within=05", "&from=2024-05&to=2024-05"):
        assert (await figures(api, f"known_at={size - 1}{asked}"))["items"] == []
        assert (await figures(api, f"known_at={size}{asked}"))["items"] == before["items"]
    assert (await figures(api, f"known_at={size}&within=06"))["items"] == []
    await send(nrw, file(row(started=15), row("05315")))
    await number_events(settings)
    assert counts(await figures(api)) == [
        ("05", "2024-05", 15, None, 2),
        ("05315", "2024-05", 12, None, 1),
    ]
    assert await figures(api, f"service=bauantrag&known_at={size}") == before
    assert before["known_at"]["size"] == size
    assert counts(before)[0] == ("05", "2024-05", 12, None, 1)


async def test_a_withdrawn_figure_leaves_a_gap_and_no_zero(api: ApiClient) -> None:
    nrw = await api.as_body("05", "usage")
    await send(nrw, file(row(), row(month="2024-06", started=0)))
    await send(nrw, file(row(started="", withdrawn="ja")))
    page = await figures(api)
    assert counts(page) == [("05", "2024-06", 0, None, 1)]
    assert page["total"] == 1
    months = (await api.get("/v1/usage/months?service=bauantrag")).json()["items"]
    assert [(m["month"], m["started"], m["completed"]) for m in months] == [("2024-06", 0, None)]
    told_again = await send(nrw, file(row()))
    assert told_again.status_code == 201
    assert counts(await figures(api))[0] == ("05", "2024-05", 12, None, 3)


async def test_every_bad_row_is_named_with_line_and_column_and_nothing_is_recorded(
    api: ApiClient,
) -> None:
    nrw = await api.as_body("05", "usage")
    content = file(
        row(),
        row("06"),
        row("07"),
        row(month="2024-13"),
        row(month="2999-01"),
        row(started="1.000"),
        row(started=""),
        row(version="9.9.9"),
        row(),
        row("=1+1"),
        row(month="2024-07", withdrawn="ja"),
    )
    answer = await send(nrw, content)
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "/problems/invalid-table"
    assert [(p["line"], p.get("column"), p["rule"]) for p in problem["errors"]] == [
        (3, "Stelle", "not-your-body"),
        (4, "Stelle", "unknown-reuse"),
        (5, "Monat", "no-month"),
        (6, "Monat", "month-to-come"),
        (7, "Begonnen", "no-number"),
        (8, "Begonnen", "nothing-counted"),
        (9, "Version", "unknown-version"),
        (10, None, "row-repeated"),
        (11, "Stelle", "formula"),
        (12, "Zurückgezogen", "withdrawn-counts"),
    ]
    assert problem["rows"] == 10
    assert problem["errors"][1]["pointer"] == "/2/organisation"
    assert (await figures(api))["items"] == []


async def test_a_month_is_told_by_versions_or_as_a_whole_never_both(
    api: ApiClient, conn: Connection
) -> None:
    admin = await api.as_admin()
    published: Any = {"interfaces": {"application": {"direction": "accepts", "schema": {}}}}
    await admin.put("/v1/services/bauantrag/versions/1.0.0", json=published)
    mixed = await send(admin, file(row(), row(version="1.0.0")))
    assert [p["line"] for p in mixed.json()["errors"]] == [3]
    await send(admin, file(row(version="1.0.0")))
    whole = await send(admin, file(row()))
    assert (whole.status_code, whole.json()["errors"][0]["rule"]) == (422, "split-otherwise")
    await send(admin, file(row(version="1.0.0", started="", withdrawn="ja")))
    assert (await send(admin, file(row()))).status_code == 201


async def test_lines_of_json_and_single_figures_follow_the_same_rules(api: ApiClient) -> None:
    nrw = await api.as_body("05", "usage")
    draft = {"organisation": "05", "service": "bauantrag", "month": "2024-05", "channel": "app"}
    lines = b"\n".join(
        msgspec.json.encode(line)
        for line in (draft | {"started": 5}, draft | {"channel": "online", "completed": 2})
    )
    assert (await send(nrw, lines, LINES)).status_code == 201
    same = await nrw.post("/v1/usage", json=draft | {"started": 5}, events=0)
    assert same.status_code == 200
    other = await nrw.post("/v1/usage", json=draft | {"started": 6})
    assert other.status_code == 201
    wrong = await send(nrw, lines + b'\n{"organisation": 5}\nnonsense', LINES)
    assert [(p["line"], p["rule"]) for p in wrong.json()["errors"]] == [
        (3, "type"),
        (4, "not-json"),
    ]


async def test_only_who_acts_for_the_body_and_may_record_usage_does(api: ApiClient) -> None:
    content = file(row("05315"))
    assert (await send(api, content)).status_code == 401
    assert (await send(await api.as_body("05", "reuse"), content)).status_code == 403
    assert (await send(await api.as_body("06", "usage"), content)).status_code == 422
    assert (await send(await api.as_body("05315", "usage"), content)).status_code == 201


async def test_who_builds_the_service_tells_the_figures_of_all_who_reuse_it(
    api: ApiClient,
) -> None:
    builder = await api.as_body("13", "usage")
    content = file(row("05315"), row("06", started=3))
    assert (await send(builder, content)).status_code == 201
    other = await send(builder, file(row("05315", service="ewa")))
    assert [p["rule"] for p in other.json()["errors"]] == ["not-your-body"]


async def test_who_built_the_service_tells_the_months_until_it_was_handed_over(
    api: ApiClient, conn: Connection
) -> None:
    await built_by(conn, "13", -300)
    await built_by(conn, "01", -70)
    content = file(row("06", months_ago(4), started=1))
    assert (await send(await api.as_body("13", "usage"), content)).status_code == 201
    content = file(row("06", months_ago(1), started=2))
    refused = await send(await api.as_body("13", "usage"), content)
    assert [p["rule"] for p in refused.json()["errors"]] == ["not-your-body"]
    assert (await send(await api.as_body("01", "usage"), content)).status_code == 201


def months_ago(count: int) -> str:
    today = datetime.now(UTC).date()
    year, month = divmod(today.year * 12 + today.month - 1 - count, 12)
    return f"{year}-{month + 1:02d}"


async def test_the_same_file_sent_twice_at_once_is_recorded_once(
    api: ApiClient, owner: Connection
) -> None:
    nrw = await api.as_body("05", "usage")
    headers = CSV | {"Authorization": f"Bearer {nrw.token}"}
    content = file(
        *(row(month=f"{year}-{month:02}") for year in (2023, 2024) for month in range(1, 13))
    )
    answers = await asyncio.gather(
        *(api.http.post("/v1/usage/batches", content=content, headers=headers) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert await owner.fetchval("select count(*) from usage_figures") == 24
    assert await owner.fetchval("select count(*) from events where action = 'usage.record'") == 1


async def test_lists_are_paged_and_narrowed_by_place_and_months(api: ApiClient) -> None:
    admin = await api.as_admin()
    bodies = ("05", "05315", "05111", "06", "08")
    rows = [row(body, f"2024-{month:02}") for body in bodies for month in range(1, 8)]
    await send(admin, file(*rows, row("05", service="ewa")), events=2)
    seen: list[tuple[Any, ...]] = []
    address = "/v1/usage?limit=7&from=2024-02&to=2024-04"
    while address:
        answer = await api.get(address)
        seen += counts(answer.json())
        assert answer.json()["total"] == 15
        address = answer.json()["next"]
    assert len(set(seen)) == len(seen) == 15
    assert seen == sorted(seen)
    within = await figures(api, "within=05&service=bauantrag")
    assert (within["total"], len(within["items"])) == (21, 21)
    below = await figures(api, "within=05315")
    assert (below["total"], len(below["items"])) == (None, 7)
    assert len((await figures(api, "organisation=05"))["items"]) == 8
    assert (await api.get("/v1/usage?from=2024-13")).status_code == 400


ROLLUP = "select service, state, month, figures, started, started_told, completed, completed_told"


async def sums(owner: Connection) -> tuple[list[Any], list[Any]]:
    """The sums as kept, and as the figures that stand give them."""
    kept = await owner.fetch(f"{ROLLUP} from usage_months order by 1, 2, 3")
    return list(map(tuple, kept)), await counted(owner, None)


async def counted(owner: Connection, size: int | None) -> list[Any]:
    """The sums of the figures that stood in the first events of the log, figure by figure."""
    rows = await owner.fetch(
        """
        select r.service, usage_state(r.organisation_key), f.month,
               count(*) filter (where f.started is not null or f.completed is not null),
               coalesce(sum(f.started), 0), count(f.started),
               coalesce(sum(f.completed), 0), count(f.completed)
        from (
            select distinct on (f.reuse_id, f.month, f.channel, f.version) f.*
            from usage_figures f join events e on e.id = f.event_id
            where $1::bigint is null or e.leaf_idx < $1
            order by f.reuse_id, f.month, f.channel, f.version, f.revision desc
        ) f
        join reuses r on r.id = f.reuse_id
        group by 1, 2, 3 order by 1, 2, 3
        """,
        size,
    )
    return list(map(tuple, rows))


async def fill(api: ApiClient) -> None:
    """Figures told, told again, corrected and withdrawn, of two services in three Länder."""
    admin = await api.as_admin()
    first = [
        row(b, m, n) for n, b in enumerate(("05", "05315", "06")) for m in ("2023-12", "2024-01")
    ]
    await send(admin, file(*first, row(service="ewa", month="1999-01")), events=2)
    await send(admin, file(row("05", "2023-12", 40, completed=4), *first[2:]))
    await send(admin, file(row("06", "2024-01", "", withdrawn="ja"), row("08")))


async def test_the_sums_are_those_of_the_figures_and_are_made_anew(
    api: ApiClient, conn: Connection, owner: Connection
) -> None:
    await fill(api)
    kept, made = await sums(owner)
    assert kept == made
    assert len(kept) == 6
    changes = await owner.fetch(
        "select * from usage_changes order by service, state, month, event_id"
    )
    await owner.execute("update usage_months set started = started + 1, figures = 0")
    await owner.execute("update usage_changes set started = started + 1, figures = 0")
    async with begin(conn, operator()) as tx:
        await store.rebuild_projections(tx)
    assert (await sums(owner))[0] == kept
    assert changes == await owner.fetch(
        "select * from usage_changes order by service, state, month, event_id"
    )
    assert len(changes) == 8


async def test_the_sums_known_at_any_time_are_those_of_the_figures_known_then(
    api: ApiClient, owner: Connection, settings: Settings
) -> None:
    await fill(api)
    size = await number_events(settings)
    told: set[int] = set()
    for known in range(size + 1):
        made = await owner.fetch(
            f"{ROLLUP} from usage_sums(null, '-infinity', 'infinity', $1) order by 1, 2, 3", known
        )
        assert list(map(tuple, made)) == await counted(owner, known)
        told.add(len(made))
    assert told == {0, 4, 5, 6}


async def test_sums_as_known_earlier_are_those_that_were_kept_then(
    api: ApiClient, settings: Settings
) -> None:
    nrw = await api.as_body("05", "usage")
    await send(nrw, file(row(), row("05315", started=8)))
    size = await number_events(settings)
    address = "/v1/usage/months?service=bauantrag&within=05"
    before = (await api.get(address)).json()
    assert [(m["started"], m["figures"]) for m in before["items"]] == [(20, 2)]
    await send(nrw, file(row(started=100)))
    await number_events(settings)
    assert (await api.get(address)).json()["items"][0]["started"] == 108
    assert (await api.get(f"{address}&known_at={size}")).json()["items"] == before["items"]


async def test_an_export_replayed_gives_the_same_figures_and_sums(
    api: ApiClient, owner: Connection
) -> None:
    await fill(api)

    async def rows() -> list[str]:
        return [
            text
            for table in ("usage_changes", "usage_figures", "usage_months")
            for (text,) in await owner.fetch("select t::text from " + table + " t order by 1")  # noqa: S608
        ]

    before = await rows()
    assert len(before) > 10
    lines = io.BytesIO()
    await write_log(owner, lines.write)
    await owner.execute("truncate events, blobs, usage_changes, usage_months cascade")
    await replay_log(owner, lines.getvalue().splitlines())
    assert await rows() == before
