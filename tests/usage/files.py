"""Files of usage figures as tests send them."""

from typing import Any

import httpx

from tests.client import ApiClient

CSV = {"Content-Type": "text/csv"}
LINES = {"Content-Type": "application/x-ndjson"}
HEADERS = "Stelle;Dienst;Monat;Kanal;Version;Begonnen;Abgeschlossen;Zurückgezogen"


def row(body: str = "05", month: str = "2024-05", started: Any = 12, **other: Any) -> str:
    """One figure as a line of CSV."""
    cells = {"service": "bauantrag", "channel": "online", "version": "", "completed": ""}
    c = cells | {"withdrawn": ""} | other
    return (
        f"{body};{c['service']};{month};{c['channel']};{c['version']};{started};"
        f"{c['completed']};{c['withdrawn']}"
    )


def file(*rows: str) -> bytes:
    return "\n".join((HEADERS, *rows)).encode()


async def send(
    api: ApiClient, content: bytes, kind: dict[str, str] = CSV, *, events: int = 1
) -> httpx.Response:
    return await api.post("/v1/usage/batches", content=content, headers=kind, events=events)
