"""Which data a page shows: from the address for people to that of the same thing as data; pure."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time

from registry.db import LEGAL_TIME

Pairs = list[tuple[str, str]]

_PATHS = (
    (r"", "/v1"),
    (r"/dienste", "/v1/services"),
    (r"/dienste/([^/]+)", r"/v1/services/\1"),
    (r"/dienste/([^/]+)/vergleich", r"/v1/services/\1/comparison"),
    (r"/dienste/([^/]+)/([0-9][^/]*)", r"/v1/services/\1/versions/\2"),
    (r"/stellen", "/v1/organisations"),
    (r"/stellen/([^/]+)", r"/v1/organisations/\1"),
    (r"/leistungen", "/v1/procedures"),
    (r"/leistungen/([^/]+)", r"/v1/procedures/\1"),
    (r"/vereinbarungen", "/v1/agreements"),
    (r"/vereinbarungen/([^/]+)", r"/v1/agreements/\1"),
    (r"/nachnutzungen", "/v1/reuses"),
    (r"/nachnutzungen/([0-9a-f-]{36})", r"/v1/reuses/\1"),
    (r"/auswertung", "/v1/reports/coverage"),
    (r"/aenderungen", "/v1/events"),
    (r"/regeln", "/rules"),
    (r"/regeln/([^/]+)", r"/rules/\1"),
    (r"/probleme/([^/]+)", r"/problems/\1"),
)
_TABLES = ((r"/auswertung", "/v1/reports/coverage.csv"),)
LISTS = frozenset({"/dienste", "/stellen", "/leistungen", "/vereinbarungen", "/nachnutzungen"})
"""Lists that are tables themselves, at the same address with `.csv`."""
_OF_PAGES_ONLY = frozenset({"about", "before", "behind"})
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")


def data_path(path: str, suffix: str = "json") -> str | None:
    """The path of a page's data; None where there is none of that kind."""
    for pattern, target in _PATHS if suffix == "json" else _TABLES:
        found = re.fullmatch(pattern, path.rstrip("/"))
        if found:
            return found.expand(target)
    return None


def data_query(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """What a form of ours sends, as the interface takes it: nothing empty, a day as an instant."""
    return [
        (name, recorded_by(value) if name == "known_at" else value)
        for name, value in pairs
        if value and name not in _OF_PAGES_ONLY
    ]


def recorded_by(known_at: str) -> str:
    """The end of a legal day as an instant; what is no day is left as it is."""
    if not _DAY.fullmatch(known_at):
        return known_at
    try:
        day = date.fromisoformat(known_at)
    except ValueError:
        return known_at
    return datetime.combine(day, time.max, LEGAL_TIME).isoformat()


def page_of(path: str) -> str | None:
    """The page that explains what a rule or a problem is, for who reads and does not parse."""
    for theirs, ours in (("/rules", "/regeln"), ("/problems/", "/probleme/")):
        if path == theirs or path.startswith(theirs.rstrip("/") + "/"):
            return ours.rstrip("/") + path.removeprefix(theirs.rstrip("/"))
    return None
