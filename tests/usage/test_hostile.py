"""Files nobody should send."""

import pytest

from tests.client import ApiClient
from tests.usage.files import file, row, send


async def test_a_hundred_megabytes_are_refused(api: ApiClient) -> None:
    nrw = await api.as_body("05", "usage")
    answer = await send(nrw, b"x" * 100_000_000)
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 1_000,
        b'"' * 10_001,
        b"\xff\xfe" + b"a\x00" * 100,
        b"PK\x03\x04 a workbook",
        file() + b"\n05;bauantrag;2024-05;on\x00line;;1;;",
        file(row(month="0000-00")),
        file(row(started="9" * 400)),
        file(row(started="-1")),
        file(row(started="１２")),
        file(row(started="1e3")),
        file(row("' or 1=1 --")),
        file(row(channel="on;line")),
        file(row(channel="x" * 50)),
        file(row(version="1.0.0;9")),
    ],
)
async def test_odd_files_are_refused_as_tables(api: ApiClient, content: bytes) -> None:
    nrw = await api.as_body("05", "usage")
    answer = await send(nrw, content)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-table")
    assert answer.json()["errors"]


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "text/csv; charset=utf-16"])
async def test_other_kinds_of_content_are_not_read(api: ApiClient, kind: str) -> None:
    nrw = await api.as_body("05", "usage")
    answer = await send(nrw, file(row()), {"Content-Type": kind})
    assert answer.status_code == 415


@pytest.mark.parametrize("query", ["organisation=", "within=", "organisation=%20"])
async def test_an_empty_filter_is_refused_and_never_dropped(api: ApiClient, query: str) -> None:
    answer = await api.get(f"/v1/usage?{query}")
    assert answer.status_code in (400, 404)
    assert answer.json()["type"] != "/problems/unstorable"
