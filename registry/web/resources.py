"""What a request holds until it is answered: connections, and the transaction of a change.

Litestar leaves a generator dependency to the garbage collector when a later parameter is refused,
and its connection with it. So providers enter what they open here, and it is left exactly once:
committed before a success is sent, rolled back before anything else is, or when nothing is sent.
"""

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TypeVar

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from registry.db import CONNECTION_LOST
from registry.web.problems import answer_failure
from registry.web.requests import AnyRequest

T = TypeVar("T")


class _NotASuccess(Exception):
    """Passes through what is held, so that it rolls back."""


class Resources:
    """The contexts one request has entered, in order."""

    def __init__(self) -> None:
        self._stack: AsyncExitStack | None = None

    async def enter(self, context: AbstractAsyncContextManager[T]) -> T:
        """Enter a context that is left when the request is answered."""
        if self._stack is None:
            self._stack = AsyncExitStack()
        return await self._stack.enter_async_context(context)

    async def leave(self, *, success: bool) -> None:
        """Leave all of them, the last first; again does nothing."""
        if self._stack is None:
            return
        stack = self._stack.pop_all()
        if success:
            await stack.aclose()
            return
        try:
            async with stack:
                raise _NotASuccess
        except (_NotASuccess, *CONNECTION_LOST):  # with its connection a change is undone as well
            return


class RequestResources:
    """Pure ASGI, around the router: leaves what a request holds before its answer goes out.

    Where that fails, as a commit does whose connection is lost, the router believes that its answer
    went out, and lets the failure pass: it is answered here.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        resources, failures = Resources(), list[Exception]()
        scope.setdefault("state", {})["resources"] = resources

        async def left(message: Message) -> None:
            if message["type"] == "http.response.start":
                try:
                    await resources.leave(success=message["status"] < 400)
                except Exception as failure:
                    failures.append(failure)
                    raise
            await send(message)

        try:
            await self.app(scope, receive, left)
        except Exception:
            if not failures:
                raise
            await answer_failure(scope, send, failures[0])
        finally:
            await resources.leave(success=False)


def resources_of(request: AnyRequest) -> Resources:
    """What this request holds."""
    return request.scope["state"]["resources"]


async def give_back(request: AnyRequest) -> None:
    """Leave what a reading request holds, before it waits for what is slow.

    Else a few such calls take all connections, which others look up their tokens with.
    """
    await resources_of(request).leave(success=True)
