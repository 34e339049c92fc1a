"""What the command line asks of every room: how its events are replayed."""

from registry.audit import Replay
from registry.catalogue import actions as catalogue
from registry.identity import actions as identity
from registry.organisations import actions as organisations

REPLAY: dict[str, Replay] = {**catalogue.REPLAY, **identity.REPLAY, **organisations.REPLAY}
