"""What the command line asks of every room: how its events are replayed."""

from registry.agreements import actions as agreements
from registry.audit import Replay
from registry.audit import actions as audit
from registry.catalogue import actions as catalogue
from registry.cli import load
from registry.identity import actions as identity
from registry.impact import actions as impact
from registry.organisations import actions as organisations
from registry.reuse import actions as reuse
from registry.reuse import configuring, confirming
from registry.subscriptions import actions as subscriptions
from registry.usage import actions as usage
from registry.versions import actions as versions

REPLAY: dict[str, Replay] = {
    **audit.REPLAY,
    **organisations.REPLAY,
    **catalogue.REPLAY,
    **identity.REPLAY,
    **versions.REPLAY,
    **agreements.REPLAY,
    **reuse.REPLAY,
    **configuring.REPLAY,
    **confirming.REPLAY,
    **usage.REPLAY,
    **subscriptions.REPLAY,
    **impact.REPLAY,
    **load.REPLAY,
}
