"""The forms of a report: each as its readers want it, several from one run."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from registry.cli.schemas import schema_text
from tests.cli.shapes import GITLAB, SARIF, hold
from tests.cli.typed import DCC, Efa, certificate

STEP = (DCC / "versions/1.3.0", "--against", DCC / "versions/1.2.1")
HOSTILE = (
    r"</testcase>]]>&amp;<img src=x> ![a](http://x) @all `code` ``x`` | # *b* "
    r"\u0000\u001b[31m\ufffe"
)


@pytest.fixture
def outputs(typed: Efa) -> dict[str, str]:
    names = ("json", "gitlab", "sarif", "junit", "markdown", "text")
    Path("out").mkdir()
    arguments = [part for name in names for part in ("--format", f"{name}=out/{name}")]
    ran = typed("check", *STEP, "--number", "1.3.0", *arguments)
    assert ran.code == 1
    found = {name: Path("out", name).read_text() for name in names}
    assert found["text"] == ran.out
    return found


def test_the_report_is_as_its_schema_says(outputs: dict[str, str], typed: Efa) -> None:
    schema = json.loads(schema_text("report"))
    validator: Any = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    found = json.loads(outputs["json"])
    validator.validate(found)
    assert (found["bump"], found["least"], found["base"]) == ("major", "2.0.0", "1.2.1")
    assert (found["passed"], found["objections"][0]["code"]) == (False, "version-number-too-small")
    (interface,) = found["interfaces"]
    assert interface["direction"] == "exchanges"
    breaking = [each for each in interface["findings"] if each["severity"] == "breaking"]
    assert all(each["witness"] and each["message_de"] and each["new"]["line"] for each in breaking)
    validator.validate(
        json.loads(
            typed(
                "diff",
                STEP[0] / "certificate.json",
                STEP[0] / "certificate.json",
                "--format",
                "json",
            ).out
        )
    )


def test_gitlab_reads_its_report(outputs: dict[str, str]) -> None:
    issues: Any = json.loads(outputs["gitlab"])
    hold(issues, GITLAB)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) > 10
    assert issues[0]["check_name"] == "version-number-too-small"
    assert {issue["severity"] for issue in issues} == {"critical"}


def test_sarif_is_as_the_standard_says(outputs: dict[str, str]) -> None:
    log = json.loads(outputs["sarif"])
    hold(log, SARIF)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"].get("region")
        assert region is None or region["startLine"] >= 1
    levels = [result["level"] for result in run["results"]]
    assert levels.count("error") > 10
    described = {rule["id"]: rule for rule in rules}
    assert all(rule["shortDescription"]["text"] and rule["help"]["text"] for rule in rules)
    assert described["version-number-too-small"]["defaultConfiguration"] == {"level": "error"}
    assert not any("helpUri" in rule for rule in rules)  # no registry was asked
    texts = [result["message"]["text"] for result in run["results"]]
    assert any(". Was valid, and is no longer: " in text for text in texts)
    assert not any(". was valid" in text for text in texts)


def test_junit_counts_its_cases(outputs: dict[str, str]) -> None:
    root = ElementTree.fromstring(outputs["junit"])  # noqa: S314 - our own
    assert root.tag == "testsuites"
    assert int(root.get("tests", "")) == len(list(root.iter("testcase")))
    assert [suite.get("name") for suite in root] == ["certificate", "version"]
    for case in root.iter("testcase"):
        assert case.get("name")
        assert case.get("classname")
    failures = [each.get("message", "") for each in root.iter("failure")]
    assert any("2.0.0 instead of 1.3.0" in each for each in failures)
    assert int(root.get("failures", "")) == len(failures)


def test_a_report_makes_no_folder_and_says_so_before_anything_is_compared(typed: Efa) -> None:
    Path("a.json").write_text("{}")
    for language, said in (
        ("de", "den Ordner nix gibt es nicht"),
        ("en", "there is no folder nix"),
    ):
        ran = typed("diff", "a.json", "a.json", "--format", "json=nix/x.json", "--lang", language)
        assert (ran.code, ran.out, said in ran.err) == (2, "", True)
    assert not Path("nix").exists()


BREAKING = ('{"properties": {"a": {"maxLength": 5}}}', '{"properties": {"a": {"maxLength": 4}}}')
WIDER = ('{"properties": {}}', '{"properties": {"a": {}}}')
EXCEPTION = """
[[exception]]
interface = "antrag"
fingerprint = "{fingerprint}"
reason = "nobody sends more"
owner = "Team"
expires = 9999-12-31
"""


@pytest.mark.parametrize(
    ("pair", "arguments", "excepted", "red", "ends"),
    [
        (BREAKING, (), False, True, "failed"),
        (BREAKING, ("--base", "1.0.0", "--number", "1.1.0"), False, True, "failed"),
        (BREAKING, ("--base", "1.0.0", "--number", "2.0.0"), False, False, "passed"),
        (BREAKING, ("--fail-on", "none"), False, False, "passed"),
        (BREAKING, (), True, False, "passed with exceptions"),
        (BREAKING, ("--base", "1.0.0", "--number", "1.1.0"), True, False, "failed"),
        (WIDER, (), False, False, "passed"),
        (WIDER, ("--base", "1.0.0", "--number", "1.0.1"), False, True, "failed"),
        (WIDER, ("--fail-on", "minor"), False, True, "failed"),
    ],
)
def test_what_the_command_fails_for_is_red_and_its_whole_as_it_ends(
    typed: Efa, pair: tuple[str, str], arguments: tuple[str, ...], excepted: bool, red: bool,
    ends: str,
) -> None:  # fmt: skip
    for name, text in zip(("old", "new"), pair, strict=True):
        Path(f"{name}.json").write_text(text)
    step = ("check", "antrag=new.json", "--against", "old.json")
    told = json.loads(typed(*step, "--format", "json").out)
    (finding,) = told["interfaces"][0]["findings"]
    if excepted:
        Path(".efa").mkdir()
        Path(".efa/exceptions.toml").write_text(EXCEPTION.format(**finding))
    files = {"junit": "j.xml", "markdown": "m.md", "gitlab": "g.json", "sarif": "s.json"}
    forms = [part for name, file in files.items() for part in ("--format", f"{name}={file}")]
    ran = typed(*step, *arguments, *forms)
    assert (ran.code != 0) is (ends == "failed")
    suites = ElementTree.parse("j.xml").getroot()  # noqa: S314 - our own
    (case,) = suites.findall("testsuite[@name='antrag']/testcase")
    assert (case.find("failure") is not None) is red
    assert (case.find("skipped") is not None) is excepted
    grave = {"critical", "major"} & {
        each["severity"] for each in json.loads(Path("g.json").read_text())
    }
    assert bool(grave) is (ran.code != 0)
    (run,) = json.loads(Path("s.json").read_text())["runs"]
    (result,) = [each for each in run["results"] if each["ruleId"] == finding["rule"]]
    assert (result["level"] == "error") is (red and not excepted)
    whole, *objections = suites.findall("testsuite[@name='version']/testcase")
    assert whole.get("name", "").startswith(f"{ends}: ")
    assert (whole.find("failure") is not None) is (ran.code != 0)
    assert all(each.find("failure") is not None for each in objections)
    sign = "❌" if ran.code else "✅"
    assert Path("m.md").read_text().startswith(f"### EfA: {sign} {ends}\n\n")


REMARKED = (
    '{"properties": {"a": {"format": "date"}, "b": {}}}',
    '{"properties": {"a": {"format": "time"}, "b": {"minLength": 1}}}',
)


@pytest.mark.parametrize("form", ["text", "gitlab", "sarif", "junit", "markdown"])
def test_each_form_tells_remarks_where_all_is_asked_for_or_the_command_fails_for_them(
    typed: Efa, form: str
) -> None:
    for name, text in zip(("old", "new"), REMARKED, strict=True):
        Path(f"{name}.json").write_text(text)
    step = ("diff", "old.json", "new.json", "--format", form)
    remark = "EFA-FMT-03"
    assert remark not in typed(*step).out
    for more in (("--all",), ("--fail-on", "patch")):
        told = typed(*step, *more).out
        assert (remark in told, "EFA-STR-01" in told) == (True, True), more
    if form == "junit":
        failures = ElementTree.fromstring(typed(*step, "--all").out).get("failures")  # noqa: S314
        assert failures == "2"  # the break and the whole: a remark that is told fails nothing


def test_a_list_of_exceptions_that_nobody_tends_is_no_green_report(typed: Efa) -> None:
    for name in ("old", "new"):
        Path(f"{name}.json").write_text("{}")
    Path("e.toml").write_text(EXCEPTION.format(fingerprint="0" * 16))
    step = ("check", "antrag=new.json", "--against", "old.json", "--exceptions", "e.toml")
    ran = typed(*step, "--format", "markdown")
    assert (ran.code, ran.out.splitlines()[0]) == (2, "### EfA: ❌ failed")


def test_a_merge_request_note_names_the_worst_first(outputs: dict[str, str]) -> None:
    lines = outputs["markdown"].splitlines()
    assert lines[0] == "### EfA: ❌ failed"
    assert lines[2].startswith("breaking against ")
    marks = [line[2] for line in lines if line.startswith(("- 🔴", "- 🟢"))]
    assert marks == sorted(marks, key="🔴🟢".index)


def test_paths_are_those_of_the_repository(typed: Efa) -> None:
    Path("old.json").write_text('{"maxLength": 5}')
    Path("new.json").write_text('{"maxLength": 4}')
    for place in ("./new.json", Path.cwd() / "new.json", "new.json"):
        (issue,) = json.loads(typed("diff", "old.json", place, "--format", "gitlab").out)
        assert issue["location"] == {"path": "new.json", "lines": {"begin": 1}}
        log = json.loads(typed("diff", "old.json", place, "--format", "sarif").out)
        (found,) = log["runs"][0]["results"]
        physical = found["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"] == {"uri": "new.json"}
        assert physical["region"] == {"startLine": 1, "startColumn": 15}


def hostile_pair() -> tuple[Path, Path]:
    old, new = Path("a b%41.json"), Path("ü#x.json")
    text = '{"properties": {"x": {"title": "%s", "maxLength": %d}}}'
    old.write_text(text % (HOSTILE, 5))
    new.write_text(text % (HOSTILE, 4))
    return old, new


def test_foreign_text_stays_text(typed: Efa) -> None:
    pair = hostile_pair()
    root = ElementTree.fromstring(typed("diff", *pair, "--format", "junit").out)  # noqa: S314
    assert len(root.findall("testsuite[@name='schema']/testcase/failure")) == 1
    hold(json.loads(typed("diff", *pair, "--format", "gitlab").out), GITLAB)
    log = json.loads(typed("diff", *pair, "--format", "sarif").out)
    hold(log, SARIF)
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"][
        "uri"
    ]
    assert uri == "%C3%BC%23x.json"
    note = typed("diff", *pair, "--format", "markdown").out
    assert "<img" not in note.replace("\\<img", "")
    assert "![a]" not in note
    assert " @all" not in note


def test_colours_are_for_terminals_only(typed: Efa) -> None:
    pair = (certificate("1.2.1"), certificate("1.3.0"))
    assert "\x1b" not in typed("diff", *pair).out
    typed("diff", *pair, "--format", "text=out.txt")
    assert "\x1b" not in Path("out.txt").read_text()


@pytest.mark.parametrize(
    ("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_a_terminal_gets_colours_unless_its_user_wants_none(
    variables: dict[str, str], coloured: bool
) -> None:
    shown, terminal = pty.openpty()
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm"} | variables
    command = [sys.executable, "-m", "registry", "diff", certificate("1.2.1"), certificate("1.3.0")]
    root = Path(__file__).parents[2]
    done = subprocess.Popen(command, stdout=terminal, env=environment, cwd=root)
    os.close(terminal)
    text = b""
    try:
        while part := os.read(shown, 65_536):
            text += part
    except OSError:
        pass
    os.close(shown)
    assert done.wait(20) == 1
    assert (b"\x1b[31m" in text) is coloured


def test_gitlab_shows_the_document_that_proves_it(outputs: dict[str, str]) -> None:
    issues: Any = json.loads(outputs["gitlab"])
    said = [issue["description"] for issue in issues if issue["severity"] == "critical"][1:]
    proven = ("Was valid, and is no longer: ", "Is valid, and was not: ", "rovided for, and")
    assert said
    assert all(any(each in text for each in proven) for text in said)


def test_help_has_no_empty_places_and_no_names_that_the_report_lacks(
    outputs: dict[str, str], typed: Efa
) -> None:
    (run,) = json.loads(outputs["sarif"])["runs"]
    helps = {rule["id"]: rule["help"]["text"] for rule in run["tool"]["driver"]["rules"]}
    assert "under a greater number, or" in helps["version-number-too-small"]
    assert not [text for text in helps.values() if "–" in text or "`witnesses`" in text]
    assert "Where it emits them (emits)" in helps["EFA-STR-04"]
    odd = typed("check", *STEP, "--number", "1.x", "--lang", "de")
    assert (odd.code, "Gemeint" in odd.err, "„1.x“ ist keine" in odd.err) == (2, False, True)


UNREAD = {
    "json": "r.json",
    "gitlab": "g.json",
    "sarif": "s.json",
    "junit": "j.xml",
    "markdown": "m.md",
}


@pytest.mark.parametrize(
    "step",
    [
        ("diff", "old.json", "new.yaml"),
        ("diff", "new.yaml", "old.json"),
        ("check", "new.yaml", "--against", "old.json"),
        ("check", "old.json", "--against", "new.yaml"),
        ("publish", "a-service", "1.0.0", "new.yaml"),
    ],
)
def test_what_cannot_be_read_is_named_in_every_form_and_no_old_report_stays(
    typed: Efa, step: tuple[str, ...]
) -> None:
    Path("old.json").write_text("{}")
    Path("new.yaml").write_text("type: object\nproperties: [\n")
    for file in UNREAD.values():
        Path(file).write_text("of an earlier run")
    forms = [part for name, file in UNREAD.items() for part in ("--format", f"{name}={file}")]
    ran = typed(*step, *forms)
    assert (ran.code, ran.out, "new.yaml:3: not valid YAML" in ran.err) == (2, "", True)
    issues = json.loads(Path("g.json").read_text())
    hold(issues, GITLAB)
    assert issues[0]["location"] == {"path": "new.yaml", "lines": {"begin": 3}}
    log = json.loads(Path("s.json").read_text())
    hold(log, SARIF)
    (result,) = log["runs"][0]["results"]
    assert (result["level"], result["ruleId"]) == ("error", "unreadable-files")
    root = ElementTree.parse("j.xml").getroot()  # noqa: S314 - our own
    assert root.get("failures") == "2"
    note = Path("m.md").read_text()
    assert note.startswith("### EfA: ❌ failed\n")
    assert ("nothing was compared" in note, "`new.yaml:3`" in note) == (True, True)
    told = json.loads(Path("r.json").read_text())
    hold(told, json.loads(schema_text("report")))
    assert (told["passed"], told["engine"], told["bump"]) == (False, None, "major")
    assert typed(*step, "--format", "json").out == Path("r.json").read_text()
    assert typed(*step).out == ""
