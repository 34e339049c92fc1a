"""What follows from one try to tell a receiver; pure.

After 5 seconds, 5 minutes and half an hour a message that still fails lets those behind it pass,
and is tried on for 75 hours in all (the schedule of Standard Webhooks 1.0).
"""

from itertools import accumulate

from registry.subscriptions.model import DeliveryState
from registry.subscriptions.store.sending import Message, Outcome
from registry.web.egress import Reply

WAITS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
_LONGEST_BLOCK = 3_600
_IN_TURN = sum(1 for passed in accumulate(WAITS) if passed <= _LONGEST_BLOCK)
GONE = 410


def answered(message: Message, reply: Reply, challenge: str, milliseconds: int) -> Outcome:
    """The outcome of a try that a receiver answered; a redirect is a failure."""
    if reply.status == GONE:
        return _outcome(message, reply.status, "gone", milliseconds, "dead", 0)
    if not 200 <= reply.status < 300:
        return failed(message, "refused", milliseconds, reply.status)
    if message.kind == "handshake" and challenge.encode() not in reply.body:
        return failed(message, "not-confirmed", milliseconds, reply.status)
    return _outcome(message, reply.status, "delivered", milliseconds, "delivered", 0)


def failed(message: Message, reason: str, milliseconds: int, status: int | None = None) -> Outcome:
    """The outcome of a try that did not reach its aim: again later, or given up."""
    tried = message.attempts
    if tried >= len(WAITS):
        return _outcome(message, status, reason, milliseconds, "dead", 0)
    # Receivers that were down together are not all called in the same second.
    spread = 1 + message.id.int % 1_000 / 10_000
    passes = message.kind != "handshake" and (message.state == "late" or tried >= _IN_TURN)
    state: DeliveryState = "late" if passes else "pending"
    return _outcome(message, status, reason, milliseconds, state, WAITS[tried] * spread)


def _outcome(
    message: Message,
    status: int | None,
    reason: str,
    milliseconds: int,
    state: DeliveryState,
    wait: float,
) -> Outcome:
    return Outcome(
        message=message,
        status=status,
        reason=reason,
        milliseconds=milliseconds,
        next_state=state,
        wait=wait,
    )
