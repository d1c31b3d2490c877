"""The picture of an account: what it used each day, what it is expected to use, and until when to order. Pure.

Geometry only, in units of the picture; the template draws it and the presenter says it in words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

PAST: Final = 42
AHEAD: Final = 42
LEAST_AHEAD: Final = 14
WIDTH, HEIGHT = 680, 206
LEFT, TOP, BASE = 40, 48, 176
_GAP: Final = 0.22  # of a day's width


@dataclass(frozen=True, slots=True)
class Bar:
    """A day: `past` was used, the others are expected."""

    x: float
    y: float
    width: float
    height: float
    past: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A line from top to base, with its words at `row` lines from the top."""

    kind: str
    x: float
    row: int
    anchor: str


@dataclass(frozen=True, slots=True)
class Tick:
    x: float
    on: date


@dataclass(frozen=True, slots=True)
class Plot:
    """Everything that is drawn. `band`: x and width of the days on which the last stamp may go, None out of sight."""

    bars: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    band: tuple[float, float] | None
    most: int


def days_ahead(today: date, latest: date | None) -> int:
    """Return how many days are shown from today on: until the last stamp has gone, six weeks at most."""
    wanted = (latest - today).days + 3 if latest else AHEAD
    return max(LEAST_AHEAD, min(AHEAD, wanted))


def draw(
    used: Mapping[date, int],
    expected: Sequence[float],
    *,
    today: date,
    marked: Mapping[str, date | None],
    earliest: date | None = None,
    latest: date | None = None,
) -> Plot:
    """Draw the last six weeks and one bar for each of the expected days, the first of which is today's.

    `marked`: what a line is drawn for, by name; a date that is not shown has none.
    """
    first, last = today - timedelta(days=PAST), today + timedelta(days=len(expected) - 1)
    step = (WIDTH - LEFT) / ((last - first).days + 1)
    past = {first + timedelta(days=n): used.get(first + timedelta(days=n), 0) for n in range(PAST)}
    most = round_up(max([*past.values(), *expected, 1.0]))

    def x_of(day: date) -> float:
        return LEFT + (day - first).days * step

    def bar(day: date, amount: float, *, of_past: bool) -> Bar:
        height = (BASE - TOP) * min(1.0, amount / most)
        return Bar(x_of(day) + step * _GAP / 2, BASE - height, step * (1 - _GAP), height, of_past)

    bars = [bar(day, amount, of_past=True) for day, amount in past.items() if amount]
    bars += [
        bar(today + timedelta(days=n), amount, of_past=False) for n, amount in enumerate(expected) if amount > 0.05
    ]
    band = None
    if earliest and earliest <= last:
        end = min(latest or last, last)
        band = (x_of(earliest), x_of(end) + step - x_of(earliest))
    return Plot(tuple(bars), _marks(marked, first, last, x_of, step), _ticks(first, last, x_of, step), band, most)


def round_up(amount: float) -> int:
    """Return the next number of one figure and a half: 1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30 …"""
    scale = 1
    while True:
        for nice in (1, 2, 3, 4, 5, 6, 8, 10, 15):
            if amount <= nice * scale:
                return nice * scale
        scale *= 10


def _marks(
    marked: Mapping[str, date | None], first: date, last: date, x_of: Callable[[date], float], step: float
) -> tuple[Mark, ...]:
    shown = sorted((day, kind) for kind, day in marked.items() if day and first <= day <= last)
    middle = (LEFT + WIDTH) / 2
    return tuple(
        Mark(kind, x_of(day) + step / 2, row, "start" if x_of(day) < middle else "end")
        for row, (day, kind) in enumerate(shown)
    )


def _ticks(first: date, last: date, x_of: Callable[[date], float], step: float) -> tuple[Tick, ...]:
    """A tick a fortnight, on Mondays."""
    monday = first + timedelta(days=(7 - first.weekday()) % 7)
    days = [monday + timedelta(days=14 * n) for n in range(((last - monday).days) // 14 + 1)]
    return tuple(Tick(x_of(day) + step / 2, day) for day in days)
