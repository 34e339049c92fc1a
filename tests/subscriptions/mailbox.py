"""A mail server in a process of its own, and what came to it."""

import email
import email.policy
import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from registry.subscriptions.mailing import Mailer
from registry.subscriptions.post import Post
from tests.client import ApiClient
from tests.subscriptions.mail_server import REFUSED

ROOT = Path(__file__).parents[2]


class Mailbox:
    """What came to a mail server, in order; and whom it is told to refuse."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._folder = folder

    @property
    def came(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for file in sorted(self._folder.glob("*.eml"))
        ]

    def refuse(self, address: str, answer: str) -> None:
        """From now on answer so, where something is for this address."""
        (self._folder / REFUSED).write_text(json.dumps({address: answer}))

    def text(self, number: int = -1) -> str:
        """The text of a mail, the last unless another is asked for."""
        return self.came[number].get_content().replace("\r\n", "\n")

    def empty(self) -> None:
        """Forget all."""
        for file in self._folder.iterdir():
            file.unlink()


@contextmanager
def mailbox(folder: Path) -> Generator[Mailbox]:
    command = [sys.executable, "-m", "tests.subscriptions.mail_server", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield Mailbox(f"smtp+plain://127.0.0.1:{int(process.stdout.readline())}", folder)
        finally:
            process.terminate()


async def write_mails(api: ApiClient, box: Mailbox, *, daily: bool = False) -> None:
    """Write to all addresses that are due; `daily`: as if the morning had come."""
    if daily:
        await api.owner.execute("update mail_states set digest_at = now(), next_at = now()")
    transport: Any = api.http._transport
    state = transport.app.state
    post = Post(box.url, "register@register.example")
    await Mailer(state.database, post, state.secret, (state.log, state.tail)).send_all()
