"""The words of mails: plain text, in German. Pure.

Addresses are whole where the registry knows under which one it is reached, so that a mail program
makes links of them; otherwise they are paths.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

from registry.audit.model import Event
from registry.subscriptions.model import topic_of
from registry.subscriptions.sentences import sentence
from registry.subscriptions.store.mailing import Ending

REMINDED_AT = (180, 90, 30, 7)

_QUESTION = """Guten Tag,

eine Stelle möchte, dass diese Adresse einmal am Tag liest, was sich im EfA-Register ändert.

Wenn das so sein soll, tragen Sie dort beim Abonnement {subscription} diesen Code ein:

    {code}

(POST {base}/v1/subscriptions/{subscription}/confirmation mit {{"code": "{code}"}})

Sonst ist nichts zu tun: ohne den Code kommt keine weitere Nachricht.
"""
_FOOT = """
Was für Ihre Stelle zu tun ist, sagen `efa outdated` und {base}/v1/todo
Dass Sie eine Abkündigung gelesen haben, bestätigen Sie mit
POST {base}/v1/events/…/acknowledgement
Sie beenden diese Nachrichten, indem Sie das Abonnement beenden:
DELETE {base}/v1/subscriptions/…
"""


def question(subscription: UUID, code: str, base: str) -> tuple[str, str]:
    """Subject and text of the question whether an address wants to hear."""
    text = _QUESTION.format(subscription=subscription, code=code, base=base)
    return "EfA-Register: bitte bestätigen Sie Ihre Adresse", text


def digest(
    events: Sequence[Event], services: Mapping[UUID, str], endings: Sequence[Ending], base: str
) -> tuple[str, str]:
    """Subject and text of a daily mail."""
    parts = ["Guten Tag,\n"]
    if endings:
        parts.append("diese Versionen nutzt Ihre Stelle, und sie enden:\n")
        parts += [f"- {_ending(one, base)}" for one in endings]
        parts.append("")
    if events:
        parts.append("das ist neu, seit wir zuletzt geschrieben haben:\n")
        parts += [f"- {_event(event, services, base)}" for event in events]
    counts = [f"{len(endings)} endende Versionen"] if endings else []
    counts += [f"{len(events)} Neuigkeiten"] if events else []
    return f"EfA-Register: {', '.join(counts)}", "\n".join([*parts, _FOOT.format(base=base)])


def _ending(one: Ending, base: str) -> str:
    then = f", Nachfolgerin {one.successor}" if one.successor else ""
    said = f"{one.service} {one.version} endet am {one.sunset:%d.%m.%Y} (in {one.left} Tagen){then}"
    return f"{said}\n  {base}/dienste/{one.service}/{one.version}"


def _event(event: Event, services: Mapping[UUID, str], base: str) -> str:
    topic = topic_of(event.action, event.subject)
    service = services.get(topic.reuse) if topic.reuse else None
    said = sentence(event, "de", service)
    return f"{said} ({event.recorded_at:%d.%m.%Y})\n  {base}/v1/events/{event.id}"


def message(
    sender: str, to: str, content: tuple[str, str], at: datetime, name: str
) -> EmailMessage:
    """A mail; sent twice it has the same id, so that it is shown once."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, content[0]
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(content[1])
    return mail
