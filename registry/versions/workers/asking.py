"""The workers as a request asks them: in the name of its caller."""

from registry.authority import Actor
from registry.identity.limits import network_of
from registry.versions.workers.pool import Workers
from registry.web.requests import AnyRequest


def workers_for(request: AnyRequest) -> Workers:
    """The workers of this process; callers are told apart by organisation, or by network."""
    workers: Workers = request.app.state.workers
    caller: Actor | None = request.scope["state"].get("caller")
    return workers.of(caller.organisation if caller else network_of(request))
