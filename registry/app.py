"""Wires the rooms into one application; the only file that knows all of them."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

import structlog
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from registry.agreements import routes as agreements_routes
from registry.audit import routes as audit_routes
from registry.audit.proving import ProvenAnswers, ask_for_proof
from registry.audit.receipts import Receipts
from registry.audit.seals import Seals
from registry.audit.sequencer import Sequencer
from registry.audit.standing import Condition
from registry.catalogue import routes as catalogue_routes
from registry.db import Database, open_database
from registry.db.failures import BUSY
from registry.db.migrations import require_up_to_date
from registry.db.roles import require_bound_role
from registry.errors import SetupProblem
from registry.files import make_once
from registry.identity import routes as identity_routes
from registry.identity.door import refuse_strangers
from registry.identity.guard import DEPENDENCIES, TokenCache
from registry.identity.issuers import Issuers
from registry.identity.limits import Limits
from registry.identity.signing_in import SignIn
from registry.identity.watch import RefusalWatch, Watch
from registry.impact import routes as impact_routes
from registry.organisations import routes as organisations_routes
from registry.organisations.model import ATTRIBUTION
from registry.reports import routes as reports_routes
from registry.reuse import routes as reuse_routes
from registry.settings import Settings
from registry.site import routes as site_routes
from registry.subscriptions import routes as subscriptions_routes
from registry.subscriptions.delivering import Deliverer
from registry.subscriptions.forgetting import forget_regularly
from registry.subscriptions.mailing import Mailer
from registry.subscriptions.post import Post
from registry.subscriptions.routes import feeds
from registry.subscriptions.stream import Hub, Seats
from registry.subscriptions.tail import Tail
from registry.usage import routes as usage_routes
from registry.versions import routes as versions_routes
from registry.versions.workers.pool import Workers
from registry.web import formats, openapi, operations, rule_pages
from registry.web.egress import open_egress
from registry.web.immutable import ImmutableAnswers
from registry.web.middleware import HeadAsGet, RequestRecord, Shortcut
from registry.web.paging import Cursors
from registry.web.problems import EXCEPTION_HANDLERS
from registry.web.receipt_links import ReceiptLinks
from registry.web.requests import AnyRequest, JsonRequest
from registry.web.resources import RequestResources
from registry.web.stored import StoredAnswers
from registry.web.strict import (
    SAFE,
    refuse_odd_addresses,
    refuse_unknown_parameters,
    refuse_unread_bodies,
)

_log: Any = structlog.get_logger()

_SECRET_BYTES = 32
_LISTENERS = 1_000
_LISTENERS_OF_ONE = 20

ROOMS = (
    audit_routes,
    identity_routes,
    organisations_routes,
    catalogue_routes,
    versions_routes,
    agreements_routes,
    reports_routes,
    reuse_routes,
    usage_routes,
    subscriptions_routes,
    impact_routes,
)
LINKS = {
    "agreements": "/v1/agreements",
    "delegations": "/v1/delegations",
    "events": "/v1/events",
    "organisations": "/v1/organisations",
    "procedures": "/v1/procedures",
    "reuses": "/v1/reuses",
    "services": "/v1/services",
    "subscriptions": "/v1/subscriptions",
    "codelists": "/v1/codelists",
    "todo": "/v1/todo",
    "usage": "/v1/usage",
}


async def guard_the_door(request: AnyRequest) -> None:
    """What every request must pass before its body is read; a guard would cost a copied handler."""
    await ask_for_proof(request)
    refuse_odd_addresses(request)
    refuse_unknown_parameters(request)
    await refuse_strangers(request)
    refuse_while_behind(request)
    refuse_unread_bodies(request)


def refuse_while_behind(request: AnyRequest) -> None:
    """Nothing is changed while the database does not continue what the log signed."""
    if request.method not in SAFE:
        condition: Condition = request.app.state.log
        condition.require_fine()


def create_app(settings: Settings, secret: bytes, *, sequencing: bool = True) -> Litestar:
    """The application over the database that `settings` names; `secret` signs paging cursors."""
    app = Litestar(
        route_handlers=[_api(), *_operations(), site_routes.router()],
        dependencies=DEPENDENCIES,
        exception_handlers=site_routes.for_people(EXCEPTION_HANDLERS),
        before_request=guard_the_door,
        request_class=JsonRequest,
        openapi_config=None,
        request_max_body_size=settings.max_body_bytes,
        lifespan=[_life],
        logging_config=None,
    )
    app.state["router"] = app.asgi_handler
    return bind(app, settings, secret, sequencing=sequencing)


def bind(app: Litestar, settings: Settings, secret: bytes, *, sequencing: bool = True) -> Litestar:
    """The same routes over another database, with nothing remembered; not while it is alive."""
    watch, seals = Watch(settings.security_log_days), Seals()
    tail = Tail(seals)
    app.state = State(
        {
            "router": app.state.router,
            "settings": settings,
            "sequencing": sequencing,
            "secret": secret,
            "cursors": Cursors(secret),
            "tokens": TokenCache(),
            "limits": Limits(settings),
            "watch": watch,
            "log": Condition(),
            "seals": seals,
            "tail": tail,
            "hub": Hub(tail),
            "seats": Seats(_LISTENERS, _LISTENERS_OF_ONE),
        }
    )
    app.state.pieces = site_routes.Pieces(app.state)
    kept, pages = ImmutableAnswers(), site_routes.KeptPages(app.state.router, app.state)
    seals.on_erasure(kept.forget)
    seals.on_erasure(pages.forget)
    seals.on_erasure(app.state.pieces.forget)
    router = RefusalWatch(RequestResources(site_routes.PagesAndData(pages)), watch)
    router = ReceiptLinks(ProvenAnswers(router), lambda events: app.state.receipts.recorded(events))
    shortcut = Shortcut(router, kept, StoredAnswers(app))
    app.asgi_handler = RequestRecord(HeadAsGet(shortcut))
    return app


@contextlib.asynccontextmanager
async def _life(app: Litestar) -> AsyncGenerator[None]:
    settings: Settings = app.state.settings
    async with open_database(settings) as opened:
        async with opened.views.acquire() as conn:
            await require_up_to_date(conn)
            await require_bound_role(conn)
        await require_bound_role(opened.reads)
        app.state.database = opened
        app.state.receipts = Receipts(opened.reads, app.state.seals)
        app.state.started = await opened.reads.fetchval("select now()")
        app.state.begun = time.monotonic()
        async with (
            contextlib.aclosing(Workers()) as app.state.workers,
            open_egress(settings.egress_allowed) as app.state.egress,
            _sequencing(app, settings, app.state.sequencing),
            _background(app.state.seals.listen(settings.database_url)),
            _background(app.state.tail.run(opened.reads)),
            _background(app.state.hub.run(opened)),
            _watching(app.state.watch, opened),
            _background(forget_regularly(opened, settings.delivery_days)),
            _delivering(app, opened, app.state.sequencing),
        ):
            app.state.job_issuers = Issuers(settings.ci_issuers, app.state.egress)
            app.state.sign_in = SignIn(opened, settings, app.state.egress, app.state.secret)
            yield


@contextlib.asynccontextmanager
async def _watching(watch: Watch, database: Database) -> AsyncGenerator[None]:
    async with _background(watch.run(database)):
        yield
    with contextlib.suppress(*BUSY):
        await watch.flush(database)


@contextlib.asynccontextmanager
async def _sequencing(app: Litestar, settings: Settings, wanted: bool) -> AsyncGenerator[None]:
    if not (wanted and (settings.sequencer_url or settings.owner_url)):
        if wanted:
            _log.warning("no sequencer here", remedy="set EFA_SEQUENCER_URL on one host at least")
        yield
        return
    condition: Condition = app.state.log
    await condition.examine(app.state.database.reads, settings)
    async with _background(Sequencer(settings, condition, app.state.receipts.sealed).run()):
        yield


@contextlib.asynccontextmanager
async def _delivering(app: Litestar, database: Database, wanted: bool) -> AsyncGenerator[None]:
    log = (app.state.log, app.state.tail)
    deliverer = Deliverer(database, app.state.egress, app.state.secret, log)
    settings: Settings = app.state.settings
    post = Post(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
    mailer = Mailer(database, post, app.state.secret, log) if post else None
    async with (
        _background(deliverer.run()) if wanted else contextlib.nullcontext(),
        _background(mailer.run()) if wanted and mailer else contextlib.nullcontext(),
    ):
        yield


@contextlib.asynccontextmanager
async def _background(work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """Let something run beside the requests, until the end."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _api() -> Router:
    root = operations.root_route(LINKS, list(ATTRIBUTION))
    return Router("/v1", route_handlers=[root, *(room.router() for room in ROOMS)])


def _operations() -> list[HTTPRouteHandler]:
    return [
        operations.get_health,
        operations.get_readiness,
        operations.get_metrics,
        operations.get_problem,
        rule_pages.list_rules,
        rule_pages.get_rule,
        operations.get_security_txt,
        openapi.get_openapi,
        formats.get_format,
        *feeds.HANDLERS,
    ]


def installation_secret(settings: Settings) -> bytes:
    """The secret of this installation: from the settings, or a file made at the first start."""
    if settings.secret:
        return settings.secret.encode()
    path = settings.data_path / "secret"
    try:
        if not path.exists():
            make_once(path, secrets.token_bytes(_SECRET_BYTES))
        secret = path.read_bytes()
    except OSError as error:
        raise SetupProblem(f"The key file {path} cannot be used: {error.strerror}.") from None
    if len(secret) < _SECRET_BYTES:
        raise SetupProblem(f"The key file {path} is cut short; remove it, and a new one is made.")
    return secret
