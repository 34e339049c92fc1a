"""Asking an address of this registry from within, as a stranger would: the same bytes."""

from typing import Any, cast

from registry.web.requests import AnyRequest

_KEPT = ("type", "asgi", "http_version", "scheme", "client", "server", "root_path")


async def answer_of(request: AnyRequest, address: str) -> bytes:
    """What GET of a path with its query gives to everybody; RuntimeError where that is no answer.

    The caller makes sure that it can be answered.
    """
    path, _, query = address.partition("?")
    asked: Any = request.scope
    scope: dict[str, Any] = {name: asked[name] for name in _KEPT if name in asked}
    scope |= {"method": "GET", "path": path, "raw_path": path.encode(), "state": {}}
    scope["query_string"] = query.encode()
    scope["headers"] = [(name, value) for name, value in asked["headers"] if name == b"host"]
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await request.app(cast("Any", scope), receive, send)
    if sent[0]["status"] != 200:
        raise RuntimeError(f"{address} answered {sent[0]['status']}")
    return b"".join(message.get("body", b"") for message in sent)
