"""A cluster: the folder `pg<major>` with PostgreSQL's data, complete from when it exists."""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from registry.db.embedded.account import Account
from registry.db.embedded.binaries import Binaries
from registry.db.roles import ROLES_SQL
from registry.errors import SetupProblem

_BUILTIN_LOCALES_SINCE = 17


def clusters(data_dir: Path) -> list[Path]:
    """All clusters in `data_dir`, the newest major last."""
    found = [path for path in data_dir.glob("pg*") if re.fullmatch(r"pg\d+", path.name)]
    return sorted(found, key=major_of)


def major_of(cluster: Path) -> int:
    """The major of PostgreSQL a cluster belongs to."""
    return int(cluster.name.removeprefix("pg"))


def make_cluster(binaries: Binaries, cluster: Path, account: Account, *, durable: bool) -> None:
    """Make an empty cluster with the roles and the database; it gets its name at the end."""
    building = unfinished(cluster)
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(mode=0o700)
    account.own(building)
    _initialise(binaries, building, account, durable=durable)
    _make_roles(binaries, building, account)
    if cluster.name != building.name:
        building.rename(cluster)


def unfinished(cluster: Path) -> Path:
    """The name of a cluster while it is being made."""
    return cluster.with_name(f"{cluster.name.removesuffix('.new')}.new")


def environment() -> dict[str, str]:
    """Our environment without the PG… variables, which would change what the server does."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _initialise(binaries: Binaries, folder: Path, account: Account, *, durable: bool) -> None:
    initdb = [binaries.tool("initdb"), "--pgdata", str(folder), "--username=postgres"]
    # Only those who may enter the private folder of the socket can reach the server at all.
    settings = ["--encoding=UTF8", "--auth-local=trust", "--auth-host=reject", "--lc-messages=C"]
    sync = [] if durable else ["--no-sync"]
    problem = ""
    for locale in _locales(binaries.major):
        problem = _run([*initdb, *settings, *locale, *sync], account)
        if not problem:
            return
        _empty(folder)
    raise SetupProblem(f"PostgreSQL cannot make its data directory {folder}: {problem}")


def _locales(major: int) -> list[list[str]]:
    """Locale options to try in turn; a host may lack the C library's C.UTF-8."""
    if major >= _BUILTIN_LOCALES_SINCE:
        builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return [[*builtin, "--locale=C.UTF-8"], [*builtin, "--locale=C"]]
    return [["--locale=C.UTF-8"], ["--locale=C"]]


def _make_roles(binaries: Binaries, folder: Path, account: Account) -> None:
    single = [binaries.tool("postgres"), "--single", "-j", "-D", str(folder)]
    problem = _run([*single, "-c", "exit_on_error=on", "postgres"], account, ROLES_SQL)
    if problem:
        raise SetupProblem(f"PostgreSQL cannot make the roles of the registry: {problem}")


def _run(command: Sequence[str], account: Account, text: str = "") -> str:
    """Run to the end as `account`; the last line of what it complains about when it fails."""
    done = subprocess.run(
        [*account.prefix, *command],
        **account.identity,
        cwd="/",
        env=environment(),
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if re.search("error|fatal", line, re.I)]
    return (complaints or ["no reason given"])[0] if done.returncode else ""


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
