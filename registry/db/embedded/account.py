"""Whom the server runs as: PostgreSQL refuses root, so for root it is somebody without rights."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from registry.errors import SetupProblem

_CHECK_SECONDS = 20
_NOBODY = 65534
_MAPPED = ("unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}")


class Identity(TypedDict, total=False):
    """What `subprocess` needs to run something as another account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """Us (nothing set), another account (`uid`, `gid`), or root seen as nobody (`prefix`)."""

    uid: int | None = None
    gid: int | None = None
    prefix: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        if self.uid is None or self.gid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Make `path`, which is ours, this account's."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can(self, *command: str | Path) -> bool:
        """Whether `command` succeeds as this account."""
        try:
            done = subprocess.run(
                [*self.prefix, *command],
                **self.identity,
                cwd="/",
                capture_output=True,
                timeout=_CHECK_SECONDS,
                check=False,
            )
        except OSError:
            return False
        return done.returncode == 0

    def can_reach(self, folder: Path) -> bool:
        """Whether this account may go through `folder` and all that is above it."""
        return self.uid is None or self.can("/bin/sh", "-c", 'cd "$1"', "sh", folder)


def account_for(folder: Path, clusters: list[Path]) -> Account:
    """The account for the server of `folder`; the owner of clusters that exist already decides."""
    if os.geteuid() != 0:
        return Account()
    owner = clusters[-1].stat() if clusters else None
    if owner and owner.st_uid:
        return Account(uid=owner.st_uid, gid=owner.st_gid)
    nobody = _nobody()
    if owner is None and nobody.can_reach(folder):
        return nobody
    mapped = Account(prefix=_MAPPED)
    if shutil.which(_MAPPED[0]) and mapped.can("true"):
        return mapped
    raise SetupProblem(
        f"As root the embedded PostgreSQL runs as nobody, who cannot reach {folder}; "
        "set EFA_DATA_DIR to a folder others may enter, or EFA_DATABASE_URL to a server."
    )


def _nobody() -> Account:
    try:
        known = pwd.getpwnam("nobody")
    except KeyError:
        return Account(uid=_NOBODY, gid=_NOBODY)
    return Account(uid=known.pw_uid, gid=known.pw_gid)
