"""What a body sets for its use of a service, by a form made from the schema it is held to."""

from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from litestar import get, post

from registry.audit import moment
from registry.db import Database, Query, begin
from registry.dialects.strict_json import read_json
from registry.errors import StaleState
from registry.identity.door import COSTLY
from registry.identity.guard import view_of
from registry.reuse.configuring import Running, put_parameters, require_own, running
from registry.reuse.parameters import LIMITS, Readiness, SetParameters
from registry.reuse.readiness import (
    Declared,
    declared,
    readiness,
    require_declared,
    require_settable,
)
from registry.reuse.store import parameters as store
from registry.site import store as names
from registry.site.forms import Form, Given
from registry.site.rendering import Place
from registry.site.routes.answers import Page, both, place_of
from registry.site.routes.filling import SENT, attempt, form_page, given_by, leave, person_of
from registry.site.schema_forms import Entry, entries, filled_in, secrets_of, text_of, texts_in
from registry.versions.workers.pool import Workers
from registry.web.requests import AnyRequest

_REVISION = "revision"
_COSTLY = SENT | {"opt": SENT["opt"] | {COSTLY: True}}


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A reuse whose parameters are to be set: what is asked for, what is set, the fields."""

    now: Running
    asked: Declared
    title: str
    documents: list[SetParameters]
    entries: list[Entry]
    secrets: list[str]

    @property
    def path(self) -> str:
        return f"/nachnutzungen/{self.now.reuse_id}"

    @property
    def text(self) -> bytes | None:
        return self.documents[-1].document.encode() if self.documents else None

    @property
    def document(self) -> Any:
        """What is set, with numbers as they were written; None where nothing is."""
        return read_json(self.text, LIMITS) if self.text is not None else None

    def changed(self, given: Given) -> bytes:
        """The document as the form changes it; its own text where that says the same."""
        before, after = self.document, filled_in(self.document, self.entries, given)
        return self.text if self.text is not None and before == after else text_of(after)


async def _setting(db: Query, request: AnyRequest, reuse_id: UUID) -> Setting:
    """What there is to set, for the body itself and whom it lets act."""
    now = await running(db, reuse_id)
    require_own(person_of(request), now)
    asked = require_declared(await declared(db, now.service, now.version), now.version)
    known = await names.service_names(db, await moment(db, None, None), [now.service])
    place = place_of(request)
    schema = msgspec.json.decode(asked.schema)
    return Setting(
        now=now,
        asked=asked,
        title=place.name(known[now.service]),
        documents=await store.documents(db, reuse_id),
        entries=entries(schema, place),
        secrets=secrets_of(schema),
    )


async def _read(request: AnyRequest, reuse_id: UUID) -> Setting:
    """The same, with no connection kept while workers are asked."""
    async with view_of(request.app.state.database, person_of(request)) as view:
        return await _setting(view, request, reuse_id)


def _form(place: Place, setting: Setting, ready: Readiness | None = None) -> Form:
    t = place.t
    return Form(
        heading=t("Parameter angeben", "Set the parameters"),
        lead=f"{setting.title} {setting.now.version}",
        button=t("Speichern", "Save"),
        back=setting.path,
        crumbs=place.own_way((setting.title, setting.path)),
        fields=tuple(entry.field for entry in setting.entries),
        template="parameters.html",
        facts={
            "revision": len(setting.documents),
            "secrets": setting.secrets,
            "ready": ready,
            "labels": {entry.field.place: entry.field.label for entry in setting.entries},
        },
    )


@get(both("/nachnutzungen/{reuse_id:uuid}/parameter"), opt={COSTLY: True})
async def get_parameters(request: AnyRequest, reuse_id: UUID) -> Page:
    """The form with what is set, and what is still missing."""
    setting, place = await _read(request, reuse_id), place_of(request)
    workers: Workers = request.app.state.workers
    ready = await readiness(workers, setting.asked, setting.text, place.language)
    given = texts_in(setting.document, setting.entries)
    return form_page(request, _form(place, setting, ready), given)


@post(both("/nachnutzungen/{reuse_id:uuid}/parameter"), **_COSTLY)
async def post_parameters(request: AnyRequest, reuse_id: UUID) -> Page:
    """Sets what was changed; not over what another has set meanwhile."""
    setting, given = await _read(request, reuse_id), await given_by(request)

    def then(changed: bool) -> Page:
        return leave(request, f"{setting.path}/parameter", "recorded" if changed else "unchanged")

    form = _form(place_of(request), setting)
    return await attempt(request, form, given, partial(_set, request, setting, given), then)


async def _set(request: AnyRequest, setting: Setting, given: Given) -> bool:
    document = setting.changed(given)
    await require_settable(request.app.state.workers, setting.asked, document)
    database: Database = request.app.state.database
    async with database.writes.acquire() as conn, begin(conn, person_of(request)) as tx:
        known = await store.documents(tx, setting.now.reuse_id)
        same = bool(known) and known[-1].document.encode() == document
        if not same and given.get(_REVISION) != [str(len(known))]:
            raise StaleState
        return await put_parameters(tx, setting.now, document)


HANDLERS = (get_parameters, post_parameters)
