"""What an event says, in one line for people: the titles of feeds and the lines of mails."""

from registry.audit.model import Event
from registry.subscriptions.model import topic_of
from registry.web.language import Language

_WORDS: dict[str, dict[Language, str]] = {
    "versions.publish": {
        "de": "{service}: Version {version} ist erschienen",
        "en": "{service}: version {version} is out",
    },
    "impact.deprecate": {
        "de": "{service}: Version {version} ist abgekündigt",
        "en": "{service}: version {version} is deprecated",
    },
    "impact.revoke": {
        "de": "{service}: Version {version} ist zurückgezogen",
        "en": "{service}: version {version} is revoked",
    },
    "catalogue.put_service": {
        "de": "{service}: Angaben zum Dienst geändert",
        "en": "{service}: the service is described anew",
    },
    "reuse.start": {"de": "{service}: neue Nachnutzung", "en": "{service}: a new reuse"},
    "usage.record": {"de": "{service}: neue Fallzahlen", "en": "{service}: new counts of use"},
}
_REUSE: dict[Language, str] = {
    "de": "{service}: eine Nachnutzung hat sich geändert",
    "en": "{service}: a reuse has changed",
}
_OTHER: dict[Language, str] = {"de": "{subject}: {action}", "en": "{subject}: {action}"}


def sentence(event: Event, language: Language, service: str | None = None) -> str:
    """What happened; `service` is that of a reuse, whose subject does not name it."""
    topic = topic_of(event.action, event.subject)
    known = topic.service or service
    words = _WORDS.get(event.action, _REUSE if topic.reuse else _OTHER)
    if known is None and words is not _OTHER:
        words = _OTHER
    return words[language].format(
        service=known, version=topic.version, subject=event.subject, action=event.action
    )
