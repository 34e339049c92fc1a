"""The reference data that comes with the program: CSV files, known by their SHA-256 once loaded."""

import csv
import hashlib
import io
from collections.abc import Iterator
from importlib.resources import files

CODELISTS = (
    "accounts",
    "agreement_bases",
    "back_end_depths",
    "codelists",
    "component_kinds",
    "components",
    "kinds",
    "levels",
    "maturity",
    "minimum_requirements",
    "models",
    "portals",
    "procedure_types",
    "stages",
    "states",
    "statuses",
    "themes",
    "trust_levels",
)
PROCEDURES = ("leika", "ozg_bundles", "pvog")

Row = dict[str, str]


def content(dataset: str) -> bytes:
    """The bytes of one data set."""
    return (files("registry.catalogue") / "data" / f"{dataset}.csv").read_bytes()


def digest(dataset: str) -> bytes:
    """SHA-256 (32 bytes) of one data set."""
    return hashlib.sha256(content(dataset)).digest()


def rows(text: bytes) -> Iterator[Row]:
    """The rows of a data set; every value is text, an empty one where the source says nothing."""
    return csv.DictReader(io.StringIO(text.decode()))
