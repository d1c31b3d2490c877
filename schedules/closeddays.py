"""Days and windows that a timetable closes by name: holidays and closures, as explanations tell them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from schedules.businesstime import Hours, is_open
from schedules.compiled import Era, holiday

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Closed:
    """A stretch, in UTC, that is closed for a reason with a name: `holiday` or `closure`."""

    starts_at: datetime
    ends_at: datetime
    code: str
    name: str


def closed_days(start: datetime, end: datetime, hours: Hours) -> list[Closed]:
    """Return what is closed by name within [start, end), in order, cut at both ends; an extra opening beats it."""
    found: list[Closed] = []
    for era in hours.eras:
        first, last = _within(era, start, end)
        day = first.astimezone(era.zone).date()
        while first < last and day <= last.astimezone(era.zone).date():
            found += [cut for closed in _of_day(day, era) if (cut := _cut(closed, first, last)) is not None]
            day += _DAY
    return [closed for closed in found if not is_open(closed.starts_at, hours)]


def _within(era: Era, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The part of [start, end) that the era covers."""
    since, until = era.seconds
    return (
        max(start, datetime.fromtimestamp(max(since, start.timestamp()), UTC)),
        min(end, datetime.fromtimestamp(min(until, end.timestamp()), UTC)),
    )


def _of_day(day: date, era: Era) -> list[Closed]:
    midnight = datetime.combine(day, time.min, era.zone)
    closures = [closure for closure in era.spec.closures if closure.on == day]
    whole = next((closure.name for closure in closures if closure.window is None), None)
    if whole is not None:
        return [_closed(midnight, 0, 24 * 60, "closure", whole)]
    name = holiday(era.spec.holidays, day.toordinal()) if era.spec.holidays else ""
    if name:
        return [_closed(midnight, 0, 24 * 60, "holiday", name)]
    return [
        _closed(midnight, closure.window.opens, closure.window.closes, "closure", closure.name)
        for closure in closures
        if closure.window is not None
    ]


def _closed(midnight: datetime, opens: int, closes: int, code: str, name: str) -> Closed:
    """Minutes of the local day as instants; a window that ends before it begins runs into the next day."""
    closes += 0 if closes > opens else 24 * 60
    # Wall time first, then the instant: a day on which the clock changes has another length.
    begin, end = (midnight.replace(tzinfo=None) + timedelta(minutes=minute) for minute in (opens, closes))
    zone = midnight.tzinfo
    return Closed(begin.replace(tzinfo=zone).astimezone(UTC), end.replace(tzinfo=zone).astimezone(UTC), code, name)


def _cut(closed: Closed, first: datetime, last: datetime) -> Closed | None:
    starts_at, ends_at = max(closed.starts_at, first), min(closed.ends_at, last)
    return Closed(starts_at, ends_at, closed.code, closed.name) if starts_at < ends_at else None
