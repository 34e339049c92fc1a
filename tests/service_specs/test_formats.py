"""Our own formats: true to the program, accepted by a second validator, and served."""

from typing import Any

import jsonschema
import msgspec
import pytest

from registry.cli.folder import read_figures, read_service, service_folders
from registry.cli.reading import faults_of
from registry.cli.schemas import FORMATS, drifted, schema_text
from registry.resources import folder
from tests.client import ApiClient

ROOT = folder("service_specs")
FOLDERS = [*service_folders(ROOT), *service_folders(ROOT / "_demo")]


def test_the_files_are_as_the_program_has_them() -> None:
    assert drifted(folder("schemas")) == []


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_a_valid_schema_that_says_what_it_is(name: str) -> None:
    schema: dict[str, Any] = msgspec.json.decode(schema_text(name))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert all(part.get("description") for part in schema["$defs"].values())


def _reference(name: str) -> Any:
    """The reference validator for a format."""
    return jsonschema.Draft202012Validator(
        msgspec.json.decode(schema_text(name)),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )


def _documents() -> list[tuple[str, str, object]]:
    found: list[tuple[str, str, object]] = []
    for path in FOLDERS:
        service = read_service(path)
        found.append((path.name, "service", service.document.value))
        found += [
            (str(version.document.file), "version", version.document.value)
            for version in service.versions
        ]
        found += [(str(path), "reuse-row", row.document.value) for row in service.facts]
        found += [(str(path), "figure-row", row.document.value) for row in service.figures]
    figures = read_figures(ROOT / "reported_figures.csv")
    return found + [("figures", "figure-row", row.document.value) for row in figures]


def test_a_second_validator_accepts_every_file() -> None:
    validators = {name: _reference(name) for name in FORMATS}
    for file, schema, value in _documents():
        assert [error.message for error in validators[schema].iter_errors(value)] == [], file


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("service", {"slug": "a"}),
        ("service", {"slug": "a", "names": {"de": "A"}, "more": 1}),
        ("version", {"interfaces": {}}),
        ("version", {"interfaces": {"a": "reads"}}),
        ("reuse-row", {"fact": "reuse", "organisation": "05"}),
        ("reuse-row", {"fact": "heard", "organisation": "05", "stage": "live"}),
        ("figure-row", {"subject": "a"}),
    ],
)
def test_both_validators_refuse_what_is_wrong(schema: str, value: object) -> None:
    assert not _reference(schema).is_valid(value)
    assert faults_of(value, schema)


async def test_formats_are_served(client: ApiClient) -> None:
    answer = await client.get("/schemas/service.json")
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.text == schema_text("service")
    again = await client.get(
        "/schemas/service.json", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304
    assert (await client.get("/schemas/unknown.json")).status_code == 404
