"""Strangers are refused at the door: before a body of theirs is read."""

from registry.authority import Actor
from registry.errors import NotAuthenticated
from registry.identity.guard import find_caller, find_person
from registry.identity.limits import Limits
from registry.web.requests import AnyRequest
from registry.web.strict import SAFE

# What a handler says of itself in its `opt`.
STRANGERS = "strangers"
COSTLY = "costly"
PAGE = "page"


async def find_at_door(request: AnyRequest) -> Actor | None:
    """Who calls, by what a page or the interface for programs looks at; None: nobody is named."""
    is_page = request.route_handler.opt.get(PAGE)
    return await (find_person if is_page else find_caller)(request)


async def refuse_strangers(request: AnyRequest) -> None:
    """Unsafe methods ask for a valid token before anything else, but where strangers may call.

    Who calls too often is refused next; reading is limited only where it is costly. What is so only
    at times counts itself, as `versions.workers.asking` does. A page is for who signed in, and
    does not look at tokens.
    """
    options = request.route_handler.opt
    unsafe, costly = request.method not in SAFE, bool(options.get(COSTLY))
    if not (unsafe or costly):
        if options.get(PAGE):
            await find_at_door(request)
        return
    limits: Limits = request.app.state.limits
    try:
        caller = await find_at_door(request)
        if caller is None and unsafe and not options.get(STRANGERS):
            raise NotAuthenticated
    except NotAuthenticated:
        limits.count(request, None, costly=costly)
        raise
    limits.count(request, caller, costly=costly)
