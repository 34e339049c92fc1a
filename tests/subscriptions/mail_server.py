"""A mail server as an operator would run one: `python -m tests.subscriptions.mail_server FOLDER`.

Says its port in a line, keeps each mail in a file, and refuses whom `refused.json` names.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP

REFUSED = "refused.json"


class Kept:
    """Keeps what comes in the folder; on disk before it says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    async def handle_RCPT(  # noqa: N802 - the name the server looks for
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        refused = self._folder / REFUSED
        answers: dict[str, str] = json.loads(refused.read_text()) if refused.exists() else {}
        if address in answers:
            return answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self._count += 1
        part = self._folder / "part"
        part.write_bytes(envelope.content)
        part.rename(self._folder / f"{self._count:06}.eml")
        return "250 taken"


async def serve(folder: Path) -> None:
    kept, smtp = Kept(folder), cast("Any", SMTP)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: smtp(kept), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - whoever starts it reads it
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
