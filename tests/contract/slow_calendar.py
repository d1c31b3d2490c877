"""Section 3 of the contract once more, slowly: one boolean per minute of UTC, walked one by one.

Shares nothing with the product: it reads the JSON that a caller sends and asks `zoneinfo` what the clock on the wall
says. Good for spans of some weeks.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def _nth_monday(year: int, month: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (n - 1))


def rest_days(year: int) -> set[date]:
    """The mandatory rest days of the Ley Federal del Trabajo, article 74, from 2006 on."""
    days = {
        date(year, 1, 1),
        _nth_monday(year, 2, 1),
        date(year, 3, 21) if year == 2006 else _nth_monday(year, 3, 3),
        date(year, 5, 1),
        date(year, 9, 16),
        _nth_monday(year, 11, 3),
        date(year, 12, 25),
    }
    if year <= 2018 and (year - 2006) % 6 == 0:
        days.add(date(year, 12, 1))
    if year >= 2024 and (year - 2024) % 6 == 0:
        days.add(date(year, 10, 1))
    return days


def _clock(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


class _Windows:
    """Windows by the local date on which they begin; `holds` looks at those of the day before as well."""

    def __init__(self) -> None:
        self._by_date: dict[date, list[tuple[int, int]]] = {}

    def put(self, on: date, row: dict[str, Any]) -> None:
        self._by_date.setdefault(on, []).append((_clock(row["opens"]), _clock(row["closes"])))

    def holds(self, on: date, minute: int) -> bool:
        if any(o <= minute and (minute < c or c < o) for o, c in self._by_date.get(on, ())):
            return True
        return any(c < o and minute < c for o, c in self._by_date.get(on - DAY, ()))


class SlowCalendar:
    """The minutes of [first, last) of a calendar, given as the body of `POST calendars/`; instants are UTC."""

    def __init__(self, body: dict[str, Any], first: datetime, last: datetime) -> None:
        self.zone = ZoneInfo(body["timezone"])
        self.first, self.last = first, last
        self._body = body
        self._extra, self._shut = _Windows(), _Windows()
        self._whole = set()
        self._weekly: dict[int, list[tuple[int, int]]] = {}
        for row in body.get("hours", []):
            self._weekly.setdefault(row["weekday"], []).append((_clock(row["opens"]), _clock(row["closes"])))
        for row in body.get("extra_openings", []):
            self._extra.put(date.fromisoformat(row["date"]), row)
        for row in body.get("closures", []):
            on = date.fromisoformat(row["date"])
            if "opens" in row:
                self._shut.put(on, row)
            else:
                self._whole.add(on)
        self._holidays: dict[int, set[date]] = {}
        self.minutes: list[bool] = []
        self.days: set[date] = set()
        self._walk()

    def _walk(self) -> None:
        at = self.first
        while at < self.last:
            local = at.astimezone(self.zone)
            is_open = self._at_wall(local.date(), local.hour * 60 + local.minute)
            self.minutes.append(is_open)
            if is_open:
                self.days.add(local.date())
            at += MINUTE

    def _at_wall(self, on: date, minute: int) -> bool:
        if self._extra.holds(on, minute):
            return True
        if on in self._whole or self._shut.holds(on, minute) or self._is_holiday(on):
            return False
        if any(o <= minute and (minute < c or c < o) for o, c in self._weekly.get(on.weekday(), ())):
            return True
        return any(c < o and minute < c for o, c in self._weekly.get((on - DAY).weekday(), ()))

    def _is_holiday(self, on: date) -> bool:
        if self._body.get("holidays") != "MX":
            return False
        if on.year not in self._holidays:
            self._holidays[on.year] = rest_days(on.year)
        return on in self._holidays[on.year]

    # ---------------------------------------------------------------- questions

    def _place(self, at: datetime) -> int:
        return (at - self.first) // MINUTE

    def is_open(self, at: datetime) -> bool:
        return self.minutes[self._place(at)]

    def next_change(self, at: datetime, *, to_open: bool) -> datetime | None:
        """The first instant strictly after `at` at which it turns open (or closed); None beyond what was walked."""
        place = self._place(at)
        for later in range(place + 1, len(self.minutes)):
            if self.minutes[later] is to_open and self.minutes[later - 1] is not to_open:
                return self.first + later * MINUTE
        return None

    def add(self, start: datetime, minutes: float) -> datetime | None:
        """None beyond what was walked."""
        left = timedelta(minutes=minutes)
        place, at = self._place(start), start
        if not left:
            while place < len(self.minutes) and not self.minutes[place]:
                place += 1
                at = self.first + place * MINUTE
            return at if place < len(self.minutes) else None
        while place < len(self.minutes):
            end = self.first + (place + 1) * MINUTE
            if self.minutes[place]:
                if left <= end - at:
                    return at + left
                left -= end - at
            place, at = place + 1, end
        return None

    def elapsed(self, start: datetime, end: datetime) -> float:
        if end <= start:
            return 0.0
        total = timedelta(0)
        place, at = self._place(start), start
        while at < end:
            stop = min(end, self.first + (place + 1) * MINUTE)
            if self.minutes[place]:
                total += stop - at
            place, at = place + 1, stop
        return total / MINUTE

    def business_day(self, day: date, n: int) -> date | None:
        """None beyond what was walked (the first and last day are not whole)."""
        low = self.first.astimezone(self.zone).date() + DAY
        high = self.last.astimezone(self.zone).date() - DAY
        if n == 0:
            day, n = day - DAY, 1
        step = DAY if n > 0 else -DAY
        left = abs(n)
        while left:
            day += step
            if not low <= day <= high:
                return None
            left -= day in self.days
        return day


def whole_utc_days(first: date, days: int) -> tuple[datetime, datetime]:
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return start, start + timedelta(days=days)
