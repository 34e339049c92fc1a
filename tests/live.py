"""The server as a process of its own, for tests that need real sockets."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from registry.settings import SETTINGS_VARIABLE, Settings


@contextmanager
def live_server(
    settings: Settings, log: Path | None = None, *, signing_in: bool = False
) -> Generator[str]:
    """The address of a running server over the database of `settings`; `log` takes its lines.

    With `signing_in` it is told its address, and so offers people to sign in.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    if signing_in:
        settings = msgspec.structs.replace(settings, public_url=f"http://127.0.0.1:{port}")
    environment = os.environ | {SETTINGS_VARIABLE: msgspec.json.encode(settings).decode()}
    command = [sys.executable, "-m", "uvicorn", "registry.cli.worker:create_worker", "--factory"]
    options = [
        "--port",
        str(port),
        "--no-access-log",
        "--log-level",
        "error",
        "--http",
        "httptools",
    ]
    lines = log.open("wb") if log else None
    process = subprocess.Popen([*command, *options], env=environment, stderr=lines)
    try:
        _wait(process, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        if lines:
            lines.close()


def _wait(process: "subprocess.Popen[bytes]", address: str) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended early"
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(address)
