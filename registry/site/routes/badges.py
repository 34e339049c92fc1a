"""Badges of a service, for the pages of who builds or reuses it; public facts only."""

from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import Parameter

from registry.audit import Moment, moment
from registry.catalogue import store as catalogue
from registry.db import Reads
from registry.errors import NotFound
from registry.organisations import store as organisations
from registry.organisations.model import DEMO_STATE
from registry.reports.store import coverage
from registry.reports.store.coverage import Scope
from registry.reuse.model import OPEN_STAGES
from registry.reuse.store import answers as reuses
from registry.site.badges import Tone, badge
from registry.versions import store as versions
from registry.web.conditional import conditional
from registry.web.language import Language
from registry.web.params import SlugInPath
from registry.web.requests import AnyRequest

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "Cache-Control": "public, max-age=300",
    "Vary": "Accept-Language",
}
_TONES: dict[str, Tone] = {"active": "fine", "deprecated": "warn", "revoked": "bad"}
_WORDS: dict[str, dict[Language, str]] = {
    "version": {"de": "Version", "en": "version"},
    "coverage": {"de": "in Betrieb", "en": "in operation"},
    "states": {"de": "{count} von 16 Ländern", "en": "{count} of 16 Länder"},
    "none": {"de": "keine", "en": "none"},
    "not-recorded": {"de": "nicht erfasst", "en": "not recorded"},
    "not-used": {"de": "nicht genutzt", "en": "not used"},
    "deprecated": {"de": "{version} abgekündigt", "en": "{version} deprecated"},
    "revoked": {"de": "{version} zurückgezogen", "en": "{version} revoked"},
    "active": {"de": "{version}", "en": "{version}"},
}

BodyFile = Annotated[
    str,
    Parameter(pattern=r"^[A-Za-z0-9-]{1,80}\.svg\Z", description="A body's key, and `.svg`."),
]


@get("/badges/services/{slug:str}/{which:str}", tags=["badges"], summary="A badge of a service")
async def get_badge(
    request: AnyRequest,
    reads: Reads,
    language: Language,
    slug: SlugInPath,
    which: Literal["version.svg", "coverage.svg"],
) -> Response[bytes]:
    """The newest version, or in how many Länder the service is in operation, as SVG."""
    at = await moment(reads, None, None)
    await _require_service(reads, slug)
    if which == "version.svg":
        newest = await versions.newest(reads, slug, at)
        text, tone = newest or _WORDS["none"][language], "fine" if newest else "plain"
        return _answer(request, badge(_WORDS["version"][language], text, tone))
    count = await _in_operation(reads, slug, at)
    text = _WORDS["states"][language].format(count=count)
    return _answer(request, badge(_WORDS["coverage"][language], text, "fine" if count else "plain"))


async def _require_service(reads: Reads, slug: str) -> None:
    if not await catalogue.known(reads, [slug]):
        raise NotFound


async def _in_operation(reads: Reads, slug: str, at: Moment) -> int:
    scope = Scope(at=at, service=slug, within=None, demo=True)
    return sum(len(one.live - {DEMO_STATE}) for one in await coverage.signs(reads, scope))


@get(
    "/badges/services/{slug:str}/bodies/{file:str}",
    tags=["badges"],
    summary="A badge of a body's version",
)
async def get_body_badge(
    request: AnyRequest, reads: Reads, language: Language, slug: SlugInPath, file: BodyFile
) -> Response[bytes]:
    """Which version of the service a body uses, and whether that ends, as SVG."""
    at = await moment(reads, None, None)
    await _require_service(reads, slug)
    body = await organisations.resolve(reads, file.removesuffix(".svg"))
    wanted = reuses.Filters(as_of=at.day, service=slug, organisation_id=body.id, demo=True)
    found = await reuses.listed(reads, wanted, None, None, 1)
    label = f"{slug} · {body.name}"
    if not found or found[0].state.stage not in OPEN_STAGES:
        return _answer(request, badge(label, _WORDS["not-used"][language], "plain"))
    number = found[0].state.version
    if number is None:
        return _answer(request, badge(label, _WORDS["not-recorded"][language], "plain"))
    state = (await versions.version(reads, slug, number, None, None)).state
    text = _WORDS[state][language].format(version=number)
    return _answer(request, badge(label, text, _TONES[state]))


def _answer(request: AnyRequest, content: bytes) -> Response[bytes]:
    return conditional(request, content, headers=_HEADERS, media_type="image/svg+xml")


HANDLERS = (get_badge, get_body_badge)
