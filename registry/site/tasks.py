"""What a body has to do about a version it has; pure."""

from datetime import date
from typing import Literal

import msgspec

from registry import semver
from registry.site.store import BehindUse

Urgency = Literal["now", "by", "overdue", "soon", "plan", "fit"]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A change of version: to which one, how soon, and by when where a day is set."""

    use: BehindUse
    urgency: Urgency
    target: str
    until: date | None


def task(use: BehindUse, day: date) -> Task:
    """What to do: away from what was revoked or ends; else as far as the number says."""
    target = use.successor or use.newest
    return Task(use=use, urgency=_urgency(use, day, target), target=target, until=use.sunset)


def _urgency(use: BehindUse, day: date, target: str) -> Urgency:
    if use.state == "revoked":
        return "now"
    if use.state == "deprecated":
        if use.sunset is None:
            return "soon"
        return "overdue" if use.sunset <= day else "by"
    used, wanted = semver.parse(use.version), semver.parse(target)
    return "plan" if semver.announces(wanted, used.release, "major") else "fit"
