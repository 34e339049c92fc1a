"""What changed, in plain words, the latest first."""

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from registry.audit import Moment
from registry.audit.store import today
from registry.db import Reads
from registry.organisations import store as organisations
from registry.site import store
from registry.site.happenings import ABOUT, happening
from registry.site.routes.answers import Page, both, page
from registry.web.requests import AnyRequest

_MOST = 50
About = Annotated[str | None, Parameter(pattern=rf"^({'|'.join(ABOUT)}|all)?\Z")]
Before = Annotated[str | None, Parameter(pattern=r"^[0-9]{0,18}\Z")]
Subject = Annotated[str | None, Parameter(max_length=300)]
_EVERYDAY = tuple(
    action for about, actions in ABOUT.items() if about != "reference" for action in actions
)


@get(both("/aenderungen"))
async def list_changes(
    request: AnyRequest,
    reads: Reads,
    about: About = None,
    before: Before = None,
    subject: Subject = None,
) -> Page:
    """Public events before a log number, by what they are about; reference data when asked."""
    actions = None if about == "all" else ABOUT[about] if about else _EVERYDAY
    number = int(before) if before else None
    found = await store.last_events(reads, number, actions, subject or None, _MOST + 1)
    told = [happening(event) for event in found[:_MOST]]
    now = Moment(day=await today(reads), known=None)
    bodies = await organisations.find(reads, {one.body for one in told if one.body})
    return page(
        request,
        "changes.html",
        items=told,
        names=await store.service_names(reads, now, {one.service for one in told if one.service}),
        bodies={asked: body.name for asked, body in bodies.items()},
        recorders=await store.recorders(reads, {one.by for one in told}),
        titles=await store.agreement_names(reads, {one.agreement for one in told if one.agreement}),
        about=about or "",
        subjects=list(ABOUT),
        before=told[-1].number if len(found) > _MOST else None,
    )


HANDLERS = (list_changes,)
