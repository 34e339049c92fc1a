"""`efa diff`: two schemas compared without registry, database, settings or network."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from registry.versions.workers.pool import Workers
from tests.cli.typed import FIT, ROOT, Efa, certificate

OLD = '{"type": "object", "properties": {"name": {"type": "string"}}}'
NEW = """{
  "type": "object",
  "properties": {
    "name": {"type": "string",
             "maxLength": 80}
  },
  "required": ["name"]
}"""
NEW_YAML = """# the same
type: object
properties:
  name:
    type: string
    maxLength: 80
required:
  - name
"""


def files(folder: Path, **texts: str) -> list[Path]:
    found: list[Path] = []
    for name, text in texts.items():
        stem, _, suffix = name.rpartition("_")
        found.append(folder / f"{stem}.{suffix}")
        found[-1].write_text(text)
    return found


def report(out: str) -> Any:
    return json.loads(out)


def test_findings_end_with_1_and_point_into_the_new_file(typed: Efa, tmp_path: Path) -> None:
    old, new = files(tmp_path, old_json=OLD, new_json=NEW)
    ran = typed("diff", old, new)
    assert ran.code == 1
    assert f"{new}:5:27: breaking EFA-STR-03 " in ran.out
    assert f"{new}:7:16: breaking EFA-REQ-01 " in ran.out
    assert "was valid, and is no longer: {}" in ran.out
    assert ran.out.splitlines()[-1].startswith(f"breaking against {old}: major; 2 breaking changes")


def test_lines_and_columns_of_a_yaml_file_are_its_own(typed: Efa, tmp_path: Path) -> None:
    old, new = files(tmp_path, old_json=OLD, new_yaml=NEW_YAML)
    ran = typed("diff", old, new)
    assert f"{new}:6:16: breaking EFA-STR-03 " in ran.out
    assert f"{new}:8:5: breaking EFA-REQ-01 " in ran.out


def test_yaml_and_json_of_the_same_schema_are_the_same(typed: Efa, tmp_path: Path) -> None:
    ran = typed("diff", *files(tmp_path, new_json=NEW, same_yaml=NEW_YAML))
    assert (ran.code, ran.out) == (0, f"no change against {tmp_path}/new.json.\n")


def test_success_is_one_line(typed: Efa) -> None:
    old, new = certificate("1.3.0"), certificate("1.3.1")
    ran = typed("diff", old, new, "--direction", "exchanges")
    assert ran.code == 0
    assert ran.out == (f"no breaking change against {old}: patch; 4 remarks.\n")
    assert ran.err == ""


def test_all_lists_remarks_too(typed: Efa) -> None:
    ran = typed("diff", certificate("1.3.0"), certificate("1.3.1"), "--all")
    assert ran.out.count(": remark EFA-ANN-") == 4


@pytest.mark.parametrize(("direction", "code"), [("accepts", 0), ("emits", 1), ("exchanges", 1)])
def test_the_direction_says_who_is_hurt(
    typed: Efa, tmp_path: Path, direction: str, code: int
) -> None:
    narrow, wide = files(tmp_path, narrow_json='{"maxLength": 1}', wide_json='{"maxLength": 2}')
    assert typed("diff", narrow, wide, "--direction", direction).code == code


def test_the_reading_and_formats_are_chosen(typed: Efa, tmp_path: Path) -> None:
    old, new = files(
        tmp_path,
        old_json='{"type": "object"}',
        new_json='{"type": "object", "properties": {"a": {"type": "string"}}}',
    )
    assert typed("diff", old, new).code == 0
    assert typed("diff", old, new, "--reading", "open").code == 1
    old.write_text('{"type": "string"}')
    new.write_text('{"type": "string", "format": "date"}')
    assert typed("diff", old, new).code == 0
    assert typed("diff", old, new, "--formats", "assert").code == 1


@pytest.mark.parametrize(
    ("fail_on", "codes"),
    [("major", (1, 0, 0)), ("minor", (1, 1, 0)), ("patch", (1, 1, 1)), ("none", (0, 0, 0))],
)
def test_what_fails_is_chosen(
    typed: Efa, tmp_path: Path, fail_on: str, codes: tuple[int, ...]
) -> None:
    changes = [
        ('{"maxLength": 2}', '{"maxLength": 1}'),
        ('{"maxLength": 1}', '{"maxLength": 2}'),
        ('{"title": "a"}', '{"title": "b"}'),
    ]
    for (before, after), code in zip(changes, codes, strict=True):
        old, new = files(tmp_path, old_json=before, new_json=after)
        assert typed("diff", old, new, "--fail-on", fail_on).code == code


def test_what_is_undecided_fails_like_a_break(typed: Efa, tmp_path: Path) -> None:
    old, new = files(
        tmp_path,
        old_json='{"$ref": "a.json"}',
        new_json='{"$ref": "b.json"}',
    )
    ran = typed("diff", old, new)
    assert (ran.code, "undecided EFA-UNK-02" in ran.out) == (1, True)


def test_messages_are_german_where_the_reader_is(typed: Efa, tmp_path: Path) -> None:
    old, new = files(tmp_path, old_json=OLD, new_json=NEW)
    assert "ist jetzt Pflicht" in typed("diff", old, new, "--lang", "de").out
    assert "ist jetzt Pflicht" in typed("diff", old, new, env={"LC_ALL": "de_DE.UTF-8"}).out
    assert "is required now" in typed("diff", old, new, env={"LC_ALL": "fr_FR.UTF-8"}).out


def test_a_schema_does_not_steer_the_terminal(typed: Efa, tmp_path: Path) -> None:
    name = r'"\u001b[2J\u202egnp\u0000"'
    texts = [f'{{"title": {name}, "properties": {{{name}: {{"maxLength": {n}}}}}}}' for n in (2, 1)]
    old, new = files(tmp_path, old_json=texts[0], new_json=texts[1])
    for form in ("text", "markdown", "gitlab", "sarif", "junit"):
        shown = typed("diff", old, new, "--format", form).out
        assert "\x1b" not in shown
        assert "\u202e" not in shown


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_git_revision_is_compared_with_the_file_at_hand(
    typed: Efa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "application.json").write_text(OLD)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    (folder / "application.json").write_text(NEW)
    monkeypatch.chdir(folder)
    ran = typed("diff", "git:HEAD:application.json", "application.json")
    assert (ran.code, "application.json:7:16: breaking EFA-REQ-01" in ran.out) == (1, True)
    assert typed("diff", "git:HEAD:application.json", "git:HEAD:application.json").code == 0


@pytest.mark.parametrize(
    "place",
    [
        "git:HEAD:nowhere.json",
        "git:--help:x",
        "git:-x",
        "git:",
        "git::x",
        "git:HEAD:",
        "git:a\0b:c",
    ],
)
def test_what_git_cannot_show_ends_with_2(typed: Efa, tmp_path: Path, place: str) -> None:
    (new,) = files(tmp_path, new_json=NEW)
    ran = typed("diff", place, new)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith("efa: nothing was compared.\n")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not valid JSON (line 1, column 1)"),
        ("# Read me", "not valid JSON"),
        ('{\n "a": 1,\n "a": 2}', "the name “a” stands twice"),
        ("[1]", "a JSON Schema is an object, true or false; this is [1]"),
        ("5", "this is 5"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 70 + "1" + "}" * 70, "nested too deeply"),
        ('{"maximum": 1e999999}', "number"),
        ('{"$schema": "https://example.org/own"}', "https://example.org/own"),
        ('{"a": "\\ud800"}', "surrogate"),
        ('{"enum": [' + "1," * 30_000 + "1]}", "too many values"),
        (" " * 2_000_000, "larger than 1048576 bytes"),
        ("\ufeff{}", "byte order mark"),
    ],
)
def test_unreadable_input_is_never_clean(typed: Efa, tmp_path: Path, text: str, said: str) -> None:
    old, new = files(tmp_path, old_json=OLD, new_json=text)
    for arguments in ((old, new), (new, old), (new, new)):
        ran = typed("diff", *arguments)
        assert (ran.code, ran.out) == (2, "")
        assert f"{new}:" in ran.err
        assert said in ran.err
        assert "Traceback" not in ran.err


def test_all_that_cannot_be_read_is_told_at_once(typed: Efa, tmp_path: Path) -> None:
    places = files(tmp_path, old_json="{", new_json="[", further_yaml="a: [")
    for arguments in (
        ("diff", *places[:2]),
        ("check", *places, "--against", tmp_path),
        ("check", tmp_path, "--against", places[0]),
    ):
        ran = typed(*arguments)
        told = [line.partition(": ")[0] for line in ran.err.splitlines()]
        assert (ran.code, len(told)) == (2, 3 if arguments[0] == "diff" else 4), ran.err
        assert told[-1] == "efa"


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_binary_input_is_refused(typed: Efa, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"binary.{suffix}"
    for content in (Path(sys.executable).read_bytes()[:500_000], b"\xff\xfe{\0}\0", b"\x00" * 99):
        file.write_bytes(content)
        ran = typed("diff", file, file)
        assert (ran.code, ran.out) == (2, "")
        assert "Traceback" not in ran.err


def test_json_that_is_no_schema_is_refused_as_the_new_one(typed: Efa, tmp_path: Path) -> None:
    texts = {"odd_json": '{\n"type": "text"}', "odd_yaml": "title: a\ntype: text\n"}
    sound, *odd = files(tmp_path, sound_json="{}", **texts)
    for place in odd:
        ran = typed("diff", sound, place)
        assert (ran.code, f'{place.name}:2: "text" is not possible here' in ran.err) == (2, True), (
            ran.err
        )
    assert typed("diff", odd[0], sound).code < 2


def test_what_a_registry_would_refuse_is_refused_beside_it_too(typed: Efa, tmp_path: Path) -> None:
    """All at once; a schema looked at alone may refer to others beside it."""
    beside = files(tmp_path, old_json="{}", near_json='{"$ref": "./status"}')
    wrong = files(
        tmp_path,
        gone_json='{"$ref": "#/$defs/X"}',
        outside_json='{"$ref": "https://example.org/x"}',
    )
    ran = typed("check", *wrong, "--against", tmp_path, "--base", "1.0.0")
    assert (ran.code, ran.out) == (2, "")
    for place, reason in zip(wrong, ("leads nowhere", "lies outside"), strict=True):
        assert any(place.name in line and reason in line for line in ran.err.splitlines())
    assert typed("diff", *beside).code < 2
    assert "leads nowhere" in typed("check", beside[1], "--against", beside[0]).err


def test_places_that_hold_no_file_are_refused(typed: Efa, tmp_path: Path) -> None:
    (old,) = files(tmp_path, old_json=OLD)
    for place in (tmp_path, tmp_path / "nowhere.json", "/dev/zero", "/proc/self/mem", "x" * 5_000):
        ran = typed("diff", old, place)
        assert (ran.code, ran.out) == (2, ""), place
        assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    "text",
    [
        "a: no", "a: &x 1\nb: *x", "a: !!str 5", "<<: 1", "a: 1\na: 2", "a: 0777", "a: 1_000",
        "a: 2020-01-01", "a: .nan", "a: 1e3", "? [a]\n: b", "- [", "", "--- {}\n--- {}",
        "[" * 300_000, "- " * 300_000, "{" * 300_000, "a: " * 300_000, "- 1\n" * 30_000, "- a",
        "&a [*a]", "a: 1:30", "on: 1", "true: 1", "~: 1", "null: 1",
    ],
)  # fmt: skip
def test_yaml_that_readers_read_differently_is_refused(
    typed: Efa, tmp_path: Path, text: str
) -> None:
    (file,) = files(tmp_path, odd_yaml=text)
    ran = typed("diff", file, file)
    assert (ran.code, ran.out) == (2, ""), text[:40]
    assert "Traceback" not in ran.err


def test_a_number_nobody_can_hold_is_told_with_the_limit(typed: Efa, tmp_path: Path) -> None:
    json_file, yaml_file = files(
        tmp_path, a_json='{"maximum": 1e99999}', b_yaml="maximum: 1.5e+999"
    )
    assert "exponent up to 308" in typed("diff", json_file, json_file).err
    assert "too many digits: 1.5e+999" in typed("diff", yaml_file, yaml_file).err


def test_a_doubtful_word_of_yaml_is_told_in_quotes(typed: Efa, tmp_path: Path) -> None:
    (file,) = files(tmp_path, odd_yaml="enum: [no]\n")
    assert "„no“ lesen YAML-Programme verschieden" in typed("diff", file, file, "--lang", "de").err


def test_quoted_yaml_means_the_text(typed: Efa, tmp_path: Path) -> None:
    yaml, same = files(
        tmp_path,
        a_yaml="enum: ['no', \"0777\", '2020-01-01', 1, 2.50, null, true, v1.2.3]\n",
        b_json='{"enum": ["no", "0777", "2020-01-01", 1, 2.50, null, true, "v1.2.3"]}',
    )
    assert typed("diff", same, yaml, "--fail-on", "patch").code == 0


def hostile() -> str:
    """Small enough to be read, far too much to be compared."""
    part = {
        "anyOf": [{"properties": {f"p{n}": {"const": n}}, "required": [f"p{n}"]} for n in range(20)]
    }
    return json.dumps(
        {"allOf": [{**part, "title": str(n)} for n in range(20)], "not": {"allOf": [part]}}
    )


def test_a_hostile_pair_ends_in_bounded_time(typed: Efa, tmp_path: Path) -> None:
    old, new = files(tmp_path, old_json=hostile(), new_json=hostile().replace("p1", "q1"))
    started = time.monotonic()
    ran = typed("diff", old, new)
    assert ran.code in (0, 1)
    assert "Traceback" not in ran.err
    assert time.monotonic() - started < 30


def test_recursive_schemas_are_compared(typed: Efa, tmp_path: Path) -> None:
    branch = '{"properties": {"c": {"$ref": "#/$defs/t"}, "n": %s}}'
    tree = f'{{"$ref": "#/$defs/t", "$defs": {{"t": {branch}}}}}'
    old, new = files(tmp_path, old_json=tree % '{"maximum": 2}', new_json=tree % '{"maximum": 1}')
    ran = typed("diff", old, new)
    assert (ran.code, "breaking EFA-NUM-" in ran.out) == (1, True)


def test_a_worker_that_dies_leaves_the_question_open(
    typed: Efa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workers.__init__, "__defaults__", (1, 0.1, 12.0, 30.0))
    many = {"properties": {f"p{number}": {"type": "string"} for number in range(2_000)}}
    closed = '{"additionalProperties": false}'
    old, new = files(tmp_path, old_json=json.dumps(many), new_json=closed)
    ran = typed("diff", old, new)
    assert ran.code == 1
    assert "undecided EFA-UNK-01" in ran.out
    assert "the check took too long" in ran.out


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "took more than 0.02 seconds"), ("de", "brauchte mehr als 0.02 Sekunden Rechenzeit")],
)
def test_a_schema_too_dear_to_look_at_is_named(
    typed: Efa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str, said: str
) -> None:
    monkeypatch.setattr(Workers.__init__, "__defaults__", (1, 0.02, 12.0, 30.0))
    many = {"properties": {f"p{number}": {"pattern": f"^{number}$"} for number in range(6_000)}}
    old, new = files(tmp_path, old_json=OLD, new_json=json.dumps(many))
    ran = typed("diff", old, new, "--lang", lang)
    assert (ran.code, ran.out) == (2, "")
    assert f"{new}: " in ran.err
    assert said in ran.err


def test_nothing_but_the_files_is_needed(tmp_path: Path) -> None:
    """No settings, no database, and a network that does not exist."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "EFA_MISSPELT": "x"}
    command = [sys.executable, "-m", "registry", "diff"]
    done = subprocess.run(
        [*command, certificate("1.0.0"), certificate("1.0.1")],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_real_families_are_compared_step_by_step(typed: Efa) -> None:
    """Every interface that two following versions share gets a verdict."""
    steps = [("0.1.0", "0.2.0"), ("0.2.0", "0.3.0"), ("0.5.0", "0.6.0")]
    for old, new in steps:
        versions = FIT / "versions"
        ran = typed("check", versions / new, "--against", versions / old, "--format", "json")
        found = report(ran.out)
        assert found["bump"] in ("none", "patch", "minor", "major")
        assert all(
            each["findings"]
            for each in found["interfaces"]
            if each["bump"] == "major" and each["change"] == "compared"
        )


@pytest.mark.parametrize("target", ["https://example.org/x.json", "//example.org/x", "urn:x:y"])
def test_an_address_outside_is_refused_and_a_file_beside_is_undecided(
    typed: Efa, tmp_path: Path, target: str
) -> None:
    old, new = files(tmp_path, old_json="{}", new_json=f'{{\n"$ref": "{target}"}}')
    ran = typed("diff", old, new)
    assert (ran.code, f"{new}:2" in ran.err, f"“{target}” lies outside" in ran.err) == (
        2,
        True,
        True,
    )
    new.write_text('{"$ref": "types.json"}')
    ran = typed("diff", old, new)
    assert (ran.code, "`$ref` to types.json cannot be evaluated" in ran.out) == (1, True)


def test_what_cannot_be_read_in_the_old_file_is_named_with_its_place(
    typed: Efa, tmp_path: Path
) -> None:
    old, new = files(
        tmp_path,
        old_json='{"properties":\n  {"a": {"type": "strin"}}}',
        new_json='{"properties": {"a": {"type": "string"}}}',
    )
    ran = typed("diff", old, new, "--lang", "de")
    assert '`type` mit dem Wert "strin" lässt sich nicht auswerten' in ran.out
    assert f"    bisher {old}:2:9\n" in ran.out


def test_where_something_stood_is_said_when_it_stands_there_no_more(
    typed: Efa, tmp_path: Path
) -> None:
    closed = '"additionalProperties": false}'
    old, new = files(
        tmp_path,
        old_json='{"properties": {"a": {},\n"b": {"maxLength": 2}},\n' + closed,
        new_json='{"properties": {"b": {"maxLength": 1, "minLength": 1}},\n' + closed,
    )
    for form in ((), ("--format", "markdown")):
        out = typed("diff", old, new, *form).out.replace("\\", "")
        assert out.count("formerly ") == 1
        assert f"formerly {old}:1:22\n" in out


def test_the_direction_is_named_and_why_more_breaks_where_documents_are_emitted(
    typed: Efa, tmp_path: Path
) -> None:
    narrow, wide = files(tmp_path, narrow_json='{"maxLength": 1}', wide_json='{"maxLength": 2}')
    emitted = typed("diff", narrow, wide, "--direction", "emits", "--lang", "de")
    first, *_ = emitted.out.splitlines()
    assert first.startswith("schema: Der Dienst gibt diese Dokumente aus: Unverträglich ist, was")
    assert "Schnittstelle schema, Richtung emits, Befund " in emitted.out
    noted = typed("diff", narrow, wide, "--direction", "emits", "--format", "markdown").out
    assert "whoever reads them does not expect it" in noted
    read = typed("diff", wide, narrow).out
    assert ("interface schema, direction accepts, finding " in read, "The service" in read) == (
        True,
        False,
    )


OLD_LISTS = (
    "properties:\n  k:\n    enum:\n      - a\n      - b\n  t:\n    oneOf:\n      - const: x\n"
    "        title: X\n      - const: y\n        title: Y\nrequired:\n  - k\n  - t\n"
)
NEW_LISTS = (
    "properties:\n  k: {enum: [a,\n    c]}\n  t: {oneOf: [{const: x, title: X},\n"
    "    {const: z, title: Z}]}\nrequired: [k,\n  s]\n"
)
OLD_JSON = '{"properties": {"k": {"enum": [\n"a",\n"b"\n]}, "t": {"oneOf": [\n{"const": "x"},\n' \
    '{"const": "y"}\n]}}, "required": [\n"k",\n"t"\n]}'  # fmt: skip
NEW_JSON = '{"properties": {"k": {"enum": ["a",\n"c"]}, "t": {"oneOf": [{"const": "x"},\n' \
    '{"const": "z"}]}}, "required": ["k",\n"s"]}'  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "gone", "come"),
    [
        (("o.yaml", OLD_LISTS), ("n.yaml", NEW_LISTS), [5, 10, 14], [3, 5, 7]),
        (("o.yml", NEW_LISTS), ("n.yaml", OLD_LISTS), [3, 5, 7], [5, 10, 14]),
        (("o.json", OLD_JSON), ("n.json", NEW_JSON), [3, 6, 9], [2, 3, 4]),
        (("o.json", NEW_JSON), ("n.yaml", OLD_LISTS), [2, 3, 4], [5, 10, 14]),
    ],
)
def test_what_comes_into_a_list_or_goes_is_told_at_its_own_line(
    typed: Efa, old: tuple[str, str], new: tuple[str, str], gone: list[int], come: list[int]
) -> None:
    for name, text in (old, new):
        Path(name).write_text(text)
    told = json.loads(typed("diff", old[0], new[0], "--format", "json").out)
    lines: dict[str, list[int]] = {}
    for one in told["interfaces"][0]["findings"]:
        side = "old" if one["rule"] in ("EFA-ENUM-02", "EFA-REQ-02") else "new"
        lines.setdefault(side, []).append(one[side]["line"])
    assert {side: sorted(found) for side, found in lines.items()} == {"old": gone, "new": come}
    shown = typed("diff", old[0], new[0], "--all").out
    assert shown.count(f"formerly {old[0]}:") == 3  # what came stood nowhere before
