"""Pages that are texts: accessibility, privacy, imprint, Leichte Sprache, sources and licences."""

from typing import Any

from litestar import get

from registry.organisations.model import ATTRIBUTION
from registry.settings import Settings
from registry.site.routes.answers import Page, both, page
from registry.web.requests import AnyRequest


def _text(request: AnyRequest, template: str, **facts: Any) -> Page:
    settings: Settings = request.app.state.settings
    return page(
        request, template, operator=settings.operator, contact=settings.operator_contact, **facts
    )


@get(both("/barrierefreiheit"))
async def get_accessibility(request: AnyRequest) -> Page:
    """The accessibility statement."""
    return _text(request, "accessibility.html")


@get(both("/barriere-melden"))
async def get_barrier(request: AnyRequest) -> Page:
    """Whom to tell of a barrier."""
    return _text(request, "barrier.html")


@get(both("/leichte-sprache"))
async def get_easy_language(request: AnyRequest) -> Page:
    """What this is, in Leichte Sprache."""
    return _text(request, "easy.html")


@get(both("/datenschutz"))
async def get_privacy(request: AnyRequest) -> Page:
    """What is stored of readers."""
    days = request.app.state.settings.security_log_days
    return _text(request, "privacy.html", days=days)


@get(both("/impressum"))
async def get_imprint(request: AnyRequest) -> Page:
    """Who runs this."""
    return _text(request, "imprint.html")


@get(both("/quellen"))
async def get_sources(request: AnyRequest) -> Page:
    """Where the data come from, and under which terms."""
    return _text(request, "sources.html", attribution=ATTRIBUTION)


HANDLERS = (
    get_accessibility,
    get_barrier,
    get_easy_language,
    get_privacy,
    get_imprint,
    get_sources,
)
