"""A mail server as an operator would run one; it refuses whom it is told to."""

import asyncio
import email
import email.policy
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP

from registry.subscriptions.mailing import Mailer
from registry.subscriptions.post import Post
from tests.client import ApiClient


class Mailbox:
    """Keeps what came."""

    def __init__(self) -> None:
        self.came: list[EmailMessage] = []
        self.refuses: dict[str, str] = {}
        self.url = ""

    async def handle_RCPT(  # noqa: N802 - the name the server looks for
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.came.append(parsed)
        return "250 taken"

    def text(self, number: int = -1) -> str:
        """The text of a mail, the last unless another is asked for."""
        return self.came[number].get_content().replace("\r\n", "\n")


@asynccontextmanager
async def mailbox() -> AsyncGenerator[Mailbox]:
    box = Mailbox()
    loop, smtp = asyncio.get_running_loop(), cast("Any", SMTP)
    server = await loop.create_server(lambda: smtp(box), "127.0.0.1", 0)
    box.url = f"smtp+plain://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()


async def write_mails(api: ApiClient, box: Mailbox, *, daily: bool = False) -> None:
    """Write to all addresses that are due; `daily`: as if the morning had come."""
    if daily:
        await api.owner.execute("update mail_states set digest_at = now(), next_at = now()")
    transport: Any = api.http._transport
    state = transport.app.state
    post = Post(box.url, "register@register.example")
    await Mailer(state.database, post, state.secret, (state.log, state.tail)).send_all()
