"""Events as an Atom feed (RFC 4287), in pages (RFC 5005), the newest first."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from registry.audit.cloud import MEDIA_TYPE as EVENT_TYPE
from registry.audit.model import Event
from registry.subscriptions.model import topic_of
from registry.subscriptions.sentences import sentence
from registry.web.language import Language

MEDIA_TYPE = "application/atom+xml"
_NAMESPACE = "http://www.w3.org/2005/Atom"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a feed: what it is about, where it is, and where the page behind it."""

    title: str
    own: str
    first: str
    next: str | None
    events: Sequence[Event]
    services: Mapping[UUID, str]

    @property
    def updated(self) -> datetime:
        """When its newest event was recorded; long ago where there is none."""
        return self.events[0].recorded_at if self.events else _BEGINNING


def written(feed: Feed, language: Language) -> bytes:
    """The feed as XML."""
    root = Element("feed", {"xmlns": _NAMESPACE, "xml:lang": language})
    _text(root, "id", f"urn:uuid:{uuid5(NAMESPACE_URL, feed.first)}")
    _text(root, "title", feed.title)
    _text(root, "updated", _instant(feed.updated))
    _text(SubElement(root, "author"), "name", "EfA-Register")
    SubElement(root, "link", rel="self", type=MEDIA_TYPE, href=feed.own)
    SubElement(root, "link", rel="first", type=MEDIA_TYPE, href=feed.first)
    if feed.next:
        SubElement(root, "link", rel="next", type=MEDIA_TYPE, href=feed.next)
    for event in feed.events:
        _entry(root, event, feed.services, language)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, "utf-8") + b"\n"


def _entry(root: Element, event: Event, services: Mapping[UUID, str], language: Language) -> None:
    topic = topic_of(event.action, event.subject)
    service = topic.service or (services.get(topic.reuse) if topic.reuse else None)
    entry = SubElement(root, "entry")
    _text(entry, "id", f"urn:uuid:{event.id}")
    _text(entry, "title", sentence(event, language, service))
    _text(entry, "updated", _instant(event.recorded_at))
    SubElement(entry, "category", term=event.action)
    if service:
        page = f"/dienste/{service}" if language == "de" else f"/en/dienste/{service}"
        SubElement(entry, "link", rel="alternate", type="text/html", href=page)
    SubElement(entry, "link", rel="related", type=EVENT_TYPE, href=f"/v1/events/{event.id}")
    _text(entry, "summary", f"{event.subject} ({event.action})")


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
