"""When a version may end: some days after that was announced, and on few days of the year. Pure."""

from datetime import date, timedelta

from registry.catalogue.parts import Policy
from registry.errors import Fault
from registry.impact.model import InvalidDeprecation

# As the administrations' own calendar of releases has it.
QUARTER_MONTHS = (2, 5, 8, 11)


def earliest_sunset(policy: Policy, today: date) -> date:
    """The first day on which a version may end whose end is announced today."""
    return next_allowed(policy, today + timedelta(days=policy.days_ahead))


def next_allowed(policy: Policy, day: date) -> date:
    """The first day from this one on that a version may end on."""
    if policy.on_any_day:
        return day
    days = (date(year, month, 1) for year in (day.year, day.year + 1) for month in QUARTER_MONTHS)
    return next(each for each in days if each >= day)


def require_on_calendar(
    policy: Policy, sunset: date | None, announced: date | None, today: date
) -> None:
    """Refuse a sunset at too short a notice, or on a day when nothing ends.

    One that was announced before may move to any later day on which versions end.
    """
    if sunset is None or sunset == announced:
        return
    if announced is None and sunset < today + timedelta(days=policy.days_ahead):
        earliest = earliest_sunset(policy, today)
        facts = {"earliest": earliest.isoformat(), "days": policy.days_ahead}
        raise InvalidDeprecation(Fault("/sunset", "notice-too-short", {**facts}))
    if next_allowed(policy, sunset) != sunset:
        earliest = next_allowed(policy, sunset)
        raise InvalidDeprecation(
            Fault("/sunset", "no-quarter-day", {"earliest": earliest.isoformat()})
        )
