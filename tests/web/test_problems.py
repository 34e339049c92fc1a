"""Problems (RFC 9457): a page per code, places by pointer, nothing leaked, two languages."""

from typing import Annotated

import asyncpg
import httpx
import msgspec
import pytest
from litestar import Litestar, get, put
from litestar.params import JSONBody, QueryParameter

from registry.errors import Fault, Unprocessable
from registry.web.language import Language
from registry.web.params import Limit, SlugInPath
from registry.web.problems import EXCEPTION_HANDLERS, known_codes
from registry.web.requests import JsonRequest
from registry.web.texts import problem_text
from tests.client import ApiClient, pointers, transport_to


class Form(msgspec.Struct, forbid_unknown_fields=True):
    own: int = 0
    m: dict[str, "Form"] = {}


class Body(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    counts: dict[str, int] = {}
    parts: list[int] = []
    forms: dict[Annotated[str, msgspec.Meta(pattern="^[a-z]+$")], Form] = {}
    database: int = 0
    data: int = 0
    odd: int = msgspec.field(default=0, name="a~b/c")


@put("/body")
async def put_body(data: JSONBody[Body]) -> Body:
    return data


@get("/refused")
async def get_refused() -> None:
    raise Unprocessable(Fault("/name", "unknown-field", {"name": "x"}), organisation="05")


@get("/busy")
async def get_busy() -> None:
    raise TimeoutError("no connection to db.internal")


@get("/full")
async def get_full() -> None:
    raise ExceptionGroup("at cleanup", [asyncpg.DiskFullError("could not extend file base/1")])


@get("/several")
async def get_several() -> None:
    raise ExceptionGroup("at cleanup", [RuntimeError("x"), ConnectionResetError("gone")])


@get("/recursive")
async def get_recursive() -> None:
    raise RecursionError


@get("/named/{slug:str}")
async def get_named(
    slug: SlugInPath,
    size: Limit = 1,
    old: Annotated[str, QueryParameter(name="from", max_length=3)] = "",
) -> str:
    return slug * size + old


@get("/broken")
async def get_broken() -> None:
    raise RuntimeError("the password is tiger")


@pytest.fixture
def http() -> httpx.AsyncClient:
    app = Litestar(
        [
            put_body,
            get_refused,
            get_broken,
            get_busy,
            get_full,
            get_several,
            get_recursive,
            get_named,
        ],
        exception_handlers=EXCEPTION_HANDLERS,
        request_class=JsonRequest,
        openapi_config=None,
        logging_config=None,
    )
    return httpx.AsyncClient(transport=transport_to(app), base_url="http://registry")


@pytest.mark.parametrize(
    ("body", "status", "code", "places"),
    [
        (b'{"name": 1}', 422, "invalid-body", ["/name"]),
        (b'{"name": "a", "x": 1}', 422, "invalid-body", [""]),
        (b'{"name": "a", "parts": [1, "b"]}', 422, "invalid-body", ["/parts/1"]),
        (b'{"name": "a", "counts": {"j": 1, "k": ""}}', 422, "invalid-body", ["/counts/k"]),
        (b'{"name": "a", "forms": {"x": {}, "a/b": {}}}', 422, "invalid-body", ["/forms/a~1b"]),
        (b'{"name":"", "forms": {"x":{}, "y":{"own":""}}}', 422, "invalid-body", ["/forms/y/own"]),
        (b'{"name": "", "forms": {"y": {"m": {"a": 1}}}}', 422, "invalid-body", ["/forms/y/m/a"]),
        (b'{"name": "a", "database": "x"}', 422, "invalid-body", ["/database"]),
        (b'{"name": "a", "data": "x"}', 422, "invalid-body", ["/data"]),
        (b'{"name": "a", "a~b/c": "x"}', 422, "invalid-body", ["/a~0b~1c"]),
        (b"[]", 422, "invalid-body", [""]),
        (b'{"name": "\xff"}', 400, "malformed-request", [""]),
        (b"{", 400, "malformed-request", [""]),
        (b"[" * 100_000, 400, "malformed-request", [""]),
        (b"\xff", 400, "malformed-request", [""]),
        (b"", 422, "invalid-body", [""]),
    ],
)
async def test_a_wrong_body_is_told_by_place(
    http: httpx.AsyncClient, body: bytes, status: int, code: str, places: list[str]
) -> None:
    answer = await http.put("/body", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{code}"
    assert pointers(answer.json()) == places


async def test_a_refusal_carries_its_facts_and_places(http: httpx.AsyncClient) -> None:
    answer = await http.get("/refused", headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert answer.json()["organisation"] == "05"
    assert answer.json()["errors"] == [
        {"pointer": "/name", "rule": "unknown-field", "detail": "there is no field “x” here"}
    ]


async def test_a_failure_leaks_nothing(http: httpx.AsyncClient) -> None:
    answer = await http.get("/broken")
    assert answer.status_code == 500
    assert "tiger" not in answer.text
    assert answer.json()["type"] == "/problems/internal-error"


@pytest.mark.parametrize("path", ["/busy", "/several"])
async def test_a_busy_database_is_503_and_says_when_to_come_back(
    http: httpx.AsyncClient, path: str
) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/busy")
    assert int(answer.headers["retry-after"]) > 0
    assert "internal" not in answer.text


async def test_a_recursion_of_ours_is_not_the_callers_mistake(http: httpx.AsyncClient) -> None:
    assert (await http.get("/recursive")).status_code == 500


@pytest.mark.parametrize(
    ("path", "pointer"),
    [("/named/UPPER", "{slug}"), ("/named/a?size=0", "?size"), ("/named/a?from=long", "?from")],
)
async def test_a_wrong_parameter_is_told_by_where_it_stands(
    http: httpx.AsyncClient, path: str, pointer: str
) -> None:
    answer = await http.get(path)
    assert answer.status_code == 400
    assert pointers(answer.json()) == [pointer]


@pytest.mark.parametrize("language", ["de", "en"])
async def test_each_code_has_a_page(client: ApiClient, language: str) -> None:
    for code in known_codes():
        answer = await client.get(f"/problems/{code}", headers={"Accept-Language": language})
        assert answer.status_code == 200
        assert answer.json()["code"] == code


async def test_an_unknown_parameter_is_refused(client: ApiClient) -> None:
    answer = await client.get("/v1/events?as-of=2024-01-01")
    assert answer.status_code == 400
    assert pointers(answer.json()) == ["?as-of"]


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_is_not_known_of_a_refusal_is_left_out(language: Language) -> None:
    both = {"missing_scope": "reuse", "organisation": "05315"}
    whole = problem_text("not-yours", "detail", language, both)
    assert "`reuse`" in whole
    assert "05315" in whole
    for missing in (("organisation",), ("missing_scope",), tuple(both)):
        known = {name: text for name, text in both.items() if name not in missing}
        said = problem_text("not-yours", "detail", language, known)
        assert "–" not in said
        assert "[" not in said
        assert all(text in said for text in known.values())


async def test_a_full_disk_is_told_as_such(http: httpx.AsyncClient) -> None:
    full = await http.get("/full")
    assert (full.status_code, full.json()["type"]) == (507, "/problems/no-room")
    assert "base/1" not in full.text
