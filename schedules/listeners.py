"""What a change of a calendar means above: higher apps register, by name, who is asked and who is told.

    listeners.register("tickets", moved=recompute.moved, saved=recompute.begin)

`moved` answers which promises a timetable that is not saved yet would move; `saved` is called in the transaction that
wrote a version, never for the first one of a calendar. A table that can be read, not a signal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schedules.businesstime import Hours
from schedules.models import BusinessCalendar, CalendarVersion


@dataclass(frozen=True, slots=True)
class Move:
    """A promise that would move: of which case, which clock (a code; `start` is the beginning), from when to when."""

    number: str
    kind: str
    before: datetime
    after: datetime


Moved = Callable[[BusinessCalendar, Hours, datetime], Sequence[Move]]
Saved = Callable[[CalendarVersion, datetime], None]


@dataclass(frozen=True, slots=True)
class Listener:
    moved: Moved
    saved: Saved


_LISTENERS: Final[dict[str, Listener]] = {}


def register(name: str, *, moved: Moved, saved: Saved) -> None:
    """Add a listener. Twice with other functions is a mistake (ValueError)."""
    listener = Listener(moved, saved)
    if _LISTENERS.setdefault(name, listener) != listener:
        raise ValueError(f"the calendar listener {name} is registered twice")


def moved(calendar: BusinessCalendar, hours: Hours, *, now: datetime) -> list[Move]:
    """Return what would move if the calendar read like `hours` from now on, by the new instant."""
    found = [move for listener in _LISTENERS.values() for move in listener.moved(calendar, hours, now)]
    return sorted(found, key=lambda move: (move.after, move.number, move.kind))


def saved(version: CalendarVersion, *, now: datetime) -> None:
    """Tell everybody that a version was written; call it in the same transaction."""
    for listener in _LISTENERS.values():
        listener.saved(version, now)
