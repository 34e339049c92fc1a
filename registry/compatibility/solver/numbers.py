"""Numbers: an interval, steps that must or must not be hit, values excluded; all exact."""

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import chain, count, islice
from typing import TYPE_CHECKING, cast

from registry.compatibility.solver.demands import (
    Among,
    AtLeast,
    AtMost,
    Demand,
    Multiple,
)
from registry.compatibility.solver.outcomes import EMPTY, Found, Outcome, Undecided
from registry.dialects.strict_json import Json

if TYPE_CHECKING:
    from registry.compatibility.solver.search import Goal, Search

_MAX_TRIES = 20_000


class Numbers:
    """The demands on a number."""

    def __init__(self, search: "Search", demands: list[Demand]) -> None:
        self.meter = search.meter
        self.low: Fraction | None = None
        self.high: Fraction | None = None
        self.low_strict = self.high_strict = False
        self.step: Fraction | None = None
        self.barred_steps: set[Fraction] = set()
        self.excluded: set[Fraction] = set()
        for demand in demands:
            self._add(demand)

    def _add(self, demand: Demand) -> None:
        match demand:
            case AtLeast(value, strict):
                if self.low is None or (value, strict) > (self.low, self.low_strict):
                    self.low, self.low_strict = value, strict
            case AtMost(value, strict):
                if self.high is None or (value, not strict) < (self.high, not self.high_strict):
                    self.high, self.high_strict = value, strict
            case Multiple(divisor, True):
                self.step = divisor if self.step is None else common_step(self.step, divisor)
            case Multiple(divisor, False):
                self.barred_steps.add(divisor)
            case Among(values, _, False):
                self.excluded |= {Fraction(cast("int", value)) for value in values}
            case _:
                pass

    def possible(self) -> bool:
        if self._crossed():
            return False
        return self.step is None or not any(
            (self.step / barred).denominator == 1 for barred in self.barred_steps
        )

    def open_to(self, demand: Demand) -> bool:
        match demand:
            case AtLeast(value, strict):
                return (
                    self.high is None
                    or value < self.high
                    or (value == self.high and not strict and not self.high_strict)
                )
            case AtMost(value, strict):
                return (
                    self.low is None
                    or value > self.low
                    or (value == self.low and not strict and not self.low_strict)
                )
            case _:
                return True

    def needed(self) -> "tuple[Goal, ...]":
        return ()

    def value(self) -> Outcome:
        if not self.possible():
            return EMPTY
        for number in islice(self._candidates(), _MAX_TRIES + len(self.excluded)):
            self.meter.tick()
            if self._allowed(number):
                return Found(plain_number(number))
        return EMPTY if self._few() else Undecided("numbers: too many to try")

    def _crossed(self) -> bool:
        """Whether the interval is empty."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (
            self.low == self.high and (self.low_strict or self.high_strict)
        )

    def _allowed(self, number: Fraction) -> bool:
        return self._inside(number) and number not in self.excluded and not self._barred(number)

    def _inside(self, number: Fraction) -> bool:
        above = (
            self.low is None or number > self.low or (number == self.low and not self.low_strict)
        )
        below = (
            self.high is None
            or number < self.high
            or (number == self.high and not self.high_strict)
        )
        return above and below

    def _candidates(self) -> Iterator[Fraction]:
        if self.step is not None:
            return self._multiples(self.step)
        return chain(islice(self._multiples(Fraction(1)), 64), self._between())

    def _multiples(self, step: Fraction) -> Iterator[Fraction]:
        """Multiples of the step inside the interval, the plainest first."""
        low = None if self.low is None else math.ceil(self.low / step)
        high = None if self.high is None else math.floor(self.high / step)
        if low is not None and high is not None and low > high:
            return iter(())
        if (low is None or low <= 1) and (high is None or high >= 1):
            return (step * k for k in _around(1, low, high))
        if low is not None and low > 1:
            return (step * k for k in _upwards(low, high))
        return (step * k for k in _downwards(0 if high is None else high, low))

    def _between(self) -> Iterator[Fraction]:
        """Ever finer decimals inside the interval; a dense set, so some are always allowed."""
        if self.low is not None and self.low == self.high:
            yield self.low
            return
        for digits in range(1, 400):
            unit = Fraction(1, 10**digits)
            yield from islice(self._multiples(unit), 12)
            if self.low is not None:
                yield from islice(_upwards_from(self.low, unit), 12)

    def _few(self) -> bool:
        """Whether all numbers there can be were tried, or none of them is allowed."""
        if self.step is None:
            return self.low is not None and self.low == self.high
        if self._numbers_inside(self.step) < _MAX_TRIES:
            return True
        period = self._period(self.step)
        if period > _MAX_TRIES:
            return False
        return all(self._barred(self.step * k) for k in range(period))

    def _period(self, step: Fraction) -> int:
        """After how many steps it repeats which of them are barred."""
        period = step
        for barred in self.barred_steps:
            period = common_step(period, barred)
        return int(period / step)

    def _barred(self, number: Fraction) -> bool:
        return any((number / barred).denominator == 1 for barred in self.barred_steps)

    def _numbers_inside(self, step: Fraction) -> int:
        if self.low is None or self.high is None:
            return _MAX_TRIES
        return math.floor(self.high / step) - math.ceil(self.low / step) + 1


def common_step(first: Fraction, second: Fraction) -> Fraction:
    """The step whose multiples are the multiples of both."""
    denominator = math.lcm(first.denominator, second.denominator)
    numerators = (
        first.numerator * (denominator // first.denominator),
        second.numerator * (denominator // second.denominator),
    )
    return Fraction(math.lcm(*numerators), denominator)


def plain_number(number: Fraction) -> Json:
    """The number as JSON writes it: int, or an exact Decimal."""
    if number.denominator == 1:
        return number.numerator
    digits = 0
    rest = number.denominator
    while rest % 10 == 0:
        rest //= 10
        digits += 1
    while rest != 1:
        factor = 2 if rest % 2 == 0 else 5
        rest //= factor
        digits += 1
    scaled = number * 10**digits
    sign, text = ("-" if scaled < 0 else ""), str(abs(scaled.numerator)).rjust(digits + 1, "0")
    return Decimal(f"{sign}{text[:-digits]}.{text[-digits:].rstrip('0') or '0'}")


def _around(start: int, low: int | None, high: int | None) -> Iterator[int]:
    for distance in count():
        up, down = start + distance, start - distance
        fits_up, fits_down = high is None or up <= high, low is None or down >= low
        if fits_up:
            yield up
        if fits_down and distance:
            yield down
        if not (fits_up or fits_down):
            return


def _upwards(low: int, high: int | None) -> Iterator[int]:
    return iter(count(low) if high is None else range(low, high + 1))


def _downwards(high: int, low: int | None) -> Iterator[int]:
    return iter(count(high, -1) if low is None else range(high, low - 1, -1))


def _upwards_from(low: Fraction, unit: Fraction) -> Iterator[Fraction]:
    first = math.floor(low / unit) + 1
    return (unit * k for k in count(first))
