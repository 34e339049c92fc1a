"""Atom feeds: of a service, a builder, an area, and of one subscription."""

from collections.abc import Callable, Sequence
from email.utils import format_datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import ResponseSpec
from litestar.params import Parameter
from litestar.types import AnyCallable

from registry.audit.model import Event
from registry.catalogue import store as catalogue
from registry.db import Reads, begin_reading
from registry.errors import NotFound
from registry.identity.guard import find_caller, view_of
from registry.identity.operator import operator
from registry.organisations import store as organisations
from registry.subscriptions.asking import require_reader
from registry.subscriptions.atom import MEDIA_TYPE, Feed, written
from registry.subscriptions.model import UnknownSubscription, topic_of
from registry.subscriptions.signing import feed_key
from registry.subscriptions.store import log as store
from registry.subscriptions.store import wanted as subscriptions
from registry.web.conditional import PRIVATE, conditional
from registry.web.language import Language
from registry.web.requests import AnyRequest
from registry.web.sealing import same

_PAGE = 50
ANSWER = {200: ResponseSpec(str, description="A page of the feed.", media_type=MEDIA_TYPE)}
_SUFFIX = ".atom"

File = Annotated[
    str,
    Parameter(
        pattern=r"^[A-Za-z0-9-]{1,80}\.atom\Z", description="What the feed is about, and `.atom`."
    ),
]
Before = Annotated[
    int | None,
    Parameter(ge=1, le=2**62, description="Only events below this log number: a page further."),
]


def _feed(of: str, summary: str) -> Callable[[AnyCallable], HTTPRouteHandler]:
    """The route of a kind of feed."""
    return get(
        f"/feeds/{of}/{{file:str}}",
        tags=["feeds"],
        summary=summary,
        media_type=MEDIA_TYPE,
        responses=ANSWER,
    )


@_feed("services", "What happens to a service")
async def get_service_feed(
    request: AnyRequest, reads: Reads, language: Language, file: File, before: Before = None
) -> Response[bytes]:
    """The newest events about a service, its versions and its reuse, as Atom."""
    slug = file.removesuffix(_SUFFIX)
    if not await catalogue.known(reads, [slug]):
        raise NotFound
    events = await store.newest_of_services(reads, [slug], before, _PAGE + 1)
    return await _answer(request, language, slug, events)


@_feed("builders", "What happens to a builder's services")
async def get_builder_feed(
    request: AnyRequest, reads: Reads, language: Language, file: File, before: Before = None
) -> Response[bytes]:
    """The newest events about all services a body builds today, as Atom."""
    body = await organisations.resolve(reads, file.removesuffix(_SUFFIX))
    services = await store.services_built_by(reads, body.id)
    events = await store.newest_of_services(reads, services, before, _PAGE + 1)
    return await _answer(request, language, body.name, events)


@_feed("areas", "What happens in an area")
async def get_area_feed(
    request: AnyRequest, reads: Reads, language: Language, file: File, before: Before = None
) -> Response[bytes]:
    """The newest events about reuses in a territory and the services used there, as Atom."""
    key = file.removesuffix(_SUFFIX)
    area = await organisations.territory(reads, key, None)
    events = await store.newest_of_area(reads, str(area), before, _PAGE + 1)
    return await _answer(request, language, key, events)


@_feed("subscriptions", "What a subscription asks for")
async def get_subscription_feed(
    request: AnyRequest,
    language: Language,
    file: File,
    key: Annotated[
        str | None,
        Parameter(max_length=64, description="As in the address that the subscription names."),
    ] = None,
    before: Before = None,
) -> Response[bytes]:
    """The newest events a subscription asks for, as Atom.

    For whose it is, by token; or by the address with its `key`, for programs that send no token.
    """
    subscription = _uuid(file.removesuffix(_SUFFIX))
    state = request.app.state
    opened = key is not None and same(key, feed_key(state.secret, subscription))
    if not opened:
        await _require_own(request, subscription)
    async with (
        state.database.views.acquire() as conn,
        begin_reading(conn, operator(), sees_all=True) as view,
    ):
        if await subscriptions.owner_of(view, subscription, running=opened) is None:
            raise UnknownSubscription
        events = await store.newest_told(view, subscription, before, _PAGE + 1)
    return await _answer(request, language, str(subscription), events, PRIVATE)


async def _require_own(request: AnyRequest, subscription: UUID) -> None:
    """Refuse who neither owns the subscription nor acts for whose it is."""
    caller = await find_caller(request)
    if caller is None:
        raise UnknownSubscription
    async with view_of(request.app.state.database, caller) as view:
        await require_reader(caller, view, subscription)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UnknownSubscription from None


async def _answer(
    request: AnyRequest,
    language: Language,
    about: str,
    events: Sequence[Event],
    headers: dict[str, str] | None = None,
) -> Response[bytes]:
    """A page of a feed, with what tells a reader that it has it already."""
    shown = events[:_PAGE]
    topics = [topic_of(event.action, event.subject) for event in shown]
    reuses = {topic.reuse for topic in topics if topic.reuse}
    reads: Reads = request.app.state.database.reads
    feed = Feed(
        title=f"EfA-Register: {about}",
        own=_address(request, request.query_params.get("before")),
        first=_address(request, None),
        next=_address(request, shown[-1].log_index) if len(events) > _PAGE else None,
        events=shown,
        services=await store.services_of(reads, list(reuses)) if reuses else {},
    )
    known: dict[str, str] = {
        "Last-Modified": format_datetime(feed.updated, usegmt=True),
        "Vary": "Accept-Language",
        "Content-Language": language,
    }
    return conditional(
        request, written(feed, language), headers=known | (headers or {}), media_type=MEDIA_TYPE
    )


def _address(request: AnyRequest, before: Any) -> str:
    """A page of this feed; the key of a subscription's stays in it."""
    path, key = request.scope["path"], request.query_params.get("key")
    parts = [f"key={key}"] if key else []
    parts += [f"before={before}"] if before else []
    return f"{path}?{'&'.join(parts)}" if parts else path


HANDLERS: tuple[HTTPRouteHandler, ...] = (
    get_service_feed,
    get_builder_feed,
    get_area_feed,
    get_subscription_feed,
)
