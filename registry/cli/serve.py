"""`efa serve`: from nothing to the first answered request, with progress on the way."""

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

import msgspec
import uvicorn
from uvicorn.supervisors import Multiprocess

from registry.app import installation_secret
from registry.audit.standing import Condition
from registry.cli import installation
from registry.cli.load import load
from registry.cli.progress import step
from registry.db import begin, connected
from registry.db.embedded import EmbeddedPostgres
from registry.errors import SetupProblem
from registry.identity.actions import create_first_token
from registry.identity.operator import operator
from registry.settings import SETTINGS_VARIABLE, Settings
from registry.web.logs import configure_logs

_WATCH_SECONDS = 0.5


def run(settings: Settings, *, demo: bool) -> None:
    """Serve until stopped; the port is taken first, so that a busy one is told at once."""
    configure_logs(settings.log_level)
    listening = listen(settings.host, settings.port)
    with installation.started(settings) as (ready, server):
        with step("Migrating"):
            installation.migrate_now(ready)
        token = _bring_in(ready, demo=demo)
        installation_secret(ready)
        _greet(listening, token)
        _serve(ready, listening, server)


def _bring_in(settings: Settings, *, demo: bool) -> str | None:
    """Load what is missing, unless nothing may be changed; returns the first token, if made."""
    standing = asyncio.run(Condition().examine_database(settings))
    if standing != "fine":
        print(f"READ-ONLY: the database is {standing}; see `efa log new-origin`.", flush=True)
        return None
    load(settings, folder=None, demo=demo)
    return asyncio.run(first_token(settings))


def listen(host: str, port: int) -> socket.socket:
    """The bound socket, not yet listening; refuses a busy port with a clear word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SetupProblem(_why_not(host, port, error)) from None
    listening.set_inheritable(True)
    return listening


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; choose another with --port or EFA_PORT."
    return f"Cannot listen on {host}:{port}: {error.strerror}."


def _greet(listening: socket.socket, token: str | None) -> None:
    host, port = listening.getsockname()[:2]
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    print(f"The registry answers at {address}", flush=True)
    print(f"  try: curl '{address}/v1/services?q=Wohngeld'", flush=True)
    print(f"       curl '{address}/v1/organisations?q=muelheim'", flush=True)
    if token:
        print(f"  token for changes, shown only now: {token}", flush=True)
    print("  stop: Ctrl-C", flush=True)


async def first_token(settings: Settings) -> str | None:
    """The operator's token, made when there is none yet."""
    async with connected(settings.database_url) as conn, begin(conn, operator()) as tx:
        return await create_first_token(tx)


def _serve(settings: Settings, listening: socket.socket, server: EmbeddedPostgres | None) -> None:
    os.environ[SETTINGS_VARIABLE] = msgspec.json.encode(settings).decode()
    config = uvicorn.Config(
        "registry.cli.worker:create_worker",
        factory=True,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
    )
    if settings.workers == 1:
        single = uvicorn.Server(config)
        with _ending_with(server, lambda: setattr(single, "should_exit", True)):
            single.run(sockets=[listening])
    else:
        several = Multiprocess(config, sockets=[listening])
        with _ending_with(server, several.should_exit.set):
            several.run()


@contextmanager
def _ending_with(server: EmbeddedPostgres | None, end: Callable[[], None]) -> Generator[None]:
    """Call `end` when the embedded server is gone, so that whoever started us starts us again."""
    if server is None:
        with suppress(KeyboardInterrupt):
            yield
        return
    done, lost = threading.Event(), threading.Event()

    def watch() -> None:
        while not done.wait(_WATCH_SECONDS):
            if not server.running:
                lost.set()
                end()
                return

    threading.Thread(target=watch, daemon=True).start()
    try:
        with suppress(KeyboardInterrupt):  # Ctrl-C is how a server ends well
            yield
    finally:
        done.set()
    if lost.is_set():
        raise SetupProblem("The embedded PostgreSQL ended unexpectedly; start `efa serve` again.")
