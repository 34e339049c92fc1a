"""`efa check --against`: the least number a version may have, without any registry."""

import json
from pathlib import Path

import pytest

from tests.cli.test_diff import git
from tests.cli.typed import Efa

OLD = '{"type": "object", "properties": {"name": {"type": "string"}}}'
BREAKING = OLD.replace('"string"}}', '"string", "maxLength": 9}}')
WIDER = OLD.replace('"string"}}', '"string"}, "fax": {"type": "string"}}')


def version(folder: Path, number: str, **schemas: str) -> Path:
    """The folder of a version; its interfaces all `accepts`."""
    place = folder / number
    place.mkdir(parents=True)
    directions = "".join(f"  {name}: accepts\n" for name in schemas)
    (place / "version.yaml").write_text(f"interfaces:\n{directions}")
    for name, text in schemas.items():
        (place / f"{name}.json").write_text(text)
    return place


@pytest.mark.parametrize(
    ("text", "least", "code"), [(OLD, "1.2.4", 0), (WIDER, "1.3.0", 0), (BREAKING, "2.0.0", 1)]
)
def test_the_least_number_is_said(
    typed: Efa, tmp_path: Path, text: str, least: str, code: int
) -> None:
    base = version(tmp_path, "1.2.3", application=OLD)
    file = tmp_path / "application.json"
    file.write_text(text)
    ran = typed("check", file, "--against", base)
    assert (ran.code, f"least number allowed {least}" in ran.out) == (code, True)


def test_a_breaking_change_below_1_0_0_needs_the_second_number(typed: Efa, tmp_path: Path) -> None:
    base = version(tmp_path, "0.4.1", application=OLD)
    new = version(tmp_path / "new", "0.5.0", application=BREAKING)
    said = typed("check", new, "--against", base).out
    assert f"breaking against {base}: higher second number;" in said
    assert "least number allowed 0.5.0" in said


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        ("2.0.0", 0, "2.0.0 is allowed"),
        ("2.0.0-rc.1", 0, "allowed 2.0.0 or a pre-release of it; 2.0.0-rc.1 is allowed"),
        ("1.3.0-rc.1", 1, "at least 2.0.0 or 2.0.0-rc.1 instead of 1.3.0-rc.1"),
        ("3.1.4", 0, "3.1.4 is allowed"),
        ("1.3.0", 1, "at least 2.0.0 instead of 1.3.0"),
        ("1.2.3", 1, "at least 2.0.0 instead of 1.2.3"),
        ("1.0.0", 1, "at least 2.0.0 instead of 1.0.0"),
        ("1.3.1", 1, "1.3.1 is not allowed."),
        ("v2", 2, "“v2” is no semantic version. This may be meant: 2.0.0."),
    ],
)
def test_a_proposed_number_is_judged(
    typed: Efa, tmp_path: Path, number: str, code: int, said: str
) -> None:
    base = version(tmp_path, "1.2.3", application=OLD)
    file = tmp_path / "application.json"
    file.write_text(BREAKING)
    ran = typed("check", file, "--against", base, "--number", number)
    assert (ran.code, said in ran.out + ran.err) == (code, True)


def test_one_version_alone_cannot_answer_for_the_others(typed: Efa, tmp_path: Path) -> None:
    base = version(tmp_path, "1.2.3", application=OLD)
    ran = typed("check", base, "--against", base)
    assert ran.out.startswith("compared with 1.2.3 alone; whether the number also fits the other ")
    assert len(ran.out.splitlines()) == 2
    assert "compared with" not in typed("check", base, "--against", tmp_path).out
    single = typed("check", base, "--against", base / "application.json")
    assert "compared with" not in single.out


def test_a_folder_of_versions_says_their_numbers_itself(typed: Efa, tmp_path: Path) -> None:
    base = version(tmp_path, "1.2.3", application=OLD)
    ran = typed("check", base, "--against", tmp_path, "--base", "1.0.0")
    assert (ran.code, "--base does not belong here" in ran.err) == (2, True)


def test_a_number_needs_the_one_it_follows(typed: Efa, tmp_path: Path) -> None:
    file = tmp_path / "application.json"
    file.write_text(OLD)
    given = ("check", file, "--against", file, "--number", "1.0.1")
    ran = typed(*given)
    assert (ran.code, "--base" in ran.err) == (2, True)
    assert typed(*given, "--base", "1.0.0").code == 0
    assert typed(*given, "--base", "1.0.1").code == 1


def test_interfaces_that_come_go_and_turn(typed: Efa, tmp_path: Path) -> None:
    base = version(tmp_path, "1.0.0", application=OLD, status=OLD)
    new = version(tmp_path / "new", "1.1.0", application=OLD, status=OLD, notice=OLD)
    ran = typed("check", new, "--against", base, "--all")
    assert (ran.code, "EFA-INT-01 The interface “notice” is new." in ran.out) == (0, True)
    assert f"{new}/notice.json:1:1: " in ran.out
    assert "least number allowed 1.1.0" in ran.out
    assert typed("check", new, "--against", base, "--fail-on", "minor").code == 1
    ran = typed("check", base, "--against", new)
    assert (ran.code, "EFA-INT-02 The interface “notice” is gone." in ran.out) == (1, True)
    assert f"{new}/notice.json:1:1: " in ran.out
    ran = typed("check", *turned(base), "--against", base)
    assert (ran.code, "EFA-INT-03 The direction of the interface" in ran.out) == (1, True)
    assert "was accepts and is emits now" in ran.out


def turned(base: Path) -> list[Path | str]:
    """The same files, but `status` is emitted."""
    return [base / "application.json", f"{base}/status.json:emits"]


@pytest.mark.parametrize("place", ["{file}:emit", "x={file}:Emits", "git:main:a.json:emit"])
def test_a_mistyped_direction_is_named(typed: Efa, tmp_path: Path, place: str) -> None:
    file = tmp_path / "application.json"
    file.write_text(OLD)
    place = place.format(file=file)
    ran = typed("check", place, "--against", file, "--lang", "de")
    word = place.rpartition(":")[2]
    said = f"„{word}“ ist keine Richtung; möglich sind accepts, emits, exchanges"
    assert (ran.code, said in ran.err) == (2, True)


def test_a_file_may_be_called_as_if_it_had_a_direction(typed: Efa, tmp_path: Path) -> None:
    file = tmp_path / "application.json:emit"
    file.write_text(OLD)
    assert typed("check", file, "--against", file).code == 0


@pytest.mark.parametrize("form", ["text", "json", "gitlab", "sarif", "junit", "markdown"])
def test_an_interface_that_turns_has_a_rule_in_every_form(
    typed: Efa, tmp_path: Path, form: str
) -> None:
    base = version(tmp_path, "1.0.0", application=OLD, status=OLD)
    ran = typed("check", *turned(base), "--against", base, "--format", form)
    assert ran.code == 1
    assert ran.out.count("The direction of the interface") == 1
    assert "EFA-INT-03" in ran.out
    if form == "sarif":
        (result,) = json.loads(ran.out)["runs"][0]["results"]
        assert (result["ruleId"], result["level"]) == ("EFA-INT-03", "error")
        assert result["partialFingerprints"]["efa/v1"].startswith("status/")


def test_an_interface_that_is_gone_can_be_excepted(typed: Efa, tmp_path: Path) -> None:
    base = version(tmp_path, "1.0.0", application=OLD, status=OLD)
    given = ("check", base / "application.json", "--against", base)
    found = json.loads(typed(*given, "--format", "json").out)
    (gone,) = next(one for one in found["interfaces"] if one["name"] == "status")["findings"]
    assert (gone["rule"], gone["fails"], gone["witness"]) == ("EFA-INT-02", True, None)
    assert (gone["old"]["file"], gone["old"]["line"], gone["new"]) == (
        f"{base}/status.json",
        1,
        None,
    )
    exceptions = tmp_path / "exceptions.toml"
    exceptions.write_text(
        f'[[exception]]\ninterface = "status"\nfingerprint = "{gone["fingerprint"]}"\n'
        'reason = "nobody sent any"\nowner = "Team"\nexpires = 9999-12-31\n'
    )
    assert typed(*given, "--exceptions", exceptions).code == 0
    ran = typed("check", base, "--against", base, "--exceptions", exceptions)
    assert (ran.code, gone["fingerprint"] in ran.err) == (2, True)


def test_what_only_a_registry_can_follow_is_said(typed: Efa, tmp_path: Path) -> None:
    elsewhere = '{"properties": {"p": {"$ref": "efa:nc5/%s/person"}}}'
    base = version(tmp_path, "1.0.0", application=elsewhere % "1.0.0")
    new = version(tmp_path / "new", "1.1.0", application=elsewhere % "2.0.0")
    ran = typed("check", new, "--against", base)
    assert (ran.code, "with --service instead of --against it is followed" in ran.out) == (1, True)
    assert "--service" not in typed("check", base, "--against", base).out


def test_a_change_behind_a_reference_to_another_interface_counts(
    typed: Efa, tmp_path: Path
) -> None:
    base = version(tmp_path, "1.0.0", application='{"$ref": "./person"}', person=OLD)
    new = version(tmp_path / "new", "1.1.0", application='{"$ref": "./person"}', person=BREAKING)
    found = json.loads(typed("check", new, "--against", base, "--format", "json").out)
    assert {each["name"]: each["bump"] for each in found["interfaces"]} == {
        "application": "major",
        "person": "major",
    }
    (hurt,) = found["interfaces"][0]["findings"]
    assert hurt["new"]["file"] == str(new / "person.json")
    assert hurt["new"]["line"] == 1


def test_a_folder_at_a_git_revision(
    typed: Efa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = version(tmp_path / "versions", "1.0.0", application=OLD, status=OLD)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    (new / "application.json").write_text(BREAKING)
    monkeypatch.chdir(tmp_path)
    for place in ("git:HEAD:versions/1.0.0", "git:HEAD:versions", "git:HEAD:versions/"):
        ran = typed("check", "versions/1.0.0", "--against", place)
        assert ran.code == 1, ran.err
        assert "versions/1.0.0/application.json:1:" in ran.out
        assert "least number allowed 2.0.0" in ran.out


def test_the_name_of_an_interface_is_that_of_its_file(typed: Efa, tmp_path: Path) -> None:
    base = version(tmp_path, "1.0.0", application=OLD)
    same = [tmp_path / name for name in ("application.schema.json", "Antrag 2.json")]
    for file in same:
        file.write_text(OLD)
    assert typed("check", same[0], "--against", base).code == 0
    ran = typed("check", same[1], "--against", base)
    assert (ran.code, "NAME=" in ran.err) == (2, True)
    assert typed("check", f"application={same[1]}", "--against", base).code == 0
    ran = typed("check", same[0], f"application={same[1]}", "--against", base)
    assert (ran.code, "given twice" in ran.err) == (2, True)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--against", "{base}", "--service", "x"),
        ("--service", "x", "--base", "1.0.0"),
        ("--service", "x", "--formats", "assert"),
        ("--service", "x"),
        ("--against", "{base}", "--number", ""),
        ("--service", "x", "--number", ""),
        ("--service", "", "--base", "1.0.0"),
        ("--against", "{base}", "--fail-on", "never"),
        ("--against", "{base}", "--format", "pdf"),
        ("--against", "{base}", "--format", "json="),
        ("--against", "{base}", "--format", "json", "--format", "text"),
        ("--against", "{base}", "--format", "json=/proc/nowhere/x.json"),
        ("--against", "{base}", "--format", "gitlab=a.x", "--format", "junit=./a.x"),
        ("--against", "{base}/nowhere"),
        ("--against", "{base}/../notes"),
    ],
)
def test_wrong_usage_ends_with_2(typed: Efa, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    base = version(tmp_path / "empty", "1.0.0", application=OLD)
    (tmp_path / "empty" / "notes").mkdir()
    given = [argument.format(base=base) for argument in arguments]
    ran = typed("check", base / "application.json", *given)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


def test_a_file_is_compared_with_one_interface_only(typed: Efa, tmp_path: Path) -> None:
    base = version(tmp_path, "1.0.0", application=OLD, status=OLD)
    ran = typed("check", base, "--against", base / "status.json")
    assert (ran.code, "single file" in ran.err) == (2, True)
