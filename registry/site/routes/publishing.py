"""Publishing a version by upload: checked first, and published only from beside what was found."""

from functools import partial

import msgspec
from litestar import get, post
from litestar.datastructures import UploadFile

from registry.audit import moment
from registry.db import Database, Reads, begin
from registry.errors import Refusal
from registry.identity.door import COSTLY
from registry.identity.guard import view_of
from registry.impact.checking import check
from registry.impact.checks import Check, CheckDraft
from registry.site import store as names
from registry.site.forms import Given, first
from registry.site.publish_forms import (
    DRAFT,
    NUMBER,
    Known,
    Publishing,
    Sent,
    check_draft,
    confirm_form,
    packed,
    publish_form,
    unpacked,
)
from registry.site.routes.answers import Page, both, place_of
from registry.site.routes.filling import (
    MENDED,
    SENT,
    attempt,
    form_page,
    given_by,
    leave,
    person_of,
)
from registry.site.vouching import overrides_of, typed_in
from registry.versions import actions
from registry.versions import store as versions
from registry.versions.model import VersionDraft, texts_of
from registry.versions.preparing import Release, prepare, require_publisher
from registry.web.params import SlugInPath
from registry.web.requests import AnyRequest

_COSTLY = SENT | {"opt": SENT["opt"] | {COSTLY: True}}
_FIRST = "1.0.0"
# What of a body may be schemas where a page carries them: as JSON, in Base64, in a form.
_CARRIED = 60


async def _publishing(request: AnyRequest, db: Reads, slug: str) -> Publishing:
    """The service with what its newest version has, for who may publish it."""
    await require_publisher(db, person_of(request), slug)
    at = await moment(db, None, None)
    found = await versions.highest(db, slug, at, 1)
    known = [
        Known(name=one.name, direction=one.direction, text=stored.identity.decode())
        for one in (found[0].interfaces if found else ())
        if (stored := await versions.schema(db, slug, found[0].version, one.name))
    ]
    called = await names.service_names(db, at, [slug])
    name = place_of(request).name(called[slug])
    newest = found[0].version if found else None
    most = request.app.state.settings.max_body_bytes * _CARRIED // 100
    return Publishing(most=most, slug=slug, name=name, newest=newest, known=known)


@get(both("/dienste/{slug:str}/veroeffentlichen"))
async def get_version_form(request: AnyRequest, reads: Reads, slug: SlugInPath) -> Page:
    """The form for the schemas of a new version."""
    about = await _publishing(request, reads, slug)
    return form_page(request, publish_form(place_of(request), about, {}), {})


@post(both("/dienste/{slug:str}/veroeffentlichen"), **_COSTLY)
async def post_version(request: AnyRequest, reads: Reads, slug: SlugInPath) -> Page:
    """Checks what was uploaded; or publishes what was checked."""
    about, given = await _publishing(request, reads, slug), await given_by(request)
    if DRAFT in given:
        return await _publish(request, reads, about, given)
    form = publish_form(place_of(request), about, given)

    async def work() -> tuple[CheckDraft, Check]:
        draft = check_draft(form, about, given, await _files(request))
        return draft, await _checked(request, reads, slug, draft)

    return await attempt(request, form, given, work, lambda done: _found(request, about, *done))


async def _files(request: AnyRequest) -> dict[str, Sent]:
    sent = await request.form()
    return {
        name: Sent(name=one.filename, content=await one.read())
        for name, one in sent.multi_items()
        if isinstance(one, UploadFile)
    }


async def _checked(request: AnyRequest, reads: Reads, slug: str, draft: CheckDraft) -> Check:
    person = person_of(request)
    viewing = partial(view_of, request.app.state.database, person)
    release = Release(service=slug, version=draft.version or "", draft=draft, texts=texts_of(draft))
    return await check(reads, viewing, person, request.app.state.workers, release)


def _found(
    request: AnyRequest,
    about: Publishing,
    draft: CheckDraft,
    found: Check,
    given: Given | None = None,
    refused: Refusal | None = None,
) -> Page:
    """What was found, and the number to publish it under: the one proposed, or the least."""
    least = found.required or about.newest or _FIRST
    number = draft.version if draft.version and (found.allowed or refused) else least
    filled = given or {}
    form = confirm_form(place_of(request), about, found, filled)
    reasons = {name: [text] for name, text in typed_in(filled).items()}
    shown = {NUMBER: [number], DRAFT: [packed(draft)]} | reasons
    return form_page(request, form, shown, refused)


async def _publish(request: AnyRequest, reads: Reads, about: Publishing, given: Given) -> Page:
    sent = msgspec.structs.replace(unpacked(first(given, DRAFT)), overrides=[])
    draft = msgspec.structs.replace(sent, version=first(given, NUMBER))
    try:
        vouched = msgspec.structs.replace(draft, overrides=overrides_of(given))
        created = await _published(request, about.slug, vouched)
    except Refusal as refused:
        if refused.status not in MENDED:
            raise
        found = await _checked_again(request, reads, about.slug, draft)
        return _found(request, about, draft, found, given, refused)
    notice = "published" if created else "unchanged"
    return leave(request, f"{about.path}/{draft.version}", notice)


async def _checked_again(request: AnyRequest, reads: Reads, slug: str, draft: CheckDraft) -> Check:
    """What is found under the number that was refused, or without it where it is none."""
    try:
        return await _checked(request, reads, slug, draft)
    except Refusal:
        unnumbered = msgspec.structs.replace(draft, version=None)
        return await _checked(request, reads, slug, unnumbered)


async def _published(request: AnyRequest, slug: str, draft: CheckDraft) -> bool:
    """Whether the version was not published before."""
    database: Database = request.app.state.database
    person = person_of(request)
    own = VersionDraft(interfaces=draft.interfaces, notes=draft.notes, overrides=draft.overrides)
    release = Release(service=slug, version=draft.version or "", draft=own, texts=texts_of(own))
    # The public reads may come from a replica, which may not know yet what was just published.
    fresh = Reads(database.views)
    release = await prepare(fresh, person, release, request.app.state.workers)
    async with database.writes.acquire() as conn, begin(conn, person) as tx:
        return await actions.publish(tx, release) == "created"


HANDLERS = (get_version_form, post_version)
