from pathlib import Path

import pytest

from registry.catalogue.model import ServiceDraft
from registry.cli.reading import UnreadableFiles, read_csv, read_yaml

SERVICE = """\
slug: dienst
names:
  de: Dienst
builders:
  - organisation: "05"
    role: lead
"""


def _written(folder: Path, text: str, name: str = "service.yaml") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def _mistakes(file: Path) -> list[str]:
    with pytest.raises(UnreadableFiles) as refused:
        read_yaml(file).read_as(ServiceDraft, "service")
    return [f"{mistake.line}: {mistake.text}" for mistake in refused.value.mistakes]


def test_a_sound_file_becomes_a_struct(tmp_path: Path) -> None:
    draft = read_yaml(_written(tmp_path, SERVICE)).read_as(ServiceDraft, "service")
    assert draft.builders[0].organisation == "05"


def test_every_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    text = SERVICE.replace("role: lead", "role: boss").replace("de: Dienst", "fr: Service")
    assert _mistakes(_written(tmp_path, text)) == [
        '2: names: "de" is a required property',
        "3: there is no field fr here",
        '6: builders.0.role: "boss" is not one of "lead" or "partner"',
    ]


def test_the_nearest_branch_of_an_alternative_explains_what_is_wrong(tmp_path: Path) -> None:
    file = _written(tmp_path, SERVICE + "theme: Bauen & Wohnen\n")
    (mistake,) = _mistakes(file)
    assert mistake.startswith("7: theme: ")
    assert "does not match" in mistake


def test_keys_and_dates_stay_text(tmp_path: Path) -> None:
    value = read_yaml(_written(tmp_path, "a: 05\nb: 2021-04-30\nc: 12\nd: true\n")).value
    assert value == {"a": "05", "b": "2021-04-30", "c": 12, "d": True}


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("slug: a\nslug: b\n", 2, "slug is given twice"),
        ("a: &x b\nc: *x\n", 1, "aliases are not read here; write the value again"),
        ("a: [1\n", 2, "did not find expected ',' or ']'"),
    ],
)
def test_odd_yaml_is_refused_where_it_stands(
    tmp_path: Path, text: str, line: int, reason: str
) -> None:
    with pytest.raises(UnreadableFiles) as refused:
        read_yaml(_written(tmp_path, text))
    (mistake,) = refused.value.mistakes
    assert (mistake.line, mistake.text) == (line, reason)


def test_bytes_that_are_no_utf8_are_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / "service.yaml"
    file.write_bytes(b"slug: a\nnames: \xff\n")
    with pytest.raises(UnreadableFiles, match=r"service.yaml:2: this is not UTF-8"):
        read_yaml(file)


def test_control_characters_are_refused_by_line(tmp_path: Path) -> None:
    file = _written(tmp_path, "slug: ä\nnames: \x01\n")
    with pytest.raises(UnreadableFiles, match=r"yaml:2: control characters .* \(U\+0001\)"):
        read_yaml(file)


def test_rows_know_the_line_they_begin_on(tmp_path: Path) -> None:
    file = _written(tmp_path, 'a,b\n1,"two\nlines"\n\n3,\n', "rows.csv")
    rows = [(row.line(()), row.value) for row in read_csv(file, ["a", "b"])]
    assert rows == [(2, {"a": "1", "b": "two\nlines"}), (5, {"a": "3"})]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,x\n1,2\n", "rows.csv:1: there is no column x"),
        ("a,a\n1,2\n", "rows.csv:1: the header is empty or names a column twice"),
        ("a,b\n1,2\n3\n", "rows.csv:3: this row has 1 cells, the header 2"),
        ('a,b\n"1"2,3\n', "rows.csv:2: "),
    ],
)
def test_odd_rows_are_refused_where_they_stand(tmp_path: Path, text: str, reason: str) -> None:
    file = _written(tmp_path, text, "rows.csv")
    with pytest.raises(UnreadableFiles) as refused:
        list(read_csv(file, ["a", "b"]))
    assert reason in str(refused.value)
