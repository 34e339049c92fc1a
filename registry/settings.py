"""Settings, read once from the environment into a frozen Struct."""

import difflib
import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from registry.errors import SetupProblem

# What one process hands to its workers; nobody sets it.
SETTINGS_VARIABLE = "EFA_WORKER_SETTINGS"
# What the commands of publishers read; a server may run in the same environment.
CLIENT_VARIABLES = ("EFA_REGISTRY_URL", "EFA_TOKEN", "EFA_ID_TOKEN")

_PREFIX = "EFA_"
_SHORTEST_SECRET = 32
_ORIGIN = re.compile(
    r"(https://[a-z0-9.-]{1,253}|http://(127\.0\.0\.1|localhost|\[::1\]))(:[1-9][0-9]{0,4})?"
)

Port = Annotated[int, Meta(ge=0, le=65_535)]
Workers = Annotated[int, Meta(ge=1, le=64)]
PoolSize = Annotated[int, Meta(ge=1, le=100)]
Milliseconds = Annotated[int, Meta(ge=100, le=3_600_000)]
Bytes = Annotated[int, Meta(ge=1_000, le=1_000_000_000)]
PerMinute = Annotated[int, Meta(ge=0, le=1_000_000)]
Days = Annotated[int, Meta(ge=1, le=3_650)]
Minutes = Annotated[int, Meta(ge=1, le=1_440)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting of the server; the environment variable is `EFA_` and the upper-case name.

    The three addresses of roles are empty with the embedded PostgreSQL, which makes its own.
    `sequencer_url` falls back to the owner's, `reader_url` to the app's.
    """

    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Workers = 1
    data_dir: str = ""
    postgres_bin: str = ""
    database_url: str = ""
    owner_url: str = ""
    sequencer_url: str = ""
    reader_url: str = ""
    pool_size: PoolSize = 6
    statement_timeout_ms: Milliseconds = 10_000
    max_body_bytes: Bytes = 8_000_000
    trusted_proxies: str = ""
    rate_limit: PerMinute = 600
    costly_rate_limit: PerMinute = 60
    security_log_days: Days = 90
    delivery_days: Days = 365
    egress_allowed: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    ci_issuers: str = ""
    ci_audience: str = ""
    public_url: str = ""
    sign_in_secrets: str = ""
    session_minutes: Minutes = 600
    session_idle_minutes: Minutes = 30
    secret: str = ""
    log_key: str = ""
    log_origin: str = ""
    security_contact: str = ""
    operator: str = ""
    operator_contact: str = ""
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"

    @property
    def embedded(self) -> bool:
        """Whether the registry runs its own PostgreSQL."""
        return not self.database_url

    @property
    def data_path(self) -> Path:
        """Where the embedded cluster and the keys of this installation live."""
        return Path(self.data_dir) if self.data_dir else default_data_path()

    @property
    def sign_in_path(self) -> Path:
        """The folder with the secrets at sign-in providers, a file for each."""
        given = self.sign_in_secrets
        return Path(given) if given else self.data_path / "sign_in"

    @property
    def encrypted(self) -> bool:
        """Whether people reach the registry by HTTPS; else it is one's own machine."""
        return self.public_url.startswith("https://")


def default_data_path() -> Path:
    """The user's data directory; root's lies where the unprivileged server process can reach it."""
    if os.name == "posix" and os.geteuid() == 0:
        return Path("/var/lib/efa-registry")
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "efa-registry"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of `environment`; an empty variable counts as unset.

    Refuses values of the wrong kind and variables that are no setting, naming the variable: a
    misspelt address must not start a server of our own.
    """
    kinds = {_variable(field.name): field for field in msgspec.structs.fields(Settings)}
    given = {name: text for name, text in environment.items() if name.startswith(_PREFIX) and text}
    for name in (SETTINGS_VARIABLE, *CLIENT_VARIABLES):
        given.pop(name, None)
    for name in given.keys() - kinds.keys():
        raise SetupProblem(_unknown(name, list(kinds)))
    values = {kinds[name].name: _value(name, text, kinds[name]) for name, text in given.items()}
    settings = Settings(**values)
    if settings.ci_issuers and not settings.ci_audience:
        raise SetupProblem("EFA_CI_ISSUERS needs EFA_CI_AUDIENCE, for whom ID tokens are made.")
    if bool(settings.smtp_url) != bool(settings.mail_from):
        raise SetupProblem("EFA_SMTP_URL and EFA_MAIL_FROM are set together, or neither.")
    return settings


def _variable(name: str) -> str:
    return f"{_PREFIX}{name.upper()}"


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else ".")


def _value(variable: str, text: str, field: Any) -> Any:
    try:
        value = msgspec.convert(text, field.type, strict=False)
    except msgspec.ValidationError as error:
        raise SetupProblem(f"{variable} has a value of the wrong kind: {error}.") from None
    require = _REQUIRED.get(field.name)
    if require is not None:
        require(variable, text)
    return value


def _require_length(variable: str, text: str) -> None:
    if len(text) < _SHORTEST_SECRET:
        raise SetupProblem(f"{variable} needs at least {_SHORTEST_SECRET} characters.")


def _require_database(variable: str, text: str) -> None:
    if not text.startswith(("postgresql://", "postgres://")):
        raise SetupProblem(f"{variable} is no address of a PostgreSQL (postgresql://…).")


def _require_mail_server(variable: str, text: str) -> None:
    if not text.startswith(("smtp://", "smtps://", "smtp+plain://")):
        raise SetupProblem(f"{variable} is no mail server: smtp://, smtps:// or smtp+plain://.")


def _require_mail_address(variable: str, text: str) -> None:
    if text.count("@") != 1:
        raise SetupProblem(f"{variable} is no address of mail.")


def _require_public_url(variable: str, text: str) -> None:
    """An origin as browsers tell it: what they send as `Origin` is compared with it."""
    if _ORIGIN.fullmatch(text) is None:
        raise SetupProblem(
            f"{variable} takes https:// and a host, or http:// and this machine "
            f"(http://127.0.0.1:8000), in lower case and without a path; not {text!r}."
        )


def _require_issuers(variable: str, text: str) -> None:
    for part in text.split(","):
        if not part.strip().startswith(("https://", "http://")) or part.strip().endswith("/"):
            raise SetupProblem(
                f"{variable} takes addresses (https://gitlab.example), by commas; not {part!r}."
            )


def _require_ranges(variable: str, text: str) -> None:
    for part in text.split(","):
        try:
            ipaddress.ip_network(part.strip())
        except ValueError:
            raise SetupProblem(
                f"{variable} takes ranges of addresses (10.0.0.0/8), by commas; not {part!r}."
            ) from None


_REQUIRED: dict[str, Callable[[str, str], None]] = {
    "secret": _require_length,
    "trusted_proxies": _require_ranges,
    "egress_allowed": _require_ranges,
    "smtp_url": _require_mail_server,
    "mail_from": _require_mail_address,
    "ci_issuers": _require_issuers,
    "public_url": _require_public_url,
    "database_url": _require_database,
    "owner_url": _require_database,
    "sequencer_url": _require_database,
    "reader_url": _require_database,
}
"""What the text of a setting must be beyond its type."""
