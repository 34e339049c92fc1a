"""One of several server processes: its settings come from the parent, and it ends with it."""

import ctypes
import gc
import os
import signal
import sys
from typing import Any

import msgspec

from registry.app import create_app, installation_secret
from registry.settings import SETTINGS_VARIABLE, Settings
from registry.web.logs import configure_logs

_PR_SET_PDEATHSIG = 1


def create_worker() -> object:
    """The application of one process (uvicorn calls this in each)."""
    settings = msgspec.json.decode(os.environ[SETTINGS_VARIABLE], type=Settings)
    if settings.workers > 1:
        end_with_parent()
    configure_logs(settings.log_level)
    app = create_app(settings, installation_secret(settings))
    app.on_startup += [start_checkers, spare_what_stays]
    return app


async def start_checkers(app: Any) -> None:
    """Start the processes that check schemas before the first request asks for one."""
    await app.state.workers.start()


def spare_what_stays() -> None:
    """Take all that was set up out of garbage collections: a tenth more requests each second."""
    gc.collect()
    gc.freeze()


def end_with_parent() -> None:
    """Ask Linux for a signal when the parent dies, however it dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
