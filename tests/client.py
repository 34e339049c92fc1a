"""The client tests speak to the application with; it watches the law of the log on every call.

A successful change adds exactly the events the test expects (one unless it says otherwise), and
anything else adds none, but for an auditor's reading.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
from litestar import Litestar

from registry.app import bind, create_app
from registry.authority import Reach
from registry.db import Connection, begin, connect
from registry.identity.actions import create_token, issue_token
from registry.identity.browsers import session_name
from registry.identity.model import TokenDraft
from registry.identity.openid import person_of
from registry.identity.operator import operator
from registry.identity.providers import put_sign_in_provider
from registry.identity.sessions import start_session
from registry.identity.sign_in_model import NewSession, ProviderDraft
from registry.organisations import store as organisations
from registry.settings import Settings

_SECRET = b"test secret"
PROVIDER = ProviderDraft(
    name="Test",
    issuer="https://login.example",
    client_id="registry",
    organisation="betreiber",
    roles={"all": ("read",)},
)


class ApiClient:
    """HTTP calls as one caller; `as_admin` and `as_body` give the same client with a token."""

    def __init__(self, http: httpx.AsyncClient, owner: Connection, conn: Connection) -> None:
        self.http = http
        self.owner = owner
        self.conn = conn
        self.token = ""
        self.browser: dict[str, str] = {}

    async def as_body(self, key: str, *scopes: str) -> "ApiClient":
        """The same client with a token of the body `key` (regional key or slug)."""
        body = await organisations.resolve(self.conn, key)
        async with begin(self.conn, operator()) as tx:
            token = await create_token(tx, body.id, scopes, kind="test", days=1, note="test")
        return self.with_token(token)

    async def as_auditor(
        self, key: str, *, within: Sequence[str] = (), services: Sequence[str] = ()
    ) -> "ApiClient":
        """The same client with a token of an auditor who is bound to territories or services."""
        reach = Reach(within=tuple(within), services=tuple(services))
        draft = TokenDraft(scopes=("audit",), organisation=key, days=1, reach=reach)
        async with begin(self.conn, operator()) as tx:
            token, _ = await issue_token(tx, draft)
        return self.with_token(token)

    async def as_admin(self) -> "ApiClient":
        """The same client with the operator's token."""
        return await self.as_body("betreiber", "admin")

    def with_token(self, token: str) -> "ApiClient":
        """The same client with this token."""
        other = ApiClient(self.http, self.owner, self.conn)
        other.token = token
        return other

    async def as_person(self, key: str, *scopes: str, account: str = "anna") -> "ApiClient":
        """The same client with the session of somebody who signed in for the body `key`."""
        body = await organisations.resolve(self.conn, key)
        state = cast("Any", self.http)._transport.app.state
        async with begin(self.conn, operator()) as tx:
            await put_sign_in_provider(tx, "test", PROVIDER)
        new = NewSession(
            organisation_id=body.id,
            person=person_of({"iss": PROVIDER.issuer, "sub": account}, _SECRET),
            provider="test",
            revision=1,
            scopes=scopes or ("read",),
            reach=None,
        )
        text = await start_session(state.database, state.settings, new, "")
        return await self.in_browser(text)

    async def in_browser(self, session: str) -> "ApiClient":
        """The same client as a browser with a session, on a page of the registry."""
        other = ApiClient(self.http, self.owner, self.conn)
        settings = cast("Any", self.http)._transport.app.state.settings
        other.browser = {"Cookie": f"{session_name(settings)}={session}"}
        me = await other.get("/v1/me")
        assert me.status_code == 200, me.text
        token = me.json()["session"]["csrf_token"]
        other.browser |= {"Origin": settings.public_url, "X-CSRF-Token": token}
        return other

    async def get(self, path: str, *, events: int = 0, **options: Any) -> httpx.Response:
        return await self.call("GET", path, events=events, **options)

    async def put(self, path: str, *, events: int = 1, **options: Any) -> httpx.Response:
        return await self.call("PUT", path, events=events, **options)

    async def post(self, path: str, *, events: int = 1, **options: Any) -> httpx.Response:
        return await self.call("POST", path, events=events, **options)

    async def delete(self, path: str, *, events: int = 1, **options: Any) -> httpx.Response:
        return await self.call("DELETE", path, events=events, **options)

    async def call(
        self, method: str, path: str, *, events: int = 0, **options: Any
    ) -> httpx.Response:
        """One call, with the law of the log checked."""
        headers: dict[str, str] = self.browser | dict(options.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        before = await self._count()
        response = await self.http.request(method, path, headers=headers, **options)
        expected = events if response.status_code < 400 else 0
        added = await self._count() - before
        assert added == expected, f"{method} {path} ({response.status_code}) added {added} events"
        assert response.status_code < 500, response.text
        return response

    async def _count(self) -> int:
        return await self.owner.fetchval("select count(*) from events")


@asynccontextmanager
async def open_client(settings: Settings, *, sequencing: bool = False) -> AsyncGenerator[ApiClient]:
    """The application alive, and a client to it; events are numbered only on request."""
    async with (
        _application(settings, sequencing=sequencing) as app,
        _alive(app),
        httpx.AsyncClient(transport=transport_to(app), base_url="http://registry") as http,
    ):
        owner, conn = await connect(settings.owner_url), await connect(settings.database_url)
        await owner.execute("set efa.history = 'open'")
        try:
            yield ApiClient(http, owner, conn)
        finally:
            await owner.close()
            await conn.close()


_resting: dict[int, list[Litestar]] = {}


@asynccontextmanager
async def _application(settings: Settings, *, sequencing: bool) -> AsyncGenerator[Litestar]:
    """An application that no other test uses at present: making its routes takes most of a test."""
    resting = _resting.setdefault(settings.max_body_bytes, [])
    if resting:
        app = bind(resting.pop(), settings, _SECRET, sequencing=sequencing)
    else:
        app = create_app(settings, _SECRET, sequencing=sequencing)
    try:
        yield app
    finally:
        resting.append(app)


def transport_to(app: Litestar) -> httpx.ASGITransport:
    """In-process transport; failures arrive as the responses a caller would see."""
    return httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)


@asynccontextmanager
async def _alive(app: Litestar) -> AsyncGenerator[None]:
    """The life of the application in a task of its own; a fixture begins and ends in two."""
    ready, done = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            ready.set()
            await done.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if task.done():
            await task
        yield
    finally:
        waiting.cancel()
        done.set()
        await task


def pointers(problem: Any) -> Sequence[str]:
    """The places a problem document names."""
    return [place["pointer"] for place in problem.get("errors", [])]
