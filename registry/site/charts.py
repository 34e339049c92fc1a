"""The geometry of charts that templates draw as SVG; pure, in the units of the view box."""

from collections.abc import Sequence
from datetime import date

import msgspec

WIDTH, HEIGHT = 430, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 56, 30, 34
_MOST_TICKS = 6


class Tick(msgspec.Struct, frozen=True):
    """A mark on an axis: where, and what it says."""

    at: float
    label: str


class StepChart(msgspec.Struct, frozen=True, kw_only=True):
    """Steps, since use changes at events: the path, its end, both axes, and dated events."""

    path: str
    end: tuple[float, float]
    first: int
    last: int
    values: Sequence[Tick]
    years: Sequence[Tick]
    events: Sequence[Tick]
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM
    top: int = _TOP
    width: int = WIDTH
    height: int = HEIGHT


def steps(
    days: Sequence[date], values: Sequence[int], events: Sequence[tuple[date, str]] = ()
) -> StepChart:
    """A value by day; both in order, at least one."""
    ticks = _ticks(max(values))
    first, last = days[0].toordinal(), days[-1].toordinal()

    def across(day: date) -> float:
        share = (day.toordinal() - first) / max(last - first, 1)
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * share, 1)

    def up(value: int) -> float:
        share = value / ticks[-1]
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * share, 1)

    drawn = [f"M{across(days[0])} {up(values[0])}"]
    drawn += [
        f"H{across(day)}V{up(value)}" for day, value in zip(days[1:], values[1:], strict=True)
    ]
    years = range(days[0].year + 1, days[-1].year + 1)
    return StepChart(
        path="".join(drawn),
        end=(across(days[-1]), up(values[-1])),
        first=values[0],
        last=values[-1],
        values=[Tick(up(value), str(value)) for value in ticks],
        years=[Tick(across(date(year, 1, 1)), str(year)) for year in years],
        events=[Tick(across(day), name) for day, name in events if days[0] <= day <= days[-1]],
    )


def _ticks(most: int) -> list[int]:
    """Round values from 0 to the first that is not below the greatest one."""
    step = 1
    while most / step > _MOST_TICKS:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(0, max(most, 1) + step, step))
