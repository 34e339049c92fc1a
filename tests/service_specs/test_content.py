"""What is in `service_specs/`: as many services, versions and facts as the sources gave."""

import csv
import hashlib
import re

import pytest

from registry.cli.folder import ServiceFolder, read_figures, read_service, service_folders
from registry.cli.formats import AnnouncedRow, ReuseRow
from registry.resources import folder

ROOT = folder("service_specs")
DEMO = ROOT / "_demo"
FOLDERS = service_folders(ROOT)

# Reuses, announcements and figures of the 388 facts that were read from public pages.
FACTS = {
    "aufenthalt-digital": (25, 0, 10),
    "bafoeg-digital": (14, 1, 2),
    "begleitende-hilfe-arbeitgeber": (1, 0, 0),
    "beteiligungsportal": (0, 1, 0),
    "breitband-portal": (6, 1, 3),
    "digitale-baugenehmigung": (83, 12, 12),
    "ehe-online": (2, 0, 0),
    "ehrenamtskarte": (1, 0, 0),
    "einbuergerung-digital": (6, 1, 2),
    "elterngeld-digital": (5, 4, 0),
    "elterngeld-lbank": (2, 0, 0),
    "ewa": (94, 6, 13),
    "feuerwerk": (1, 0, 0),
    "fuehrerschein-digital": (9, 1, 1),
    "gewerbesteuerbescheid": (1, 0, 3),
    "gluecksspiel": (1, 0, 0),
    "hilfe-zur-pflege": (1, 0, 0),
    "infektionsschutzbelehrung": (5, 0, 1),
    "kuendigungsschutz-aufhebung": (1, 0, 0),
    "luftverkehr-hh": (1, 0, 0),
    "mutterschutzmitteilung": (1, 0, 0),
    "onlinewache": (4, 0, 2),
    "schwerbehinderung-feststellung": (1, 0, 1),
    "sozialplattform": (4, 6, 4),
    "unterhaltsvorschuss-online": (17, 0, 4),
    "veranstaltungen": (1, 0, 0),
    "wohngeld-sh": (9, 0, 1),
}
VERSIONS = {
    "aufenthalt-digital": ["1.0.0", "1.1.0"],
    "eu-dcc": ["1.0.0", "1.0.1", "1.1.0", "1.2.0", "1.2.1", "1.3.0", "1.3.1", "1.3.2", "1.3.3"],
    "fit-connect": ["0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0", "0.6.0", "1.0.0", "2.1.0"],
    "mutterschutzmitteilung": ["1.0.0"],
}


@pytest.fixture(scope="module")
def services() -> dict[str, ServiceFolder]:
    return {path.name: read_service(path) for path in FOLDERS}


def test_there_are_76_services(services: dict[str, ServiceFolder]) -> None:
    assert len(services) == 76


def test_all_388_facts_are_accounted_for(services: dict[str, ServiceFolder]) -> None:
    counted = {
        slug: (
            sum(isinstance(row.value, ReuseRow) for row in service.facts),
            sum(isinstance(row.value, AnnouncedRow) for row in service.facts),
            len(service.figures),
        )
        for slug, service in services.items()
        if service.facts or service.figures
    }
    assert counted == FACTS
    assert sum(sum(counts) for counts in FACTS.values()) == 388
    assert len(read_figures(ROOT / "reported_figures.csv")) == 20


def test_only_published_specifications_have_versions(services: dict[str, ServiceFolder]) -> None:
    found = {
        slug: [version.number for version in service.versions]
        for slug, service in services.items()
        if service.versions
    }
    assert found == VERSIONS


def test_a_version_names_its_source_and_licence(services: dict[str, ServiceFolder]) -> None:
    for service in services.values():
        for version in service.versions:
            notes = version.about.notes
            assert notes.source, version.document.file
            assert notes.licence, version.document.file


def test_every_statement_names_its_source(services: dict[str, ServiceFolder]) -> None:
    for service in services.values():
        assert service.draft.sources, service.path
        assert all(row.value.source for row in (*service.facts, *service.figures)), service.path


def test_a_part_of_a_territory_is_never_named(services: dict[str, ServiceFolder]) -> None:
    for service in services.values():
        for row in service.facts:
            if isinstance(row.value, ReuseRow):
                assert row.value.area in ("unknown", row.value.organisation), row.document.file


def test_an_ozg_id_matched_by_name_is_called_a_proposal(
    services: dict[str, ServiceFolder],
) -> None:
    stated = {"aufenthalt-digital", "einbuergerung-digital"}
    for slug, service in services.items():
        notes = " ".join(source.note for source in service.draft.sources)
        assert ("Vorschlag" in notes) == (bool(service.draft.ozg_ids) and slug not in stated), slug


def test_no_file_names_a_person_s_mailbox() -> None:
    for file in ROOT.rglob("*"):
        if file.suffix in (".yaml", ".csv"):
            assert not re.search(r"[\w.]+@[\w-]+\.\w", file.read_text()), file


def test_rows_of_one_body_are_in_the_order_of_time(services: dict[str, ServiceFolder]) -> None:
    for service in services.values():
        places = [(row.value.organisation, row.value.date or "9999") for row in service.facts]
        assert places == sorted(places), service.path


def test_the_fictitious_land_is_marked_everywhere() -> None:
    with (DEMO / "bodies.csv").open() as file:
        bodies = list(csv.DictReader(file))
    assert len(bodies) == 19
    assert all("(fiktiv)" in body["name"] for body in bodies)
    for body in bodies:
        keys = body["keys"].split() or [body["slug"]]
        assert all(key.startswith("99") for key in keys)
    for path in service_folders(DEMO):
        names = read_service(path).draft.names
        assert "fiktiv" in names.de
        assert "fictitious" in (names.en or "")


def test_schemas_are_the_bytes_that_were_taken_over() -> None:
    kept = dict(line.split()[::-1] for line in (ROOT / "SHA256SUMS").read_text().splitlines())
    files = {str(file.relative_to(ROOT)): file for file in ROOT.glob("[!_]*/versions/*/*.json")}
    assert kept == {
        name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in files.items()
    }
