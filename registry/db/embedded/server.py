"""One `postgres` process on one cluster: its start, the traces of an earlier life, its end."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from registry.db.embedded.account import Account
from registry.db.embedded.binaries import Binaries
from registry.db.embedded.cluster import environment
from registry.db.embedded.leash import Leashed
from registry.errors import SetupProblem

PORT = 5432  # names the socket; nothing listens on TCP

_LONGEST_SOCKET = 103  # bytes of sun_path: 107 on Linux, 103 on macOS
_ATTEMPT_SECONDS = 10.0
_PAUSE_SECONDS = 0.2
_POLL_SECONDS = 0.005
_FEWEST_CONNECTIONS = 100
_SOCKET_FOLDER = "efa-pg-"

# Backends of a killed server hold its shared memory until they notice; a new start then fails.
_PASSING = ("shared memory block", 'lock file "postmaster.pid" already exists')

_SETTINGS = (
    "listen_addresses=",
    f"port={PORT}",
    "unix_socket_permissions=0700",
    "logging_collector=off",
    "log_destination=stderr",
    "log_checkpoints=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "jit=off",
)
_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Server:
    """`postgres` on the data in `cluster`, reachable through a socket in `socket_dir` only."""

    def __init__(
        self,
        binaries: Binaries,
        cluster: Path,
        account: Account,
        *,
        durable: bool = True,
        connections: int = 100,
    ) -> None:
        self.cluster = cluster
        self.socket_dir = Path()
        self._binaries = binaries
        self._account = account
        self._settings = (*_SETTINGS, f"max_connections={max(connections, _FEWEST_CONNECTIONS)}")
        if not durable:
            self._settings += _FORGETFUL
        self.log = cluster.with_name(f"{cluster.name}.log")
        self._socket_note = _socket_note(cluster)
        self._process: Leashed | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.running

    def start(self) -> None:
        """Start and wait until connections are accepted, however long a recovery takes."""
        self._tidy_up()
        self.socket_dir = _socket_folder(self._account)
        self._socket_note.write_text(str(self.socket_dir))
        deadline = time.monotonic() + _ATTEMPT_SECONDS
        try:
            while not self._is_up_after_launch(last=time.monotonic() > deadline):
                time.sleep(_PAUSE_SECONDS)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process, if it runs, and remove the socket's folder."""
        if self._process:
            self._process.end()
            self._process = None
        _remove_socket_folder(self.socket_dir)
        self._socket_note.unlink(missing_ok=True)

    def _is_up_after_launch(self, *, last: bool) -> bool:
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
        self._process = Leashed(
            [*self._account.prefix, self._binaries.tool("postgres"), *self._arguments()],
            self.log,
            env=environment(),
            **self._account.identity,
        )
        while self._process.running:
            if self._is_ready():
                return True
            time.sleep(_POLL_SECONDS)
        self._explain(last=last)
        return False

    def _arguments(self) -> list[str]:
        settings = (*self._settings, f"unix_socket_directories={self.socket_dir}")
        return ["-D", str(self.cluster), *(part for text in settings for part in ("-c", text))]

    def _is_ready(self) -> bool:
        lines = _pid_file_lines(self.cluster)
        ours = self._process is not None and lines[:1] == [str(self._process.pid)]
        return ours and _says_ready(lines)

    def _explain(self, *, last: bool) -> None:
        """Refuse with the server's own word unless the cause passes by itself."""
        said = self.log.read_text(errors="replace")
        if not last and any(cause in said for cause in _PASSING):
            return
        reasons = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line]
        reason = reasons[-1].partition("  ")[2] if reasons else "it gave no reason"
        raise SetupProblem(f"PostgreSQL does not start: {reason} (see {self.log})")

    def _tidy_up(self) -> None:
        """End a server that outlived its parent, and what it left in the way of a new one."""
        lines = _pid_file_lines(self.cluster)
        pid = int(lines[0]) if lines and lines[0].isdigit() else 0
        if pid:
            _end_orphan(pid, self.cluster)
        if self._socket_note.is_file():
            _remove_socket_folder(Path(self._socket_note.read_text()))
        if pid and is_alive(pid) and _pid_file_lines(self.cluster):
            self._disown_pid_file(lines)

    def _disown_pid_file(self, lines: list[str]) -> None:
        """Another program now has the number of the old server, which would stop the new one.

        The file itself must stay: it names the shared memory that tells of surviving backends.
        PostgreSQL does not take the number of its own parent for a living server.
        """
        text = "\n".join([str(os.getpid()), *lines[1:]]) + "\n"
        flags = os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW
        file = os.open(self.cluster / "postmaster.pid", flags)
        os.write(file, text.encode())
        os.close(file)


def ready_socket_of(cluster: Path) -> Path | None:
    """The socket folder of a server that accepts connections on `cluster`."""
    note = _socket_note(cluster)
    if not note.is_file() or not _says_ready(_pid_file_lines(cluster)):
        return None
    return Path(note.read_text())


def _socket_note(cluster: Path) -> Path:
    return cluster.with_name(f"{cluster.name}.socket")


def _says_ready(lines: list[str]) -> bool:
    """Whether the server has written `ready` as line 8 of its pid file."""
    return len(lines) > 7 and lines[7].strip() == "ready"


def is_alive(pid: int) -> bool:
    """Whether a process has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _end_orphan(pid: int, cluster: Path) -> None:
    """The data directory's lock is ours, so a server still on this cluster has lost its parent."""
    for sign in (signal.SIGINT, signal.SIGQUIT):
        deadline = time.monotonic() + _ATTEMPT_SECONDS
        if _serves(pid, cluster):
            os.kill(pid, sign)
        while _serves(pid, cluster) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)


def _serves(pid: int, cluster: Path) -> bool:
    """Whether process `pid` is a server started on `cluster`."""
    return str(cluster) in _command_line(pid)


def _command_line(pid: int) -> list[str]:
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
        except OSError:
            return []
    shown = subprocess.run(
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.split()


def _pid_file_lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _socket_folder(account: Account) -> Path:
    """A private folder whose path is short enough for a unix socket."""
    for parent in dict.fromkeys((tempfile.gettempdir(), "/tmp")):  # noqa: S108 - the short one
        folder = Path(tempfile.mkdtemp(prefix=_SOCKET_FOLDER, dir=parent))
        account.own(folder)
        short = len(os.fsencode(folder / f".s.PGSQL.{PORT}.lock")) <= _LONGEST_SOCKET
        if short and account.can_reach(folder):
            return folder
        folder.rmdir()
    raise SetupProblem("There is no temporary folder for the socket of PostgreSQL; set TMPDIR.")


def _remove_socket_folder(folder: Path) -> None:
    if folder.name.startswith(_SOCKET_FOLDER):
        shutil.rmtree(folder, ignore_errors=True)
