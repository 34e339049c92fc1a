"""The embedded server as the program sees it: start, addresses of the roles, stop."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode

from registry.db.embedded.account import account_for
from registry.db.embedded.binaries import Binaries, find_binaries, keep, reachable
from registry.db.embedded.cluster import clusters, major_of, make_cluster
from registry.db.embedded.server import PORT, Server, ready_socket_of
from registry.errors import SetupProblem


class DataFromOtherMajor(SetupProblem):
    """The data belong to another major of PostgreSQL than the programs."""


class DataDirectory:
    """The folder of the embedded server, held by one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = -1

    def take(self) -> None:
        """Create and lock the folder; refuses while another process holds it."""
        if self._lock >= 0:
            return
        _make_folder(self.path)
        lock = _opened(self.path / "lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(lock, 20).decode()
            os.close(lock)
            raise SetupProblem(
                f"The data in {self.path} are in use by process {holder or 'unknown'}; "
                "stop it, or set EFA_DATA_DIR to another folder."
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        self._lock = lock

    @property
    def taken(self) -> bool:
        """Whether a process holds the folder."""
        try:
            lock = os.open(self.path / "lock", os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(lock)
        return False

    def release(self) -> None:
        """Let another process have it."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


class EmbeddedPostgres:
    """PostgreSQL on the data in `data_dir`, gone when this process is.

    Start it on the main thread. `bin_dir` names other programs than the wheel's. Without `durable`
    committed changes may be lost when the machine fails: for tests.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        bin_dir: Path | None = None,
        durable: bool = True,
        connections: int = 100,
    ) -> None:
        self._directory = DataDirectory(data_dir.absolute())
        self._bin_dir = bin_dir
        self._durable = durable
        self._connections = connections
        self._server: Server | None = None

    @property
    def running(self) -> bool:
        return self._server is not None and self._server.running

    @property
    def socket_dir(self) -> Path:
        """The private folder of the server's socket."""
        if self._server is None:
            raise SetupProblem("The embedded PostgreSQL is not running.")
        return self._server.socket_dir

    def start(self) -> None:
        """Start the server, made anew when there are no data; does nothing while it runs."""
        if self.running:
            return
        self._directory.take()
        try:
            self._server = self._prepare()
            self._server.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server and let others have the data."""
        if self._server:
            self._server.stop()
            self._server = None
        self._directory.release()

    def dsn(self, role: str, database: str = "efa") -> str:
        """The address for `role`, with `postgres` as the superuser."""
        return address(self.socket_dir, role, database)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _prepare(self) -> Server:
        data_dir = self._directory.path
        binaries = find_binaries(self._bin_dir)
        existing = clusters(data_dir)
        require_same_major(existing, binaries)
        account = account_for(data_dir, existing)
        usable = reachable(binaries, data_dir, account)
        cluster = data_dir / f"pg{binaries.major}"
        if not existing:
            make_cluster(usable, cluster, account, durable=self._durable)
        if self._durable:
            keep(binaries, data_dir)
        return Server(
            usable, cluster, account, durable=self._durable, connections=self._connections
        )


def served_by_another(data_dir: Path) -> Path | None:
    """The socket folder of the server that a process already runs on these data."""
    found = clusters(data_dir)
    if not found or not DataDirectory(data_dir).taken:
        return None
    return ready_socket_of(found[-1])


def address(socket_dir: Path, role: str, database: str = "efa") -> str:
    """A URL for asyncpg; it names the port, as the environment might name another."""
    place = urlencode({"host": str(socket_dir), "port": PORT})
    return f"postgresql://{quote(role)}@/{quote(database)}?{place}"


def require_same_major(existing: list[Path], binaries: Binaries) -> None:
    """Refuse data of another major; the newest cluster is the one in use."""
    if not existing or major_of(existing[-1]) == binaries.major:
        return
    made_by = major_of(existing[-1])
    advice = (
        "run `efa upgrade-data` once"
        if made_by < binaries.major
        else f"use the programs of PostgreSQL {made_by} (EFA_POSTGRES_BIN)"
    )
    raise DataFromOtherMajor(
        f"The data in {existing[-1]} are from PostgreSQL {made_by}, the programs are "
        f"{binaries.version}: {advice}."
    )


def _make_folder(path: Path) -> None:
    """Folders on the way may be entered by others when we are root: the server is not root."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        for folder in reversed([path, *path.parents]):
            if not folder.exists():
                folder.mkdir(exist_ok=True)
                folder.chmod(mode)
    except OSError as error:
        raise _unusable(path, error) from None


def _opened(lock: Path) -> int:
    try:
        return os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unusable(lock.parent, error) from None


def _unusable(path: Path, error: OSError) -> SetupProblem:
    return SetupProblem(
        f"{path} cannot hold the data of the registry ({error.strerror}); "
        "set EFA_DATA_DIR to another folder."
    )
