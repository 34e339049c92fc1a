"""Foreign schemas are hostile input: evil patterns, remote references, cost, depth, odd JSON.

The counts: 200 patterns with 3 texts each, every text in under 20 ms; not one connection; the
doubling ladder refused in under 10 ms; less than 50 MB more memory for any odd text.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from registry.versions.documents.validation import DocumentValidator
from registry.versions.schemas.guard import MAX_COST, examine
from registry.versions.workers import memory
from tests.client import ApiClient
from tests.versions.published import SERVICE, publish, service, version

DRAFT_04 = "http://json-schema.org/draft-04/schema#"
PLACE = ("dienst", "1.0.0", "application")
PATH = f"{SERVICE}/versions/1.0.0"


def rules(schema: Any) -> list[str]:
    text = schema if isinstance(schema, bytes) else json.dumps(schema).encode()
    found = examine("dienst", "1.0.0", {"application": text}, None)
    return [fault.rule for fault in found.faults.get("application", [])]


def seconds(call: Callable[[], object]) -> float:
    """The time of this process that a call takes, at its best."""
    fastest = 1.0
    for _ in range(3):
        started = time.process_time()
        call()
        fastest = min(fastest, time.process_time() - started)
    return fastest


# Patterns that run for hours in a backtracking engine, each with texts that almost match.

CORES = ("a", "a|a", "a|aa", "[a-z]", "[a-zA-Z0-9]", r"\w", ".", r"\p{L}", "(?:a|b|ab)", "(?:aa?)")
SHAPES = (
    "^({0}+)+$",
    "^({0}*)*$",
    "^(({0})+)+$",
    "^({0}+){{2,20}}$",
    "^({0}|{0})*$",
    "^({0}|{0}?)+$",
    "^({0}+)*({0}+)*({0}+)*$",
    "({0}*){{1,30}}c$",
    "^(.*{0}){{1,15}}$",
    r"^(({0}+)\s?)+$",
    "^({0}+)+-({0}+)+$",
    "^(?:(?:{0}+)+)+$",
    "({0}+)+d",
    "^({0}{{1,50}}){{1,50}}$",
    "^({0}*?)*?$",
    "^(-|({0}+))*$",
    "^({0}+,?)+$",
    "(?:{0}+)+(?:{0}+)+$",
    "^([^c]|{0})*c$",
    "^({0}*)+!$",
)
EVIL = [shape.format(core) for shape, core in itertools.product(SHAPES, CORES)]
TEXTS = ("a" * 30 + "!", "a" * 200 + "!", "ab" * 100 + "\n")


def test_there_are_two_hundred_evil_patterns() -> None:
    assert len(set(EVIL)) == 200


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_an_evil_pattern_is_refused_or_runs_in_no_time(shape: int) -> None:
    for pattern in EVIL[shape * len(CORES) : (shape + 1) * len(CORES)]:
        schema = {"pattern": pattern}
        if rules(schema):
            assert rules(schema) == ["patterns-too-large"], pattern
            continue
        validator = DocumentValidator(PLACE, {PLACE: json.dumps(schema).encode()}, "assert")
        for text in TEXTS:
            document = json.dumps(text).encode()
            assert seconds(lambda: validator.is_valid(document)) < 0.02, (pattern, len(text))  # noqa: B023


def test_time_grows_with_the_text_and_no_faster() -> None:
    for pattern in ("^(a{1,20}){1,20}$", "^(.*a){10}$", "^(a|aa)+$"):
        schema = json.dumps({"pattern": pattern}).encode()
        validator = DocumentValidator(PLACE, {PLACE: schema}, "assert")
        short, long = (json.dumps("a" * length + "!").encode() for length in (5_000, 50_000))
        quick = seconds(lambda: validator.is_valid(short))  # noqa: B023
        assert seconds(lambda: validator.is_valid(long)) < 30 * quick + 0.02  # noqa: B023


@pytest.mark.parametrize(
    "pattern", [r"(?=a)b", r"(?!a)b", r"(?<=a)b", r"(?<!a)b", r"(a)\1", r"(?<x>a)\k<x>"]
)
@pytest.mark.parametrize("keyword", ["pattern", "patternProperties"])
def test_what_cannot_be_linear_is_refused_wherever_it_hides(pattern: str, keyword: str) -> None:
    value: Any = pattern if keyword == "pattern" else {pattern: True}
    for schema in (
        {keyword: value},
        {"items": {"allOf": [{keyword: value}]}},
        {"$defs": {"unused": {keyword: value}}},
        {"$ref": "#/hidden", "hidden": {keyword: value}},
    ):
        assert rules(schema)[0] in ("pattern-look-around", "pattern-back-reference")


def test_a_pattern_that_grows_by_repetition_is_refused() -> None:
    for pattern in ("(a{1000}){1001}", "((a{100}){100}){101}", r"\p{L}{1001}"):
        assert rules({"pattern": pattern}) == ["patterns-too-large"]
    many = {"allOf": [{"pattern": rf"\p{{L}}{{{number}}}"} for number in range(1, 100)]}
    assert rules(many) == ["patterns-too-large"]


# References that would leave the registry.


class Canary:
    """A server on loopback that counts who comes."""

    def __init__(self) -> None:
        self.visitors = 0
        self.port = 0

    async def greet(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visitors += 1
        writer.close()


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    counted = Canary()
    server = await asyncio.start_server(counted.greet, "127.0.0.1", 0)
    counted.port = server.sockets[0].getsockname()[1]
    async with server:
        yield counted


def remote_references(port: int) -> list[dict[str, Any]]:
    here = f"http://127.0.0.1:{port}"
    targets = [
        f"{here}/schema.json",
        f"{here}/schema.json#/$defs/x",
        f"//127.0.0.1:{port}/schema.json",
        f"http://localhost:{port}/x",
        f"http://0x7f.1:{port}/x",
        f"http://2130706433:{port}/x",
        f"http://user:secret@127.0.0.1:{port}/",
        f"https://127.0.0.1:{port}/x",
        f"ftp://127.0.0.1:{port}/x",
        f"HTTP://127.0.0.1:{port}/x",
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "/etc/passwd",
        "../../../etc/passwd",
        "data:application/json,{}",
        "jar:file:///x!/y",
        "urn:example:x",
        "efa://127.0.0.1/x",
    ]
    embedded = [
        {"$id": f"{here}/root", "$ref": "other"},
        {"$id": f"{here}/root", "items": {"$ref": "/x"}},
        {"$defs": {"a": {"$id": f"{here}/a", "$ref": "b"}}},
        {"$dynamicRef": f"{here}/x#a"},
        {"$schema": f"{here}/meta"},
        {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "id": f"{here}/",
            "not": {"$ref": "x"},
        },
    ]
    return [{"$ref": target} for target in targets] + embedded


async def test_no_reference_ever_leaves_the_registry(client: ApiClient, canary: Canary) -> None:
    builder = await service(client)
    for schema in remote_references(canary.port):
        answer = await builder.put(PATH, json=version(json.dumps(schema)))
        assert answer.status_code == 422, schema
        (place,) = answer.json()["errors"]
        assert place["rule"] in ("reference-outside", "dialect-unknown"), schema
    assert canary.visitors == 0


async def test_addresses_that_are_mere_words_are_left_alone(
    client: ApiClient, canary: Canary
) -> None:
    builder = await service(client)
    here = f"http://127.0.0.1:{canary.port}/x"
    schema = {"$id": here, "$comment": here, "default": {"$ref": here}, "enum": [{"$ref": here}]}
    await publish(builder, "1.0.0", body=version(json.dumps(schema)))
    path = f"{PATH}/interfaces/application/validations"
    answer = await builder.post(path, json={"$ref": here}, events=0)
    assert answer.json()["valid"] == 1
    assert canary.visitors == 0


# Cost.


def ladder(steps: int, keyword: str) -> dict[str, Any]:
    """Each step applies the next one twice: 2^steps in all."""
    definitions: dict[str, Any] = {"s0": {"type": "string"}}
    for step in range(1, steps + 1):
        below = {"$ref": f"#/$defs/s{step - 1}"}
        applied: Any = {"a": below, "b": below} if keyword == "properties" else [below, below]
        definitions[f"s{step}"] = {keyword: applied}
    return {"$ref": f"#/$defs/s{steps}", "$defs": definitions}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf", "properties", "prefixItems"])
@pytest.mark.parametrize("steps", range(8, 41, 4))
def test_the_doubling_ladder_is_refused_at_once(steps: int, keyword: str) -> None:
    schema = json.dumps(ladder(steps, keyword)).encode()
    # A step costs its own schema and a reference for each of the two it applies.
    assert rules(schema) == (["too-costly"] if 4 * 2**steps > MAX_COST else [])
    assert seconds(lambda: rules(schema)) < 0.01


@pytest.mark.parametrize("length", [1, 2, 3, 10, 500])
@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "not", "if", "dependentSchemas"])
def test_loops_that_stay_in_place_are_refused(length: int, keyword: str) -> None:
    definitions: dict[str, Any] = {}
    for number in range(length):
        following = {"$ref": f"#/$defs/s{(number + 1) % length}"}
        shapes: dict[str, Any] = {"not": following, "if": following}
        shapes["dependentSchemas"] = {"a": following}
        definitions[f"s{number}"] = {keyword: shapes.get(keyword, [following])}
    assert rules({"$ref": "#/$defs/s0", "$defs": definitions}) == ["reference-loop"]


@pytest.mark.parametrize("keyword", ["properties", "additionalProperties", "items", "contains"])
def test_loops_that_go_deeper_are_accepted_and_end(keyword: str) -> None:
    again: Any = {"$ref": "#"}
    schema = {keyword: {"a": again} if keyword == "properties" else again}
    assert rules(schema) == []
    validator = DocumentValidator(PLACE, {PLACE: json.dumps(schema).encode()}, "assert")
    document: Any = 1
    for _ in range(60):
        document = [document] if keyword in ("items", "contains") else {"a": document}
    assert validator.check(json.dumps(document).encode()).valid in (True, False)


def test_a_long_chain_of_references_is_no_loop() -> None:
    chain: dict[str, Any] = {f"s{n}": {"$ref": f"#/$defs/s{n + 1}"} for n in range(3_000)}
    chain["s3000"] = {"type": "string"}
    assert rules({"$ref": "#/$defs/s0", "$defs": chain}) == []


# Odd JSON, at the door of the application.


def peak_megabytes() -> float:
    return memory.peak() / (1 << 20)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("[" * 500, "no-json"),
        ("[" * 500 + "]" * 500, "too-deep"),
        ("[" * 20_000, "too-deep"),
        ("[" * 1_000_000, "too-deep"),
        ('{"a":' * 100_000, "too-deep"),
        ("[" * 65 + "]" * 65, "too-deep"),
        ('{"maximum": ' + "9" * 100_000 + "}", "number-too-long"),
        ('{"maximum": 1e' + "9" * 100_000 + "}", "number-too-long"),
        ('{"maximum": 1e400}', "number-too-long"),
        ('{"maximum": NaN}', "not-a-number"),
        ('{"maximum": Infinity}', "not-a-number"),
        ('{"type": "string", "type": "integer"}', "key-twice"),
        ('{"type": "string", "\\u0074ype": "integer"}', "key-twice"),
        ('{"const": "\\ud800"}', "lone-surrogate"),
        ('{"enum": [' + "0," * 20_000 + "0]}", "too-many-values"),
        ('{"title": "' + "x" * (1 << 20) + '"}', "too-many-bytes"),
        ("\ufeff{}", "byte-order-mark"),
    ],
    ids=lambda value: value[:16],
)
async def test_odd_json_is_refused_within_bounds(client: ApiClient, text: str, rule: str) -> None:
    builder = await service(client)
    before = peak_megabytes()
    answer = await builder.put(PATH, json=version(text))
    assert answer.status_code == 422
    assert rule == "too-many-bytes" or [e["rule"] for e in answer.json()["errors"]] == [rule]
    assert peak_megabytes() - before < 50


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500,
        b"[" * 20_000,
        b"[" * 1_000_000,
        b'{"interfaces": {"a": {"direction": "accepts", "schema": ' + b'{"a":' * 100_000,
        b'{"interfaces": {"a": {"direction": "accepts", "schema": {"maximum": ' + b"9" * 100_000,
        b'{"interfaces": {"a": {"direction": "accepts", "schema": {"maximum": '
        + b"9" * 100_000
        + b"}}}}",
        b'{"interfaces": {"a": {"direction": "accepts", "schema": {"maximum": 1e999}}}}',
        b'{"interfaces": {"a": {"direction": "accepts", "schema": {"const": "\\ud800"}}}}',
        b'{"interfaces": {"a": {"direction": "accepts", "schema_text": "\\ud800"}}}',
        b'{"interfaces": {"a": {"direction": "accepts", "schema": '
        + b"[" * 70
        + b"]" * 70
        + b"}}}",
        b"\xff\xfe",
        b"",
    ],
    ids=lambda body: body[:16].decode(errors="replace") + str(len(body)),
)
async def test_odd_bodies_are_refused_within_bounds(client: ApiClient, body: bytes) -> None:
    builder = await service(client)
    before = peak_megabytes()
    answer = await builder.put(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert peak_megabytes() - before < 50


async def test_names_in_schemas_show_as_they_are_on_pages_and_do_not_fill_them(
    client: ApiClient,
) -> None:
    builder = await service(client)
    for number, length in (("1.0.0", 2), ("2.0.0", 1)):
        long = {"properties": {"n" * 900_000: {"maxLength": length}}}
        odd = {"a\x1b[2J\u202egnp\x00": {"maxLength": length}, "long": long}
        await publish(builder, number, body=version(json.dumps({"properties": odd})))
    for path in ("", "/vergleich?from=1.0.0&to=2.0.0"):
        text = (await client.get(f"/dienste/wohngeld-sh{path}")).text
        assert not {"\x1b", "\u202e", "\x00"} & {*text}
        assert r"a\u001b[2J\u202egnp\u0000" in text
        assert len(text) < 100_000


MANY = {
    "empty lists": b"[" + b"[]," * 2_666_000 + b"[]]",
    "numbers": b"[" + b"1e9," * 1_990_000 + b"1]",
    "empty texts": b"[" + b'"",' * 2_600_000 + b'""]',
    "lists in lists": b"[" + b"[[[]]]," * 1_100_000 + b"[]]",
}


@pytest.mark.parametrize("kind", [*MANY])
async def test_many_small_values_cost_next_to_nothing(client: ApiClient, kind: str) -> None:
    """Neither of who needs no token, nor where schemas are taken, which may have more of them."""
    builder = await service(client)
    before, began = peak_megabytes(), time.process_time()
    json_type = {"Content-Type": "application/json"}
    for path in ("/v1/token-reports", "/v1/token-exchange"):
        answer = await client.post(path, content=MANY[kind], headers=json_type, events=0)
        assert answer.status_code == 413
        part = MANY[kind][: 1 << 20]
        answer = await client.post(path, content=part, headers=json_type, events=0)
        assert [fault["rule"] for fault in answer.json()["errors"]] == ["too-many-values"]
    answers = [
        await builder.put(PATH, content=MANY[kind], headers=json_type, events=0),
        await builder.post("/v1/comparisons", content=MANY[kind], headers=json_type, events=0),
    ]
    for answer in answers:
        assert [fault["rule"] for fault in answer.json()["errors"]] == ["too-many-values"]
    assert time.process_time() - began < 2.5
    assert peak_megabytes() - before < 120


async def test_a_costly_check_is_given_up_and_the_server_lives(client: ApiClient) -> None:
    builder = await service(client)
    again = {"$ref": "#/$defs/t"}
    tree = {"oneOf": [{"properties": {"c": again}}, {"properties": {"c": again}, "not": False}]}
    schema = {"$ref": "#/$defs/t", "$defs": {"t": tree}}
    await publish(builder, "1.0.0", body=version(json.dumps(schema)))
    document: Any = {}
    for _ in range(40):
        document = {"c": document}
    path = f"{PATH}/interfaces/application/validations"
    started = time.monotonic()
    answer = await builder.post(path, json=document, events=0)
    assert answer.status_code in (200, 422)
    assert time.monotonic() - started < 10
    assert (await builder.post(path, json={}, events=0)).status_code == 200
