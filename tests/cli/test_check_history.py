"""`efa check --against` all versions of a service: the answer of a registry that has them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from registry.settings import Settings
from tests.cli.typed import DCC, Efa, certificate
from tests.client import ApiClient
from tests.live import live_server
from tests.versions.published import interfaces, publish, service


def holding(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


TEXT = {"type": "string"}
NAMED, NARROW = holding(name=TEXT), holding(name={"type": "string", "maxLength": 9})
FAX, ZIP = holding(name=TEXT, fax=TEXT), holding(name=TEXT, zip=TEXT)
HISTORY = {"1.0.0": NAMED, "1.2.0": FAX, "2.0.0": NARROW, "2.1.0-rc.1": NAMED}
SCHEMAS = {"named": NAMED, "zip": ZIP, "narrow": NARROW}
NUMBERS = (
    None, "0.9.0", "1.0.0-rc.1", "1.0.1", "1.1.0", "1.1.0-rc.2", "1.2.0", "2.0.1", "2.1.0-rc.2",
)  # fmt: skip


def write(place: Path, schema: object, direction: str = "accepts") -> Path:
    place.mkdir(parents=True)
    (place / "version.yaml").write_text(f"interfaces:\n  application: {direction}\n")
    (place / "application.json").write_text(json.dumps(schema))
    return place


@pytest.fixture
def history(tmp_path: Path) -> Path:
    for number, schema in HISTORY.items():
        write(tmp_path / "wohngeld-sh/versions" / number, schema)
    return tmp_path / "wohngeld-sh"


def answer(typed: Efa, *arguments: object, **env: str) -> dict[str, Any]:
    """What both ways must say alike, and how the command ends."""
    ran = typed("check", *arguments, "--format", "json", env=env)
    assert ran.out, ran.err
    told = json.loads(ran.out)
    same = {name: told[name] for name in ("base", "least", "number", "bump", "objections")}
    found = {
        each["name"]: sorted(one["fingerprint"] for one in each["findings"])
        for each in told["interfaces"]
    }
    return same | {"code": ran.code, "findings": found}


async def test_all_versions_of_a_service_answer_as_the_registry_that_has_them(
    client: ApiClient, settings: Settings, typed: Efa, history: Path, tmp_path: Path
) -> None:
    builder = await service(client)
    for number, schema in HISTORY.items():
        body = interfaces(application=schema)
        body["interfaces"]["application"] = {
            "direction": "accepts",
            "schema_text": json.dumps(schema),
        }
        await publish(builder, number, body=body)
    seen = set[str]()
    with live_server(settings) as address:
        env = {"EFA_REGISTRY_URL": address, "EFA_TOKEN": builder.token}
        for name, schema in SCHEMAS.items():
            new = write(tmp_path / name, schema)
            for number in NUMBERS:
                given = (new, *(("--number", number) if number else ()))
                asked = await asyncio.to_thread(
                    answer, typed, *given, "--service", "wohngeld-sh", **env
                )
                assert (
                    await asyncio.to_thread(answer, typed, *given, "--against", history) == asked
                ), (name, number)
                seen |= {one["code"] for one in asked["objections"]}
    assert seen == {
        "version-number-too-small",
        "version-does-not-fit-next",
        "version-number-late",
        "version-immutable",
    }


def test_a_late_number_is_measured_by_the_release_above_it_too(typed: Efa, history: Path) -> None:
    """1.1.0 may add the zip to 1.0.0; but then 1.2.0 takes it away again, and says minor."""
    given = (write(history.parent / "new", ZIP), "--against", history, "--number")
    ran = typed("check", *given, "1.1.0")
    assert (ran.code, "1.1.0 is not allowed" in ran.out) == (1, True)
    assert f"breaking against {history}/versions/1.2.0" in ran.out
    assert "EFA-PROP-" in ran.out
    ran = typed("check", *given, "0.9.0")
    assert (ran.code, "no lower version" in ran.out) == (0, True)


def test_real_versions_are_measured_by_both_neighbours(typed: Efa) -> None:
    """1.0.2 follows 1.0.1, not 1.3.3, and stands before 1.1.0, which broke what came before."""
    given = ("check", f"{certificate('1.0.1')}:exchanges", "--against", DCC)
    ran = typed(*given, "--number", "1.0.2", "--format", "json")
    (objection,) = json.loads(ran.out)["objections"]
    assert (ran.code, objection["code"]) == (1, "version-does-not-fit-next")
    for number, base in (("1.3.4", "1.3.3"), ("2.0.0", "1.3.3")):
        found = json.loads(typed(*given, "--number", number, "--format", "json").out)
        assert (found["base"], found["number"]) == (base, number)


def test_pre_releases_alone_bind_nobody(typed: Efa, tmp_path: Path) -> None:
    write(tmp_path / "versions/1.0.0-rc.1", NAMED)
    new = write(tmp_path / "new", NARROW)
    ran = typed("check", new, "--against", tmp_path)
    assert (ran.code, ran.out) == (
        0,
        f"no lower version of {tmp_path}/versions to compare with.\n",
    )


def test_the_document_of_a_service_says_how_it_is_compared(typed: Efa, tmp_path: Path) -> None:
    write(tmp_path / "versions/1.0.0", {"type": "string"})
    new = write(tmp_path / "new", {"type": "string", "format": "date"})
    given = ("check", new, "--against")
    assert typed(*given, tmp_path).code == 0
    about = tmp_path / "service.yaml"
    about.write_text("slug: a\nformats: assert\n")
    assert typed(*given, tmp_path).code == 1
    assert typed(*given, tmp_path / "versions").code == 1
    assert typed(*given, tmp_path, "--formats", "annotate").code == 0
    numbered = (*given, tmp_path, "--number", "1.0.1")
    assert typed(*numbered).code == 1
    about.write_text('formats: assert\npolicy: {kind: record, released_before: "2999-01-01"}\n')
    assert typed(*numbered).code == 0
    for text in ("formats: maybe\n", "a: b: c\n", "policy: 3\n"):
        about.write_text(text)
        ran = typed(*numbered)
        assert (ran.code, str(about) in ran.err) == (2, True), ran.err
