"""Recording many reuses by one file: all rows or none, with what is wrong by line and column."""

from litestar import get, post

from registry.db import Tx
from registry.errors import Fault
from registry.identity.door import COSTLY
from registry.reuse import batches
from registry.reuse.batches import COLUMNS, MAX_ROWS, BatchOutcome
from registry.site.forms import Field, Form, Given, InvalidForm
from registry.site.rendering import Place
from registry.site.reuse_forms import columns
from registry.site.routes.answers import Page, both, place_of
from registry.site.routes.filling import SENT, carry_out, file_of, form_page, leave, person_of
from registry.web.requests import AnyRequest
from registry.web.tables import CSV

_FILE = "file"
_COSTLY = SENT | {"opt": SENT["opt"] | {COSTLY: True}}


def _form(place: Place) -> Form:
    t, most = place.t, place.number(MAX_ROWS)
    field = Field(
        name=_FILE,
        label=t("Datei", "File"),
        hint=t(
            f"CSV, höchstens {most} Zeilen. Aus Excel: „Speichern unter“, Dateityp „CSV UTF-8“.",
            f"CSV, {most} lines at most. From Excel: “Save as”, type “CSV UTF-8”.",
        ),
        kind="file",
        required=True,
    )
    return Form(
        heading=t("Nachnutzungen aus einer Datei eintragen", "Record reuses from a file"),
        lead=t(
            "Alle Zeilen werden eingetragen oder keine. Was schon eingetragen ist, wird nicht noch "
            "einmal eingetragen.",
            "All lines are recorded or none. What is recorded already is not recorded again.",
        ),
        button=t("Prüfen und eintragen", "Check and record"),
        back="/meine-stelle",
        crumbs=place.own_way(),
        fields=(field,),
        places={"invalid-table": _FILE},
        template="batch.html",
        facts={"columns": columns(place, COLUMNS)},
        lines_apart=True,
    )


@get(both("/nachnutzungen/datei"))
async def get_file(request: AnyRequest) -> Page:
    """The form for a file, with the columns it may have."""
    person_of(request)
    return form_page(request, _form(place_of(request)), {})


@post(both("/nachnutzungen/datei"), **_COSTLY)
async def post_file(request: AnyRequest) -> Page:
    """Records the file."""
    content = await file_of(request, _FILE)

    async def act(tx: Tx, _given: Given) -> BatchOutcome:
        if not content:
            raise InvalidForm(Fault(f"/{_FILE}", "left-empty"))
        return await batches.record(tx, await batches.read(content, CSV))

    def then(done: BatchOutcome) -> Page:
        return leave(request, "/meine-stelle", "batch", done.recorded, done.unchanged)

    return await carry_out(request, _form(place_of(request)), act, then)


HANDLERS = (get_file, post_file)
