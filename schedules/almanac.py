"""A calendar day by day, as a person looks at it: what kind of day each local date is, and its open minutes. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from schedules.compiled import Era, Hours, holiday

OPEN: Final = "open"
SHORT: Final = "short"  # open, but for less time than the longest day of the week
CLOSED: Final = "closed"
HOLIDAY: Final = "holiday"
CLOSURE: Final = "closure"
EXTRA: Final = "extra"


@dataclass(frozen=True, slots=True)
class Day:
    """A local date: its kind, the name of the holiday or closure, and its open stretches in minutes of the day."""

    on: date
    kind: str
    name: str
    spans: tuple[tuple[int, int], ...]


def days(hours: Hours, first: date, n: int) -> Iterator[Day]:
    """Yield `n` local dates from `first` on, each as the version that rules it has it."""
    for offset in range(n):
        on = first + timedelta(days=offset)
        yield _day(_era(hours, on.toordinal()), on)


def year(hours: Hours, number: int) -> list[Day]:
    """Return every date of a year."""
    first = date(number, 1, 1)
    return list(days(hours, first, (date(number + 1, 1, 1) - first).days))


def _era(hours: Hours, day: int) -> Era:
    return next(era for era in reversed(hours.eras) if day >= era.days[0])


def _day(era: Era, on: date) -> Day:
    spans = tuple((start // 60, end // 60) for start, end in era.wall(on.toordinal()))
    kind, name = _kind(era, on, spans)
    return Day(on, kind, name, spans)


def _kind(era: Era, on: date, spans: tuple[tuple[int, int], ...]) -> tuple[str, str]:
    closure = next((shut for shut in era.spec.closures if shut.on == on), None)
    rest = holiday(era.spec.holidays, on.toordinal()) if era.spec.holidays else ""
    if any(extra.on == on for extra in era.spec.extra_openings):
        return EXTRA, closure.name if closure else rest
    if closure is not None:
        return CLOSURE, closure.name
    if rest:
        return HOLIDAY, rest
    if not spans:
        return CLOSED, ""
    usual = max(sum(end - start for start, end in day) for day in era.week) // 60
    return (SHORT if sum(end - start for start, end in spans) < usual else OPEN), ""
