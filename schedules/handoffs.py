"""Who hands over to whom, and when: the edges between the office and who is on call. Pure.

InvoiceMX has four on a working day: 09:00 to the office, 14:00 to the guardia, 16:00 back, 19:00 to the guardia again.
Where one person follows another without an office between them that is one too; where the same person goes on, none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from schedules import rotas
from schedules.rotas import Roster

_BEFORE: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Side:
    """Who attends: a person on call, the office, or nobody though somebody should (`user` and `office` empty)."""

    user: int | None = None
    office: bool = False


OFFICE: Final = Side(office=True)
NOBODY: Final = Side()


@dataclass(frozen=True, slots=True)
class Handoff:
    """At `at` (UTC) `giver` hands over to `taker`."""

    at: datetime
    giver: Side
    taker: Side

    @property
    def closes(self) -> bool:
        """Whether the office hands over: what runs around the clock goes on without it."""
        return self.giver.office

    @property
    def opens(self) -> bool:
        return self.taker.office


def handoffs(roster: Roster, start: datetime, end: datetime) -> list[Handoff]:
    """Return the hand-offs with start <= at < end, in order."""
    sides = list(_sides(roster, start - _BEFORE, end))
    return [
        Handoff(at, giver, taker)
        for (_, giver), (at, taker) in pairwise(sides)
        if giver != taker and at >= start  # the piece before `start` only says who gave
    ]


def _sides(roster: Roster, start: datetime, end: datetime) -> Iterator[tuple[datetime, Side]]:
    """Yield who attends from when on, neighbours differing."""
    pieces = [(shift.start, shift.end, Side(shift.user)) for shift in rotas.shifts(roster, start, end)]
    pieces += [(begin, until, NOBODY) for begin, until in rotas.gaps(roster, start, end)]
    at, last = start, None
    for begin, until, side in sorted(pieces, key=lambda piece: piece[0]):
        if begin > at:
            if last != OFFICE:
                yield at, OFFICE
            last = OFFICE
        if side != last:
            yield begin, side
        at, last = until, side
    if at < end and last != OFFICE:
        yield at, OFFICE
