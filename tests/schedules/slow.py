"""Business time as the contract words it, minute by minute: the model that `businesstime` is held against.

Written apart from the compiled one: it asks of every single minute what the wall clock says and which rule is first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from schedules.hours import Interval, Spec

MINUTE = timedelta(minutes=1)


class Minutes:
    """The minutes of [start, start + days) of a timetable, one by one."""

    def __init__(self, spec: Spec, start: datetime, days: int, holidays: Mapping[date, str]) -> None:
        self.spec, self.holidays = spec, holidays
        self.zone = ZoneInfo(spec.timezone)
        self.start = start.astimezone(UTC).replace(second=0, microsecond=0)
        self.count = days * 24 * 60

    @cached_property
    def open(self) -> list[bool]:
        return [self.is_open(self.start + n * MINUTE) for n in range(self.count)]

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        return self._wall(local.date(), local.hour * 60 + local.minute)

    def _wall(self, day: date, minute: int) -> bool:
        if any(_covers(extra.on, extra.interval, day, minute) for extra in self.spec.extra_openings):
            return True
        for closure in self.spec.closures:
            if closure.window is None and closure.on == day:
                return False
            if closure.window is not None and _covers(closure.on, closure.window, day, minute):
                return False
        if self.spec.holidays and day in self.holidays:
            return False
        return any(
            _covers(start, weekly.interval, day, minute)
            for weekly in self.spec.hours
            for start in (day, day - timedelta(days=1))
            if start.weekday() == weekly.weekday
        )

    def next_change(self, at: datetime, *, opening: bool) -> datetime | None:
        """The next opening or closing strictly after `at`; None when it is not in these minutes."""
        for n in range(max(1, self._number(at)), self.count):
            here = self.start + n * MINUTE
            if here > at and self.open[n] is opening and self.open[n - 1] is not opening:
                return here
        return None

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        total = timedelta(0)
        for n in range(self._number(start), min(self._number(end) + 1, self.count)):
            if self.open[n]:
                one, two = self.start + n * MINUTE, self.start + (n + 1) * MINUTE
                total += max(timedelta(0), min(two, end) - max(one, start))
        return total

    def add(self, start: datetime, amount: timedelta) -> datetime | None:
        """None when the answer does not lie in these minutes."""
        left = amount
        for n in range(self._number(start), self.count):
            if not self.open[n]:
                continue
            one = max(self.start + n * MINUTE, start)
            if not left:
                return one
            part = self.start + (n + 1) * MINUTE - one
            if left <= part:
                return one + left
            left -= part
        return None

    def business_days(self) -> set[date]:
        return {(self.start + n * MINUTE).astimezone(self.zone).date() for n in range(self.count) if self.open[n]}

    def _number(self, at: datetime) -> int:
        return (at - self.start) // MINUTE


def _covers(start: date, interval: Interval, day: date, minute: int) -> bool:
    """Whether the window that opens on `start` holds that minute of `day`."""
    since = (day - start).days * 1440 + minute
    return interval.opens <= since < interval.end
