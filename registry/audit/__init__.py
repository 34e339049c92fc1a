"""The log: every change is an event, recorded first, numbered densely by one sequencer.

`record` is called by each action before it writes a row; `keep` stores a content once.
"""

from registry.audit.actions import keep, read, record
from registry.audit.model import LogPosition, Replay, UnknownLogPosition
from registry.audit.store import blob, position_known_at

__all__ = [
    "LogPosition",
    "Replay",
    "UnknownLogPosition",
    "blob",
    "keep",
    "position_known_at",
    "read",
    "record",
]
