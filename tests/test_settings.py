"""Settings: a value that cannot be meant stops the start and names its variable."""

from pathlib import Path

import pytest

from registry.app import installation_secret
from registry.db import connections_needed
from registry.errors import SetupProblem
from registry.settings import SETTINGS_VARIABLE, Settings, read_settings


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("EFA_PORT", "many"),
        ("EFA_PORT", "65536"),
        ("EFA_WORKERS", "0"),
        ("EFA_POOL_SIZE", "x"),
        ("EFA_POOL_SIZE", "0"),
        ("EFA_STATEMENT_TIMEOUT_MS", "0"),
        ("EFA_MAX_BODY_BYTES", "-1"),
        ("EFA_LOG_LEVEL", "loud"),
        ("EFA_SECRET", "short"),
        ("EFA_PUBLIC_URL", "http://registry.example"),
        ("EFA_PUBLIC_URL", "https://registry.example/"),
        ("EFA_PUBLIC_URL", "https://Registry.example"),
        ("EFA_PUBLIC_URL", "http://127.0.0.1.example:8000"),
        ("EFA_PUBLIC_URL", "https://user@registry.example"),
        ("EFA_SESSION_MINUTES", "0"),
        ("EFA_DATABASE_URL", "mysql://localhost/efa"),
        ("EFA_DATABSE_URL", "postgresql://localhost/efa"),
    ],
)
def test_a_wrong_setting_is_named(variable: str, value: str) -> None:
    with pytest.raises(SetupProblem, match=variable):
        read_settings({variable: value})


def test_other_variables_and_empty_ones_do_not_count() -> None:
    environment = {"EFA_PORT": "", "PATH": "/bin", SETTINGS_VARIABLE: "{}", "EFA_WORKERS": "3"}
    assert read_settings(environment) == Settings(workers=3)


def test_a_server_of_ours_has_room_for_all_pools() -> None:
    settings = Settings(workers=64, pool_size=8)
    assert connections_needed(settings) > 3 * 64 * 8


def test_the_secret_is_made_once_and_never_cut_short(tmp_path: Path) -> None:
    settings = Settings(data_dir=str(tmp_path))
    secret = installation_secret(settings)
    assert len(secret) == 32
    assert installation_secret(settings) == secret
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    (tmp_path / "secret").write_bytes(b"")
    with pytest.raises(SetupProblem, match="cut short"):
        installation_secret(settings)
