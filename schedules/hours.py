"""A timetable as plain values: what a person enters, checked (see `calendar_spec`) and immutable.

Times of day are minutes since local midnight. `closes` is 1440 for 24:00; before `opens` it lies in the next day.
Lists are in the order entered; overlaps are allowed and merge when the timetable is compiled (`businesstime`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Interval:
    """Half-open window of the wall clock, past midnight where `closes` comes before `opens`."""

    opens: int
    closes: int

    @property
    def end(self) -> int:
        """The closing in minutes since midnight of the day it opens: up to 2879."""
        return self.closes if self.closes > self.opens else self.closes + DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Weekly:
    """Open every `weekday` (0 is Monday)."""

    weekday: int
    interval: Interval


@dataclass(frozen=True, slots=True)
class Closure:
    """Closed on that local date: the whole of it, or `window` only."""

    on: date
    name: str
    window: Interval | None = None


@dataclass(frozen=True, slots=True)
class ExtraOpening:
    """Open on that local date whatever the week, a holiday or a closure says."""

    on: date
    interval: Interval


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole timetable. `holidays` is "MX" or None."""

    timezone: str
    hours: tuple[Weekly, ...] = ()
    holidays: str | None = None
    closures: tuple[Closure, ...] = ()
    extra_openings: tuple[ExtraOpening, ...] = ()
