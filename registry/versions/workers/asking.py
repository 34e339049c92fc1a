"""The workers as a request asks them: in the name of its caller."""

from registry.authority import Actor
from registry.identity.door import find_at_door
from registry.identity.limits import Limits, network_of
from registry.versions.workers.pool import Workers
from registry.web.requests import AnyRequest


def workers_for(request: AnyRequest) -> Workers:
    """The workers of this process; callers are told apart by organisation, or by network."""
    workers: Workers = request.app.state.workers
    return workers.of(_name(request, request.scope["state"].get("caller")))


def workers_where_needed(request: AnyRequest) -> Workers:
    """The same for what mostly is kept: a request counts as costly once it asks them, not before.

    Only then is it found out who calls.
    """

    async def counted() -> str:
        caller = await find_at_door(request)
        limits: Limits = request.app.state.limits
        limits.count(request, caller, costly=True)
        return _name(request, caller)

    return workers_for(request).named_by(counted)


def _name(request: AnyRequest, caller: Actor | None) -> str:
    return caller.organisation if caller else network_of(request)
