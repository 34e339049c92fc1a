"""Exceptions: one finding each, with a reason, an owner and an end."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from registry.db.tx import LEGAL_TIME
from tests.cli.typed import Efa

OLD, NEW = '{"maxLength": 2}', '{"maxLength": 1}'
TOMORROW = date.today() + timedelta(days=2)  # noqa: DTZ011 - far enough for any zone
ENTRY = """
[[exception]]
fingerprint = "{fingerprint}"
reason = "nobody sends more"
owner = "Team Wohngeld"
expires = {expires}
"""


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    for name, text in (("old", OLD), ("new", NEW)):
        (tmp_path / f"{name}.json").write_text(text)
    return tmp_path / "old.json", tmp_path / "new.json"


def fingerprint(typed: Efa, pair: tuple[Path, Path]) -> str:
    return typed("diff", *pair).out.split("finding ")[1].split()[0]


def entry(name: str, expires: object = TOMORROW) -> str:
    return ENTRY.format(fingerprint=name, expires=expires)


def test_an_excepted_finding_does_not_fail(typed: Efa, pair: tuple[Path, Path]) -> None:
    Path(".efa").mkdir()
    Path(".efa/exceptions.toml").write_text(entry(fingerprint(typed, pair)))
    ran = typed("diff", *pair)
    assert ran.code == 0
    assert f"excepted until {TOMORROW} by Team Wohngeld: nobody sends more" in ran.out
    assert "1 excepted" in ran.out
    assert '"suppressions"' in typed("diff", *pair, "--format", "sarif").out
    assert '<skipped message="excepted' in typed("diff", *pair, "--format", "junit").out
    assert typed("diff", *pair, "--format", "gitlab").out == "[]\n"


def test_an_expired_exception_is_an_error(typed: Efa, pair: tuple[Path, Path]) -> None:
    file = Path("e.toml")
    file.write_text("# ours\n" + entry(fingerprint(typed, pair), "2024-02-29"))
    ran = typed("diff", *pair, "--exceptions", file)
    assert ran.code == 2
    assert "1 breaking change" in ran.out
    assert "excepted" not in ran.out
    assert "nothing was compared" not in ran.err
    assert "e.toml:3: the exception for " in ran.err
    assert "expired on 2024-02-29 (Team Wohngeld: nobody sends more)" in ran.err


def test_an_exception_counts_until_the_end_of_its_day(typed: Efa, pair: tuple[Path, Path]) -> None:
    today = datetime.now(LEGAL_TIME).date()
    Path("e.toml").write_text(entry(fingerprint(typed, pair), today))
    assert typed("diff", *pair, "--exceptions", "e.toml").code == 0


def test_an_exception_that_meets_nothing_is_an_error(typed: Efa, pair: tuple[Path, Path]) -> None:
    own = fingerprint(typed, pair)
    Path("e.toml").write_text(entry(own) + entry("0123456789abcdef"))
    ran = typed("diff", *pair, "--exceptions", "e.toml")
    assert ran.code == 2
    assert "1 excepted" in ran.out
    assert "e.toml:8: the exception for 0123456789abcdef meets no finding" in ran.err
    assert own not in ran.err


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[[exception]]\nfingerprint = 5", 1),
        (
            "\n[[exception]]\n"
            + 'fingerprint = "x"\nreason = "a"\nowner = "b"\nexpires = 2030-01-01',
            2,
        ),
        (entry("0123456789abcdef") * 2, 8),
        (entry("0123456789abcdef").replace("owner", "eigner"), 2),
        (entry("0123456789abcdef").replace(str(TOMORROW), '"bald"'), 2),
        (entry("0123456789abcdef").replace('"Team Wohngeld"', '""'), 2),
        (entry("0123456789abcdef").replace('"Team Wohngeld"', '" "'), 2),
        ("a = [\n\n=", 3),
        ("[[exception]", 1),
        ("exception = 5", None),
        ("path = 'schemas/'", None),
        ("a = " + "[" * 5_000, None),
    ],
)
def test_a_malformed_file_is_an_error(
    typed: Efa, pair: tuple[Path, Path], text: str, line: int | None
) -> None:
    Path("e.toml").write_text(text)
    ran = typed("diff", *pair, "--exceptions", "e.toml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"e.toml:{line}: " if line else "e.toml: ")
    assert "Traceback" not in ran.err


INLINE = """exception = [
  {fingerprint = "0123456789abcdef", reason = "a", owner = "b", expires = 2001-01-01},

  {fingerprint = "0123456789abcdee", reason = "a", owner = "b", expires = 2001-01-01}]
"""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (entry("0123456789abcdef") + entry("0123456789abcdee").replace("[[e", "  [[ e"), [2, 8]),
        (
            entry("0123456789abcdef").replace('"nobody sends more"', '"""\n[[exception]]\n"""')
            + entry("0123456789abcdee"),
            [2, 10],
        ),
        (entry("0123456789abcdef").replace("exception", '"exception"'), [2]),
        (INLINE, [2, 4]),
    ],
)
def test_what_is_wrong_with_an_entry_is_told_at_its_line(
    typed: Efa, pair: tuple[Path, Path], text: str, lines: list[int]
) -> None:
    Path("e.toml").write_text(text)
    ran = typed("diff", *pair, "--exceptions", "e.toml")
    assert ran.code == 2
    told = [line.split(": ")[0] for line in ran.err.splitlines()[:-1]]
    assert told == [f"e.toml:{line}" for line in lines]


def test_a_file_that_is_named_must_be_there(typed: Efa, pair: tuple[Path, Path]) -> None:
    assert typed("diff", *pair, "--exceptions", "nowhere.toml").code == 2
    Path("e.toml").write_bytes(b"\xff\xfe")
    assert typed("diff", *pair, "--exceptions", "e.toml").code == 2


def test_an_exception_is_for_one_interface(typed: Efa, tmp_path: Path) -> None:
    for version, text in (("old", OLD), ("new", NEW)):
        (tmp_path / version).mkdir()
        for name in ("application", "status"):
            (tmp_path / version / f"{name}.json").write_text(text)
    given = ("check", tmp_path / "new", "--against", tmp_path / "old", "--exceptions", "e.toml")
    Path("e.toml").write_text("")
    told = [line for line in typed(*given).out.splitlines() if "finding" in line]
    names = {
        line.split("interface ")[1].split(",")[0]: line.split("finding ")[1][:16] for line in told
    }
    assert names.keys() == {"application", "status"}
    assert names["application"] == names["status"]
    one = entry(names["status"]) + 'interface = "application"\n'
    Path("e.toml").write_text(one)
    ran = typed(*given)
    assert (ran.code, ran.out.count("excepted until"), "1 excepted" in ran.out) == (1, 1, True)
    Path("e.toml").write_text(one + one.replace('"application"', '"status"'))
    ran = typed(*given)
    assert (ran.code, "2 excepted" in ran.out) == (0, True)
    Path("e.toml").write_text(one.replace('"application"', '"decision"'))
    ran = typed(*given)
    assert (ran.code, f"e.toml:2: the exception for decision/{names['status']} " in ran.err) == (
        2,
        True,
    )
    Path("e.toml").write_text(entry(names["status"]))
    ran = typed(*given)
    assert (ran.code, ran.out) == (2, "")
    assert "does not say of which interface" in ran.err


@pytest.mark.parametrize("blank", ["", "  "])
@pytest.mark.parametrize("field", ["reason", "owner"])
def test_blanks_are_no_reason_and_no_owner(typed: Efa, field: str, blank: str) -> None:
    entry = {"fingerprint": "0" * 16, "reason": "a", "owner": "b"} | {field: blank}
    lines = [f'{name} = "{value}"' for name, value in entry.items()]
    Path("e.toml").write_text("\n".join(["[[exception]]", *lines, "expires = 2030-01-01"]))
    Path("a.json").write_text("{}")
    ran = typed("diff", "a.json", "a.json", "--exceptions", "e.toml", "--lang", "de")
    said = f"e.toml:1: /exception/0/{field}: hier steht, wer dafür einsteht (owner) und warum"
    assert (ran.code, ran.err.startswith(said)) == (2, True), ran.err
