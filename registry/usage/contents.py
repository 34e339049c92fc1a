"""From the rows of a table to what is kept of each service: a line a figure; pure."""

import asyncio
from collections.abc import Mapping
from datetime import date
from uuid import UUID

import msgspec

from registry.errors import Fault
from registry.usage.model import UsageDraft
from registry.web.tables import CSV, Column, Entry, Table, day_of, read_table


def _count(cell: str) -> int | str:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 15 else cell


def _yes(cell: str) -> bool | str:
    return {"ja": True, "yes": True, "true": True, "nein": False, "no": False, "false": False}.get(
        cell.lower(), cell
    )


COLUMNS = (
    Column("organisation", ("stelle", "regionalschluessel", "ars"), required=True),
    Column("service", ("dienst", "efa_dienst"), required=True),
    Column("month", ("monat",), day_of, required=True),
    Column("channel", ("kanal",), required=True),
    Column("version", ("fassung",)),
    Column("started", ("begonnen", "gestartet"), _count),
    Column("completed", ("abgeschlossen",), _count),
    Column("withdrawn", ("zurueckgezogen",), _yes),
)


# A national month of one channel for a dozen services; the bytes of a request allow for no more.
MAX_ROWS = 200_000


class Period(msgspec.Struct, frozen=True):
    """From a day to before another, each open where none is given."""

    begins: date | None
    ends: date | None

    def meets(self, month: str) -> bool:
        """Whether any day of a month (YYYY-MM) lies in it."""
        begun = self.begins is None or self.begins.isoformat()[:7] <= month
        return begun and (self.ends is None or f"{month}-01" < self.ends.isoformat())


class Known(msgspec.Struct, frozen=True):
    """What the rows name: reuses by body and service as sent, and versions of services.

    `closed` are the bodies with a service, as sent, that the actor may not act for; `built` says
    when it builds which services; `places` by body, as sent, whom it is for where another tells.
    """

    reuses: Mapping[tuple[str, str], UUID]
    versions: frozenset[tuple[str, str]]
    closed: frozenset[tuple[str, str]]
    built: Mapping[str, list[Period]]
    places: Mapping[str, str | None] = {}

    def may_tell(self, draft: UsageDraft) -> bool:
        """Whether the actor may tell this figure."""
        if (draft.organisation, draft.service) not in self.closed:
            return True
        return any(period.meets(draft.month) for period in self.built.get(draft.service, ()))


class Content(msgspec.Struct):
    """The figures of one service, and the rows they stand in."""

    lines: list[str]
    entries: list[Entry[UsageDraft]]

    @property
    def text(self) -> bytes:
        return "\n".join(self.lines).encode()


def read(content: bytes, content_type: str) -> Table[UsageDraft]:
    """The figures of a file."""
    return read_table(content, content_type or CSV, COLUMNS, UsageDraft, MAX_ROWS)


async def read_in_thread(content: bytes, content_type: str) -> Table[UsageDraft]:
    """The same beside the event loop, since a file may be long."""
    return await asyncio.to_thread(read, content, content_type)


def one_row(draft: UsageDraft) -> Table[UsageDraft]:
    """A single figure as a table."""
    return Table([Entry(0, 1, draft)], [], {})


def named(table: Table[UsageDraft]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The bodies with services, and the services with versions, that the rows name."""
    drafts = [entry.value for entry in table.entries]
    versions = {(draft.service, draft.version) for draft in drafts if draft.version}
    return {(draft.organisation, draft.service) for draft in drafts}, versions


class Sorter:
    """Sorts the rows of a table by service, and notes what is wrong with them."""

    def __init__(self, known: Known, today: date) -> None:
        self.contents: dict[str, Content] = {}
        self._known = known
        self._today = today.isoformat()
        self._told: dict[str, int] = {}
        self._whole: dict[str, bool] = {}

    def take(self, entry: Entry[UsageDraft]) -> list[Fault]:
        """Keep a row, or say what is wrong with it."""
        draft = entry.value
        if found := draft.faults(self._today) or _name_faults(draft, self._known):
            return found
        reuse = self._known.reuses[draft.organisation, draft.service]
        place = f"{reuse};{draft.month}-01;{draft.channel};"
        key = f"{place}{draft.version or ''};"
        if (first := self._told.setdefault(key, entry.line)) != entry.line:
            return [Fault("", "row-repeated", {"first": first})]
        whole = draft.version is None
        if draft.counted and self._whole.setdefault(place, whole) != whole:
            return [_split_otherwise(draft)]
        content = self.contents.setdefault(draft.service, Content([], []))
        content.lines.append(f"{key}{_written(draft.started)};{_written(draft.completed)}")
        content.entries.append(entry)
        return []


def by_service(
    table: Table[UsageDraft], known: Known, today: date
) -> tuple[dict[str, Content], list[Fault]]:
    """The figures of each service, and what is wrong with rows of the table."""
    sorter = Sorter(known, today)
    wrong = [table.fault(entry, fault) for entry in table.entries for fault in sorter.take(entry)]
    return sorter.contents, wrong


def split_faults(table: Table[UsageDraft], content: Content, places: list[int]) -> list[Fault]:
    """The rows that tell by version what stands as a whole, or the other way round."""
    entries = [content.entries[place - 1] for place in places]
    return [table.fault(entry, _split_otherwise(entry.value)) for entry in entries]


def _written(count: int | None) -> str:
    return "" if count is None else str(count)


def _split_otherwise(draft: UsageDraft) -> Fault:
    words = "for single versions" if draft.version is None else "without a version"
    return Fault("/version", "split-otherwise", {"as_recorded": words})


def _name_faults(draft: UsageDraft, known: Known) -> list[Fault]:
    if (draft.organisation, draft.service) not in known.reuses:
        return [Fault("/organisation", "unknown-reuse")]
    if not known.may_tell(draft):
        return [Fault("/organisation", "not-your-body", {"organisation": draft.organisation})]
    if draft.version and (draft.service, draft.version) not in known.versions:
        return [Fault("/version", "unknown-version", {"value": draft.version})]
    return []
