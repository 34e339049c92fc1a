"""Strangers are refused at the door: before a body of theirs is read."""

from registry.identity.guard import provide_actor
from registry.web.requests import AnyRequest
from registry.web.strict import SAFE


async def refuse_strangers(request: AnyRequest) -> None:
    """Unsafe methods ask for a valid token before anything else."""
    if request.method not in SAFE:
        await provide_actor(request)
