"""What the log keeps outside the database: the keys that sign it, and the last that was signed.

Both are files in the data folder. The second one is what a database brought back from an older
backup is found out by, so a backup of the database must not contain it.
"""

import secrets
from pathlib import Path
from typing import NamedTuple

from registry.audit.notes import BadKey, Checkpoint, Signer, read_checkpoint
from registry.errors import SetupProblem
from registry.files import make_once, replace
from registry.settings import Settings


def key_path(settings: Settings) -> Path:
    """The key file: the one that is set, or `log_key` in the data folder."""
    return Path(settings.log_key) if settings.log_key else settings.data_path / "log_key"


def mark_path(settings: Settings) -> Path:
    """The file with the last signed checkpoint."""
    return settings.data_path / "log_checkpoint"


def new_signer(settings: Settings) -> Signer:
    """A new key under the origin that is set, or under one that no other log has."""
    try:
        return Signer.new(settings.log_origin or f"efa-registry/{secrets.token_hex(8)}")
    except BadKey as error:
        raise SetupProblem(f"EFA_LOG_ORIGIN: {error}.") from None


def signers(settings: Settings) -> list[Signer]:
    """The keys of this installation, made at the first start; the first one names the origin."""
    path = key_path(settings)
    try:
        if not path.exists() and not settings.log_key:
            make_once(path, f"{new_signer(settings).line}\n".encode())
        return read_signers(path)
    except OSError as error:
        raise SetupProblem(f"The key file {path} cannot be used: {error.strerror}.") from None


def public_keys(settings: Settings) -> list[str]:
    """The public keys this installation has signed under, the present one first."""
    return list(dict.fromkeys(str(signer.verifier) for signer in all_signers(settings)))


def all_signers(settings: Settings) -> list[Signer]:
    """The keys this host has, former ones included; none is made."""
    path = key_path(settings)
    files = [path, *sorted(path.parent.glob(f"{path.name}.*"))]
    return [signer for file in files if file.exists() for signer in read_signers(file)]


def read_signers(path: Path) -> list[Signer]:
    """The keys a file holds, one a line."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
        found = [Signer.read(line) for line in lines if line.strip()]
    except (BadKey, UnicodeDecodeError) as error:
        raise SetupProblem(f"The key file {path} cannot be read: {error}.") from None
    if not found:
        raise SetupProblem(f"The key file {path} is empty; bring back the one that was lost.")
    return found


class Mark(NamedTuple):
    """The last signed checkpoint as it is kept outside the database."""

    path: Path

    def read(self) -> Checkpoint | None:
        """What was signed last; None where nothing was yet."""
        try:
            return read_checkpoint(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SetupProblem(f"The file {self.path} cannot be read: {error.strerror}.") from None
        except ValueError:
            raise SetupProblem(
                f"The file {self.path} is damaged. It holds the last checkpoint that was signed; "
                "put one that was published in its place."
            ) from None

    def write(self, note: str) -> None:
        """Keep what was signed; on disk before this returns."""
        replace(self.path, note.encode())
