"""What a person's shifts come to for payroll: hours, those on Sundays, those on mandatory rest days. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schedules import holidays_mx
from schedules.rotas import Shift

SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Total:
    """Time on call in a period, by local dates of the zone; a Sunday that is a rest day counts in both."""

    shifts: int
    time: timedelta
    sundays: timedelta
    rest_days: timedelta


def total(shifts: Iterable[Shift], zone: ZoneInfo) -> Total:
    """Add up shifts. A shift over midnight is cut there; a night in which the clock changes has its real length."""
    n, spent, sundays, rest = 0, timedelta(0), timedelta(0), timedelta(0)
    for one in shifts:
        n += 1
        for day, amount in _by_day(one, zone):
            spent += amount
            sundays += amount if day.weekday() == SUNDAY else timedelta(0)
            rest += amount if day in holidays_mx.of_year(day.year) else timedelta(0)
    return Total(n, spent, sundays, rest)


def _by_day(shift: Shift, zone: ZoneInfo) -> Iterable[tuple[date, timedelta]]:
    at = shift.start
    while at < shift.end:
        day = at.astimezone(zone).date()
        until = min(shift.end, datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC))
        yield day, until - at
        at = until
