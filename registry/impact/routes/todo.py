"""What there is to do, over HTTP."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated
from uuid import UUID

from litestar import Response, get
from litestar.di import Provide
from litestar.params import Parameter

from registry.audit import moment
from registry.authority import Actor
from registry.db import Database, Query
from registry.errors import Fault, Malformed
from registry.identity.door import COSTLY
from registry.impact.todo import store
from registry.impact.todo.finding import Finder
from registry.impact.todo.model import Todo
from registry.organisations import store as organisations
from registry.versions import actions as versions
from registry.versions.comparisons.verdicts import VersionVerdict
from registry.versions.workers.asking import workers_for
from registry.versions.workers.pool import Workers
from registry.web.conditional import PRIVATE
from registry.web.paging import link_to, page, place_behind
from registry.web.params import Cursor, Demo, Limit
from registry.web.requests import AnyRequest
from registry.web.resources import give_back


@dataclass(frozen=True, kw_only=True)
class TodoQuery:
    """Whose reuses are looked at; without either, those of the caller's body."""

    organisation: Annotated[
        str | None, Parameter(max_length=80, description="Of this body: a regional key or a slug.")
    ] = None
    within: Annotated[
        str | None,
        Parameter(max_length=12, description="Of all bodies within this regional key."),
    ] = None
    demo: Demo = False

    async def whose(self, view: Query, actor: Actor, today: date) -> store.Whose:
        """Refuses what is unknown."""
        if self.organisation is not None and self.within is not None:
            raise Malformed(Fault("?within", "not-together", {"other": "organisation"}))
        within = await organisations.territory(view, self.within, None)
        body = await organisations.resolve_id(view, self.organisation, today, None)
        if body is None and within is None:
            body = UUID(actor.organisation)
        return store.Whose(organisation_id=body, within=within, demo=self.demo or body is not None)


@get(
    "/todo",
    summary="What there is to do",
    opt={COSTLY: True},
    dependencies={"about": Provide(TodoQuery, sync_to_thread=False)},
)
async def get_todo(
    request: AnyRequest,
    actor: Actor,
    view: Query,
    about: TodoQuery,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[Todo]:
    """For the caller's body, another, or a territory: what ends, what is newer, what breaks.

    A break on the way to the newest version comes with a document that shows it, where one was
    found. What is missing of parameters is shown to the body itself and to who builds the service.
    """
    today = (await moment(view, None, None)).day
    whose = await about.whose(view, actor, today)
    used = await store.used(view, whose, place_behind(request, cursor), limit + 1)
    total = await store.count(view, whose)
    shown = page(request, used, total, limit, lambda one: one.place)
    documents = await store.documents(view, [one.reuse_id for one in shown.items])
    failing = await store.failing(view, UUID(actor.organisation))
    await give_back(request)
    workers = workers_for(request)
    database: Database = request.app.state.database
    compare = partial(_compare, database, workers)
    finder = Finder(database.reads, compare, workers, today, documents)
    items = await finder.items(shown.items)
    answer = Todo(as_of=today, items=items, deliveries=failing, total=total, next=shown.next)
    return Response(answer, headers=PRIVATE | link_to(shown.next))


async def _compare(
    database: Database, workers: Workers, service: str, old: str, new: str
) -> VersionVerdict:
    return await versions.compare(database, workers, service, (old, new), "reserved")


HANDLERS = (get_todo,)
