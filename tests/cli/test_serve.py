"""`efa serve` on an empty data folder: first start, second start, a busy port, and how it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

COMMAND = [sys.executable, "-m", "registry"]


@pytest.fixture(scope="module")
def data_dir() -> Generator[Path]:
    """A data folder the server process may reach even when started by root."""
    with tempfile.TemporaryDirectory(prefix="efa-serve-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


class Served:
    def __init__(self, process: "subprocess.Popen[str]", printed: str, address: str) -> None:
        self.process = process
        self.printed = printed
        self.address = address


@contextmanager
def serve(data_dir: Path, *options: str) -> Generator[Served]:
    """A running `efa serve`, as soon as it says its address."""
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", *options],
        env=os.environ | {"EFA_DATA_DIR": str(data_dir), "EFA_LOG_LEVEL": "error"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        printed = _until(process, "stop: Ctrl-C")
        found = re.search(r"http://127\.0\.0\.1:\d+", printed)
        assert found, printed
        _answering(found[0])
        yield Served(process, printed, found[0])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(30)


def _until(process: "subprocess.Popen[str]", last: str) -> str:
    printed = ""
    assert process.stdout is not None
    for line in process.stdout:
        printed += line
        if last in line:
            return printed
    raise AssertionError(f"ended early: {printed}")


def _answering(address: str) -> None:
    for _ in range(200):
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(address)


def _servers_on(data_dir: Path) -> list[str]:
    """Processes whose command line names the data folder."""
    found: list[str] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(data_dir) in command:
            found.append(command)
    return found


def _nothing_runs_on(data_dir: Path) -> bool:
    for _ in range(100):
        if not _servers_on(data_dir):
            return True
        time.sleep(0.1)
    return False


def test_first_start_then_kill_then_second_start(data_dir: Path) -> None:
    with serve(data_dir) as first:
        assert re.search(r"efa_admin_[0-9A-Za-z]{36}", first.printed)
        count = httpx.get(f"{first.address}/v1/services?limit=1").json()["total"]
        assert count > 70
        first.process.kill()
        first.process.wait()
    assert _nothing_runs_on(data_dir)
    with serve(data_dir) as second:
        assert "efa_admin_" not in second.printed
        assert httpx.get(f"{second.address}/v1/services?limit=1").json()["total"] == count
    assert second.process.returncode in (0, -signal.SIGINT)
    assert _nothing_runs_on(data_dir)


def test_several_workers_end_with_their_parent(data_dir: Path) -> None:
    with serve(data_dir, "--workers", "2") as served:
        assert httpx.get(f"{served.address}/v1").status_code == 200
        served.process.kill()
        served.process.wait()
    assert _nothing_runs_on(data_dir)
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{served.address}/v1")


def test_a_busy_port_is_told_in_one_sentence(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "serve", "--port", port],
            env=os.environ | {"EFA_DATA_DIR": str(data_dir)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 3
    assert f"Port {port} on 127.0.0.1 is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_whose_database_was_killed_ends_and_says_so(data_dir: Path) -> None:
    with serve(data_dir) as served:
        (pid_file,) = (data_dir / "postgres").glob("pg*/postmaster.pid")
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
        assert served.process.wait(30) == 3
    assert _nothing_runs_on(data_dir)


def _migrate(**environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, "migrate"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"EFA_OWNER_URL": "postgresql://localhost:1/efa"}, "EFA_DATABASE_URL"),
        ({"EFA_DATABASE_URL": "postgresql://localhost:1/efa"}, "EFA_OWNER_URL"),
    ],
)
def test_migrating_without_the_address_it_needs_is_refused(
    environment: dict[str, str], said: str
) -> None:
    done = _migrate(**environment)
    assert done.returncode == 3
    assert said in done.stderr


def test_a_database_that_is_not_there_is_one_line(data_dir: Path) -> None:
    done = _migrate(
        EFA_DATABASE_URL="postgresql://efa_app:geheim@localhost:1/efa",
        EFA_OWNER_URL="postgresql://efa_owner:geheim@localhost:1/efa",
        EFA_DATA_DIR=str(data_dir),
    )
    assert done.returncode == 3
    assert done.stderr.startswith("efa: No database can be used at localhost:1/efa: ")
    assert done.stderr.count("\n") == 1
    assert "geheim" not in done.stderr


def test_a_misspelt_setting_is_named() -> None:
    done = _migrate(EFA_DATABSE_URL="postgresql://localhost/efa")
    assert done.returncode == 3
    assert "EFA_DATABSE_URL is no setting; did you mean EFA_DATABASE_URL?" in done.stderr
