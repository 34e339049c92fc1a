"""The log: every change is an event, recorded first, numbered densely by one sequencer.

`record` is called by each action before it writes a row; `keep` stores a content once.
"""

from registry.audit.actions import keep, keep_all, read, record, record_all
from registry.audit.model import Entry, LogPosition, Replay, UnknownLogPosition
from registry.audit.moment import (
    Asked,
    DatedPage,
    Moment,
    dated,
    moment,
    position_known_at,
)
from registry.audit.store import blob

__all__ = [
    "Asked",
    "DatedPage",
    "Entry",
    "LogPosition",
    "Moment",
    "Replay",
    "UnknownLogPosition",
    "blob",
    "dated",
    "keep",
    "keep_all",
    "moment",
    "position_known_at",
    "read",
    "record",
    "record_all",
]
