"""Strangers are refused at the door: before a body of theirs is read."""

from typing import cast

from litestar.handlers.base import BaseRouteHandler

from registry.identity.guard import AnyRequest, provide_actor
from registry.web.strict import SAFE, AnyConnection


async def refuse_strangers(connection: AnyConnection, _: BaseRouteHandler) -> None:
    """Unsafe methods ask for a valid token before anything else."""
    request = cast("AnyRequest", connection)
    if request.method not in SAFE:
        await provide_actor(request)
