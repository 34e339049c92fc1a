"""Strangers are refused at the door: before a body of theirs is read."""

from registry.authority import Actor
from registry.errors import NotAuthenticated
from registry.identity.guard import find_caller
from registry.identity.limits import Limits
from registry.web.requests import AnyRequest
from registry.web.strict import SAFE

# What a handler says of itself in its `opt`.
STRANGERS = "strangers"
COSTLY = "costly"


async def refuse_strangers(request: AnyRequest) -> None:
    """Unsafe methods ask for a valid token before anything else, but where strangers may call.

    Who calls too often is refused next; reading is limited only where it is costly.
    """
    options = request.route_handler.opt
    unsafe, costly = request.method not in SAFE, bool(options.get(COSTLY))
    if not (unsafe or costly):
        return
    limits: Limits = request.app.state.limits
    try:
        caller = await _known(request, needed=unsafe and not options.get(STRANGERS))
    except NotAuthenticated:
        limits.count(request, None, costly=costly)
        raise
    limits.count(request, caller, costly=costly)


async def _known(request: AnyRequest, *, needed: bool) -> Actor | None:
    caller = await find_caller(request)
    if caller is None and needed:
        raise NotAuthenticated
    return caller
