"""The hours of a week in one Spanish sentence. Pure."""

from __future__ import annotations

from core import localtime
from schedules.hours import Spec


def sentence(spec: Spec) -> str:
    """`lunes a viernes de 09:00 a 14:00 y de 16:00 a 19:00; sábado de 09:00 a 14:00`; "" where it never opens.

    Days in a row with the same hours are joined. Wall times of the calendar's zone; holidays are not told.
    """
    by_day = [_spans(spec, weekday) for weekday in range(7)]
    parts, first = [], 0
    for day in range(1, 8):
        if day == 7 or by_day[day] != by_day[first]:
            if by_day[first]:
                parts.append(f"{_days(first, day - 1)} {by_day[first]}")
            first = day
    return "; ".join(parts)


def _spans(spec: Spec, weekday: int) -> str:
    spans = sorted((row.interval.opens, row.interval.closes) for row in spec.hours if row.weekday == weekday)
    return " y ".join(f"de {_wall(opens)} a {_wall(closes)}" for opens, closes in spans)


def _wall(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _days(first: int, last: int) -> str:
    names = localtime.WEEKDAYS
    if first == last:
        return names[first]
    return f"{names[first]} {'y' if last == first + 1 else 'a'} {names[last]}"
