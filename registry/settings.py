"""Settings, read once from the environment into a frozen Struct."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from registry.errors import SetupProblem


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the server; the environment variable is `EFA_` and the upper-case name.

    The three addresses of roles are empty with the embedded PostgreSQL, which makes its own.
    `sequencer_url` falls back to the owner's, `reader_url` to the app's.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    public_url: str = ""
    data_dir: str = ""
    postgres_bin: str = ""
    database_url: str = ""
    owner_url: str = ""
    sequencer_url: str = ""
    reader_url: str = ""
    pool_size: int = 6
    statement_timeout_ms: int = 10_000
    max_body_bytes: int = 8_000_000
    secret: str = ""
    security_contact: str = ""
    log_level: str = "info"

    @property
    def embedded(self) -> bool:
        """Whether the registry runs its own PostgreSQL."""
        return not self.database_url

    @property
    def data_path(self) -> Path:
        """Where the embedded cluster and the keys of this installation live."""
        return Path(self.data_dir) if self.data_dir else default_data_path()

    def link(self, path: str) -> str:
        """`path` as callers reach it: absolute when a public address is set."""
        return self.public_url.rstrip("/") + path


def default_data_path() -> Path:
    """The user's data directory; root's lies where the unprivileged server process can reach it."""
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/efa-registry")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "efa-registry"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of `environment`; refuses values of the wrong kind, naming the variable."""
    given = {
        name: environment[f"EFA_{name.upper()}"]
        for name in Settings.__struct_fields__
        if environment.get(f"EFA_{name.upper()}")
    }
    try:
        return msgspec.convert(given, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise SetupProblem(f"A setting (EFA_…) has a value of the wrong kind: {error}.") from None
