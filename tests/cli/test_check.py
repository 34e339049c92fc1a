"""`efa check --service` and `efa publish` against a running registry."""

import http.server
import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest

from registry.cli.schemas import schema_text
from registry.compatibility.compare import ENGINE
from registry.settings import Settings
from tests.catalogue.drafts import CREATE
from tests.cli.typed import Efa, Ran
from tests.client import ApiClient
from tests.impact.test_users import reuse
from tests.live import live_server
from tests.versions.published import (
    SCHEMA,
    SCHEMA_TEXT,
    interfaces,
    leave_undecided,
    publish,
    service,
)

NARROWER: dict[str, Any] = {**SCHEMA, "required": ["name", "age"]}
WIDER: dict[str, Any] = {**SCHEMA, "properties": {**SCHEMA["properties"], "mail": {}}}
YAML = """type: object
properties:
  name: {type: string, maxLength: 80}
  age: {type: integer}
required:
  - name
  - age
"""


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(text)


class Desk:
    """A publisher's desk: files, a registry, and a token for it."""

    def __init__(self, typed: Efa, address: str, token: str) -> None:
        self._typed = typed
        self.env = {"EFA_REGISTRY_URL": address, "EFA_TOKEN": token}

    def __call__(self, *arguments: object, **env: str) -> Ran:
        return self._typed(*arguments, env=self.env | env)

    def report(self, *arguments: object) -> Any:
        ran = self(*arguments, "--format", "json")
        found = json.loads(ran.out)
        validator: Any = jsonschema.Draft202012Validator(json.loads(schema_text("report")))
        validator.validate(found)
        assert found["passed"] is (ran.code == 0)
        return found


@pytest.fixture
async def desk(client: ApiClient, settings: Settings, typed: Efa) -> Any:
    builder = await service(client)
    await publish(builder, "1.0.0", body=interfaces(application=SCHEMA))
    for body, version in (("05", "1.0.0"), ("05315", "1.0.0"), ("09", None)):
        await reuse(client, body, version)
    for name, schema in (("same", SCHEMA), ("narrower", NARROWER), ("wider", WIDER)):
        write(f"{name}/application.json", json.dumps(schema, indent=2))
    write("application.yaml", YAML)
    with live_server(settings) as address:
        yield Desk(typed, address, builder.token)


async def test_the_registry_says_the_least_number_and_whom_it_hits(desk: Desk) -> None:
    for name, least, code in (
        ("same", "1.0.1", 0),
        ("wider", "1.1.0", 0),
        ("narrower", "2.0.0", 1),
    ):
        ran = desk("check", f"{name}/application.json", "--service", "wohngeld-sh")
        assert (ran.code, f"least number allowed {least}" in ran.out) == (code, True), ran.out
    assert "narrower/application.json:14:5: breaking EFA-REQ-01" in ran.out
    assert "hits 2 reuses in 1 state (of which 1 by a municipality), judged by the " in ran.out
    assert (
        "maybe hit, as no version is recorded: 1 reuse in 1 state:\n    Bayern: Bayern\n" in ran.out
    )
    assert "Nordrhein-Westfalen: " in ran.out
    assert "Bochum" not in ran.out
    found = desk.report("check", "application.yaml", "--service", "wohngeld-sh")
    (finding,) = found["interfaces"][0]["findings"]
    assert finding["new"] == {
        "file": "application.yaml", "pointer": "/required/1", "line": 7, "column": 5,
    }  # fmt: skip
    assert finding["old"]["file"] == "efa:wohngeld-sh/1.0.0/application"
    hit = found["impact"]
    counted = [hit[name]["reuses"] for name in ("affected", "undecided", "possibly")]
    assert counted == [2, 0, 1]


async def test_a_proposed_number_is_judged_by_the_registry(desk: Desk) -> None:
    given = ("check", "narrower/application.json", "--service", "wohngeld-sh", "--number")
    ran = desk(*given, "2.0.0")
    assert (ran.code, "2.0.0 is allowed" in ran.out) == (0, True)
    ran = desk(*given, "1.1.0")
    assert (ran.code, "at least 2.0.0 instead of 1.1.0" in ran.out) == (1, True)
    ran = desk(*given, "1.0.0")
    assert (ran.code, ran.out.splitlines()[-1]) == (1, "1.0.0 is not allowed.")
    ran = desk(*given, "0.1.0")
    assert (ran.code, ran.out.splitlines()[-1].partition(";")[0]) == (
        0,
        "no lower version of wohngeld-sh to compare with",
    )
    ran = desk(*given, "1.1.0-rc.1")
    assert (ran.code, "at least 2.0.0 or 2.0.0-rc.1 instead of" in ran.out) == (1, True)
    ran = desk(*given, "1.0")
    assert (ran.code, "This may be meant: 1.0.0." in ran.err) == (2, True)
    ran = desk("check", "same/application.json", "--service", "Wohngeld SH")
    assert (ran.code, "{slug}: a regional key or a short name stands here" in ran.err) == (2, True)


async def test_rules_of_a_report_lead_to_their_pages(desk: Desk, client: ApiClient) -> None:
    address = desk.env["EFA_REGISTRY_URL"]
    given = ("check", "narrower/application.json", "--service", "wohngeld-sh", "--number", "1.1.0")
    (run,) = json.loads(desk(*given, "--format", "sarif").out)["runs"]
    pages = {rule["id"]: rule["helpUri"] for rule in run["tool"]["driver"]["rules"]}
    assert pages == {
        "EFA-REQ-01": f"{address}/rules/EFA-REQ-01",
        "version-number-too-small": f"{address}/problems/version-number-too-small",
    }
    for page in pages.values():
        assert (await client.get(page.removeprefix(address))).status_code == 200


async def test_a_version_is_published_once_and_only_under_an_honest_number(desk: Desk) -> None:
    ran = desk("publish", "wohngeld-sh", "1.1.0", "application.yaml")
    assert ran.code == 1
    assert "application.yaml:7:5: breaking EFA-REQ-01" in ran.out
    assert "at least 2.0.0 instead of 1.1.0" in ran.out
    assert "wohngeld-sh 1.1.0 was not published" in ran.out
    found = desk.report("publish", "wohngeld-sh", "1.1.0", "narrower/application.json")
    assert (found["outcome"], found["least"], found["base"]) == ("refused", "2.0.0", "1.0.0")
    (finding,) = found["interfaces"][0]["findings"]
    assert list(json.loads(finding["witness"]["text"])) == ["name"]
    (said,) = found["objections"]
    assert "a major version: at least 2.0.0" in said["message_en"]
    ran = desk("publish", "wohngeld-sh", "1.0.1", "wider/application.json", "--lang", "de")
    assert "Gegenüber 1.0.0 verlangen die Änderungen eine Nebenversion: statt 1.0.1" in ran.out
    assert "EFA-PROP-02 Die Angabe „mail“ ist neu." in ran.out
    ran = desk("publish", "wohngeld-sh", "1.1.0", "wider/application.json")
    assert (ran.code, ran.out.count("\n")) == (0, 1)
    assert ran.out.startswith("wohngeld-sh 1.1.0 is published; no breaking change against")
    ran = desk("publish", "wohngeld-sh", "1.1.0", "wider/application.json")
    assert (ran.code, "was published before, just so" in ran.out) == (0, True)
    ran = desk("publish", "wohngeld-sh", "1.1.0", "same/application.json")
    assert (ran.code, "was not published" in ran.out) == (1, True)
    found = desk.report("publish", "wohngeld-sh", "2.0.0", "application.yaml")
    assert (found["outcome"], found["bump"], found["base"]) == ("published", "major", "1.1.0")
    assert desk("publish", "wohngeld-sh", "3.0.0", "application.yaml:emits").code == 0
    for form in ("text", "markdown"):
        unsaid = desk("check", "application.yaml", "--service", "wohngeld-sh", "--format", form)
        said = unsaid.out.replace("\\", "")
        assert (unsaid.code, "write application.yaml:emits if that stays" in said) == (1, True)
    assert desk("check", "application.yaml:emits", "--service", "wohngeld-sh").code == 0


async def test_what_is_undecided_is_for_a_person_to_answer_for(
    desk: Desk, client: ApiClient
) -> None:
    old = await client.get("/v1/services/wohngeld-sh/versions/1.0.0/interfaces/application")
    await leave_undecided(client.conn, old.text, json.dumps(WIDER, indent=2))
    ran = desk("publish", "wohngeld-sh", "1.1.0", "wider/application.json")
    page = f"{desk.env['EFA_REGISTRY_URL']}/en/dienste/wohngeld-sh/veroeffentlichen"
    assert (ran.code, page in ran.out) == (1, True), ran.out
    ran = desk("publish", "wohngeld-sh", "1.1.0", "narrower/application.json")
    assert (ran.code, "veroeffentlichen" in ran.out) == (1, False)


@pytest.mark.parametrize("number", ["1.1.0", "2.0.0"])
@pytest.mark.parametrize(
    ("language", "hit", "possibly"),
    [
        ("de", "trifft 2 Nachnutzungen in 1 Land (davon 1 durch eine Gemeinde)", "1 Nachnutzung"),
        ("en", "hits 2 reuses in 1 state (of which 1 by a municipality)", "1 reuse in 1 state:"),
    ],
)
async def test_a_publish_says_whom_it_hits_as_the_check_before_it(
    desk: Desk, number: str, language: str, hit: str, possibly: str
) -> None:
    """Published or refused, and for the same again."""
    given = ("wohngeld-sh", number, "narrower/application.json", "--lang", language)
    checked = desk("check", given[2], "--service", given[0], "--number", number, *given[3:])
    told = checked.out[checked.out.index(hit) :].rpartition("Bayern: Bayern\n")[0]
    ran = desk("publish", *given)
    assert (told in ran.out, possibly in told) == (True, True), ran.out
    assert told in desk("publish", *given).out


async def test_what_a_number_does_to_the_next_release_is_shown_at_its_place(desk: Desk) -> None:
    """The file is the older side then."""
    text = {**SCHEMA, "properties": {**SCHEMA["properties"], "mail": {"type": "string"}}}
    write("text/application.json", json.dumps(text))
    assert desk("publish", "wohngeld-sh", "1.2.0", "text/application.json").code == 0
    file = "wider/application.json"
    given = (("check", file, "--service", "wohngeld-sh", "--number", "1.1.0"),
             ("publish", "wohngeld-sh", "1.1.0", file))  # fmt: skip
    for command in given:
        found = desk.report(*command)
        assert [one["code"] for one in found["objections"]] == ["version-does-not-fit-next"]
        (interface,) = found["interfaces"]
        assert (interface["old"], interface["new"]) == (file, "efa:wohngeld-sh/1.2.0/application")
        (finding,) = [one for one in interface["findings"] if one["severity"] == "breaking"]
        assert finding["old"] | {"column": 0} == {
            "file": file, "pointer": "/properties/mail", "line": 11, "column": 0,
        }  # fmt: skip
        assert finding["new"]["file"] == interface["new"]
        assert finding["witness"]["valid_under"] == "old"


async def test_stored_parameters_that_fit_no_longer_are_told_with_the_reason(
    desk: Desk, client: ApiClient
) -> None:
    asks = {"properties": {"rate": {"type": "number"}}, "required": ["rate"]}
    write("asks/parameters.json", json.dumps(asks))
    write("stricter/parameters.json", json.dumps({"properties": {"rate": {"maximum": 2}}}))
    assert desk("publish", "wohngeld-sh", "2.0.0", "asks").code == 0
    await reuse(client, "06412", "2.0.0")
    own = await client.as_body("06412", "reuse")
    listed = await own.get("/v1/reuses?organisation=06412&service=wohngeld-sh")
    links = [one["links"]["self"] for one in listed.json()["items"] if one["version"] == "2.0.0"]
    path = f"{links[0]}/parameters"
    assert (await own.put(path, json={"rate": 30}, headers=CREATE)).status_code == 200
    given = ("check", "stricter", "--service", "wohngeld-sh")
    counted = "stored parameter sets that fit no longer: 1 of 1:"
    set_ = "(2.0.0): /rate must be at most"
    for form in ("text", "markdown"):
        out = desk(*given, "--format", form).out.replace("\\", "")
        assert (counted in out, f"Frankfurt am Main, Stadt {set_} 2" in out) == (True, True), out
        (line,) = [each for each in out.splitlines() if set_ in each]
        assert "30" not in line
    gone = desk("check", "same/application.json", "--service", "wohngeld-sh").out
    assert "(2.0.0): this version declares no parameters any more" in gone
    published = desk("publish", "wohngeld-sh", "3.0.0", "stricter").out
    assert (counted in published, set_ in published) == (True, True)


async def test_a_refusal_shows_the_gravest_findings_and_counts_them_all(desk: Desk) -> None:
    added: dict[str, Any] = {f"more-{place}": {} for place in range(110)}
    many: dict[str, Any] = {**NARROWER, "properties": {**SCHEMA["properties"], **added}}
    for name, schema in (("a-form", many), ("z-form", NARROWER)):
        write(f"before/{name}.json", json.dumps(SCHEMA))
        write(f"many/{name}.json", json.dumps(schema))
    assert desk("publish", "wohngeld-sh", "2.0.0", "before").code == 0
    found = desk.report("publish", "wohngeld-sh", "2.0.1", "many")
    listed = {one["name"]: one["findings"] for one in found["interfaces"]}
    assert [one["rule"] for one in listed["z-form"]] == ["EFA-REQ-01"]
    assert [one["severity"] for one in listed["a-form"][:2]] == ["breaking", "compatible"]
    assert sum(map(len, listed.values())) == 100
    assert found["notes"] == ["shown are the gravest 100 of 112 findings"]
    assert "gravest 100 of 112" in desk("publish", "wohngeld-sh", "2.0.1", "many").out


async def test_the_engine_named_is_the_registry_s(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.cli.checking.commands.ENGINE", "the one of this machine")
    file = "narrower/application.json"
    checked = desk.report("check", file, "--service", "wohngeld-sh")
    refused = desk.report("publish", "wohngeld-sh", "1.1.0", file)
    published = desk.report("publish", "wohngeld-sh", "2.0.0", file)
    assert {one["engine"] for one in (checked, refused, published)} == {ENGINE}
    taken = desk.report("publish", "wohngeld-sh", "2.0.0", "same/application.json")
    assert taken["engine"] is None


async def test_what_the_registry_cannot_take_ends_with_2(desk: Desk) -> None:
    write("application.json", '{\n  "type": "text"\n}')
    write("odd.yaml", "title: a\ntype: text\n")
    for command in (("check", "--service", "wohngeld-sh"), ("publish", "wohngeld-sh", "3.0.0")):
        ran = desk(*command, "application.json")
        assert (ran.code, "application.json:2: " in ran.err) == (2, True), ran.err
        ran = desk(*command, "application=odd.yaml")
        assert (ran.code, "odd.yaml:2: " in ran.err) == (2, True), ran.err


async def test_a_mistyped_service_is_told_with_the_nearest(desk: Desk) -> None:
    for given, near in (("wohngled-sh", " (did you mean wohngeld-sh?);"), ("nirgends", ";")):
        for command in (("check", "--service", given), ("publish", given, "3.0.0")):
            ran = desk(*command, "same/application.json")
            assert (ran.code, ran.out) == (2, "")
            assert f"no service {given}{near}" in ran.err


async def test_who_may_not_ends_with_3(desk: Desk) -> None:
    given = ("check", "same/application.json", "--service", "wohngeld-sh")
    for token, said in (
        ("", ("this needs a token", "/meine-stelle/token")),
        ("efa_test_wrong", ("does not take the token", "`efa token create`")),
    ):
        ran = desk(*given, EFA_TOKEN=token)
        assert (ran.code, ran.out) == (3, "")
        assert all(part in ran.err for part in (*said, "EFA_TOKEN", "operates the registry"))
    ran = desk("publish", "wohngeld-sh", "1.0.1", "same/application.json", EFA_TOKEN="")
    assert (ran.code, "--token-file" in ran.err) == (3, True)
    write("token", desk.env["EFA_TOKEN"] + "\n")
    assert desk(*given, "--token-file", "token", EFA_TOKEN="").code == 0
    for text in ("a\nb", "ü", "x" * 9_000):
        write("token", text)
        ran = desk(*given, "--token-file", "token")
        assert (ran.code, text in ran.err) == (2, False)
    assert desk(*given, "--token-file", "nowhere").code == 2


class Strange(http.server.BaseHTTPRequestHandler):
    """Answers that no registry gives; a redirect leads to itself."""

    answer: tuple[int, bytes] = (200, b"")
    breaks_off = False
    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        Strange.asked.append(self.path)
        status, body = self.answer
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        if self.breaks_off:
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%b" % (len(body) + 99, body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    do_GET = do_PUT = do_POST  # noqa: N815 - as the server looks for them

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def strange(answer: tuple[int, bytes], *, breaks_off: bool = False) -> Generator[str]:
    Strange.answer, Strange.asked, Strange.breaks_off = answer, [], breaks_off
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Strange)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


COMMANDS = (
    ("check", "application.json", "--service", "a"),
    ("publish", "a", "1.0.0", "application.json"),
)


def asked_of(typed: Efa, command: tuple[str, ...], address: str) -> Ran:
    Path("application.json").write_text(SCHEMA_TEXT)
    ran = typed(*command, "--registry", address, env={"EFA_TOKEN": "efa_test_x"})
    assert "Traceback" not in ran.err
    assert Strange.asked
    assert "/elsewhere" not in Strange.asked  # no redirect is followed: the token stays here
    return ran


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "answer",
    [
        (200, b""), (200, b"<html>"), (200, b"{}"), (200, b"[]"), (200, b"\xff"), (302, b""),
        (201, b"{}"), (204, b""), (200, b"[" * 9_999), (404, b"<html>"), (422, b"[" * 9_999),
        (500, b"oops"), (502, b"<html>"), (503, b'{"detail": "later"}'), (429, b"{}"),
    ],
)  # fmt: skip
def test_what_is_no_registry_ends_with_3(
    typed: Efa, command: tuple[str, ...], answer: tuple[int, bytes]
) -> None:
    with strange(answer) as address:
        ran = asked_of(typed, command, address)
    assert (ran.code, ran.out) == (3, ""), ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", [200, 201, 404, 422, 500])
def test_an_answer_that_breaks_off_ends_with_3(
    typed: Efa, command: tuple[str, ...], status: int
) -> None:
    with strange((status, b'{"comparisons": '), breaks_off=True) as address:
        ran = asked_of(typed, command, address)
    assert (ran.code, ran.out, "cannot be reached" in ran.err) == (3, "", True)


@pytest.mark.parametrize("errors", ["3", '"x"', '["x"]', '[{"pointer": 1}]', "null", "[[]]"])
def test_an_odd_problem_is_told_as_far_as_it_says_anything(typed: Efa, errors: str) -> None:
    problem = f'{{"type": "/problems/invalid-version", "detail": "No.", "errors": {errors}}}'
    with strange((422, problem.encode())) as address:
        ran = asked_of(typed, COMMANDS[1], address)
    assert (ran.code, "refuses (422): No." in ran.err) == (2, True)


def test_a_registry_that_is_not_there_ends_with_3(typed: Efa) -> None:
    Path("application.json").write_text(SCHEMA_TEXT)
    given = ("check", "application.json", "--service", "a", "--registry")
    for address in ("http://127.0.0.1:9", "https://registry.invalid", "http://[::1]:9/v1"):
        ran = typed(*given, address)
        assert (ran.code, "cannot be reached" in ran.err) == (3, True), ran.err
    for address in ("registry", "file:///etc/passwd", "ftp://a", "http://", ""):
        assert typed(*given, address).code == 2


def test_offline_nothing_is_asked(typed: Efa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where a registry is named in the environment."""
    Path("application.json").write_text(SCHEMA_TEXT)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("urllib.request.OpenerDirector.open", refuse)
    env = {"EFA_REGISTRY_URL": "http://127.0.0.1:9", "EFA_TOKEN": "x"}
    ran = typed("check", "application.json", "--against", "application.json", env=env)
    assert ran.code == 0
