"""Giving mails to the server that sends them (SMTP), and what it says to them."""

import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib
import msgspec

_SECONDS = 30.0
_PORTS = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_FOR_GOOD = 500


class Said(msgspec.Struct, frozen=True):
    """What the server said: its code, and whether it took the mail, or never will."""

    code: int | None
    reason: str

    @property
    def taken(self) -> bool:
        return self.reason == "delivered"

    @property
    def refused(self) -> bool:
        """Whether the address takes no mail, now or later (RFC 5321, 4.2.1)."""
        return self.reason == "refused"


class Post:
    """A mail server by its address: `smtp` (STARTTLS), `smtps` (TLS) or `smtp+plain` (none)."""

    def __init__(self, url: str, sender: str) -> None:
        self.sender = sender
        self._url = urlsplit(url)

    async def send(self, mail: EmailMessage) -> Said:
        """Give a mail to the server; a failure is an answer."""
        url = self._url
        try:
            await aiosmtplib.send(
                mail,
                hostname=url.hostname,
                port=url.port or _PORTS[url.scheme],
                username=unquote(url.username) if url.username else None,
                password=unquote(url.password) if url.password else None,
                use_tls=url.scheme == "smtps",
                start_tls=url.scheme == "smtp",
                timeout=_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            code = refusal.recipients[0].code if refusal.recipients else 0
            return Said(code, "refused" if code >= _FOR_GOOD else "failed")
        except aiosmtplib.SMTPResponseException as error:
            return Said(error.code, "failed")
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError) as error:
            return Said(None, type(error).__name__)
        return Said(250, "delivered")
