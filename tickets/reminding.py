"""When a reminder rings: instants that a person means by *tomorrow*, in the time of the desk. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schedules import businesstime
from schedules.businesstime import Hours

TOMORROW: Final = "manana"
TWO_DAYS: Final = "dos"
WEEK: Final = "semana"
# preset -> business days from today
PRESETS: Final = {TOMORROW: 1, TWO_DAYS: 2, WEEK: 5}
NINE: Final = time(9)
FURTHEST: Final = timedelta(days=366)


def instant(preset: str, *, now: datetime, zone: ZoneInfo, hours: Hours | None) -> datetime:
    """The UTC instant of a preset: nine o'clock of the n-th business day, or its opening where that is later.

    A desk without a calendar has every day. Raises KeyError for what is no preset.
    """
    n, today = PRESETS[preset], now.astimezone(zone).date()
    if hours is None:
        return _at(today + timedelta(days=n), NINE, zone)
    day = businesstime.add_business_days(today, n, hours)
    start = datetime.combine(day, time.min, zone)
    nine = _at(day, NINE, zone)
    for opens, closes in businesstime.spans(start, start + timedelta(days=1), hours):
        if closes > nine:
            return max(opens.astimezone(UTC), nine)
    return nine


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, zone).astimezone(UTC)
