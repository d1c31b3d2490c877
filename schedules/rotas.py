"""Who is on call: rotations, layers, coverage and changes as plain values. Pure.

At each instant one rule decides, in this order: nobody while the office covers it; the newest change that holds (a
cover, swap or take-over) by somebody who is not absent; the first layer whose person of the turn is not absent.
Turns change at a local time of the rota's zone, so a turn over a change of the clocks is an hour shorter or longer.
The past keeps its answer: rules hold from an instant on, and a change that is withdrawn late is cut, not removed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from schedules import businesstime
from schedules.businesstime import Hours

LOOK_AHEAD: Final = timedelta(days=60)  # how far the next shift is sought
_STEP: Final = timedelta(days=8)

Key = tuple[str, int, datetime]


@dataclass(frozen=True, slots=True)
class Turn:
    """A person's place in a layer: UTC instants, half-open."""

    user: int
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Layer:
    """People who follow each other for ever from the local date `start` on.

    `days[i]` is how long `members[i]` stays; `handoffs` are minutes since local midnight, in order. Several a day
    make the turn pass at each of them (every `days` is 1 then). `windows` restricts the layer to some hours.
    """

    members: tuple[int, ...]
    days: tuple[int, ...]
    handoffs: tuple[int, ...]
    start: date
    zone: ZoneInfo
    windows: Hours | None = None

    @property
    def begins_at(self) -> datetime:
        """The instant of the first hand-off."""
        return self._instant(self.start, 0)

    def turn(self, at: datetime) -> Turn | None:
        """Return the turn at that instant, None before the first."""
        day = at.astimezone(self.zone).date()
        slot = sum(self._instant(day, n) <= at for n in range(len(self.handoffs))) - 1
        if slot < 0:
            day, slot = day - timedelta(days=1), len(self.handoffs) - 1
        passed = (day - self.start).days
        if passed < 0:
            return None
        if len(self.handoffs) > 1:
            return self._short(passed, slot)
        return self._long(passed)

    def _short(self, passed: int, slot: int) -> Turn:
        """A turn of part of a day."""
        number = passed * len(self.handoffs) + slot
        ends = divmod(number + 1, len(self.handoffs))
        return Turn(self.members[number % len(self.members)], self._after(passed, slot), self._after(ends[0], ends[1]))

    def _long(self, passed: int) -> Turn:
        """A turn of whole days."""
        bounds = list(accumulate(self.days))
        cycle, into = divmod(passed, bounds[-1])
        place = bisect_right(bounds, into)
        first = cycle * bounds[-1] + bounds[place] - self.days[place]
        return Turn(self.members[place], self._after(first, 0), self._after(first + self.days[place], 0))

    def _after(self, days: int, slot: int) -> datetime:
        return self._instant(self.start + timedelta(days=days), slot)

    def _instant(self, day: date, slot: int) -> datetime:
        """A local time that comes twice is the first of the two, one that is skipped as if the clock had gone on."""
        hour, minute = divmod(self.handoffs[slot], 60)
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Version:
    """The rule from `valid_from` until the next version's: layers in order, nobody while `office` is open."""

    valid_from: datetime
    layers: tuple[Layer, ...]
    office: Hours | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """For a window `user` is on call, or absent. Of two that hold the newest wins."""

    id: int
    user: int
    start: datetime
    end: datetime
    absence: bool = False

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Roster:
    """A rota as far as it is known: versions by `valid_from` (of equal ones the last rules), changes newest first."""

    versions: tuple[Version, ...]
    changes: tuple[Change, ...] = ()

    def version(self, at: datetime) -> Version | None:
        place = bisect_right(self.versions, at, key=lambda version: version.valid_from)
        return self.versions[place - 1] if place else None


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody is on call without a break; `change` is the id of the change that put them there."""

    user: int
    start: datetime
    end: datetime
    change: int | None = None

    @property
    def override(self) -> bool:
        return self.change is not None


# --- questions


def who(roster: Roster, at: datetime) -> int | None:
    """Return the user on call, None where nobody is or the office covers it."""
    found = _holder(roster, at)
    return found[0] if found else None


def shift(roster: Roster, at: datetime) -> Shift | None:
    """Return the shift at that instant: from hand-off to hand-off, cut where the office takes over."""
    found = _holder(roster, at)
    if found is None:
        return None
    start, end = _bounds(roster, at, found[1])
    return next(one for one in shifts(roster, start, end) if one.start <= at < one.end)


def next_shift(roster: Roster, at: datetime) -> Shift | None:
    """Return the shift that begins first after `at`, the same person's included; None within 60 days."""
    current = shift(roster, at)
    start = current.end if current else at
    last = start + LOOK_AHEAD
    while start < last:
        found = shifts(roster, start, start + _STEP)
        if found:
            return shift(roster, found[0].start)  # the whole of it, not cut at the end of the window
        start += _STEP
    return None


def shifts(roster: Roster, start: datetime, end: datetime) -> list[Shift]:
    """Return the shifts within [start, end) in order, cut at both ends."""
    found: list[tuple[tuple[int, Key], Shift]] = []
    for begin, until, holder in _pieces(roster, start, end):
        if holder is None:
            continue
        user, key = holder
        if found and found[-1][0] == holder and found[-1][1].end == begin:
            found[-1] = (holder, replace(found[-1][1], end=until))
        else:
            found.append((holder, Shift(user, begin, until, key[1] if key[0] == "change" else None)))
    return [one for _, one in found]


def gaps(roster: Roster, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return where somebody should be on call in [start, end) and nobody is, merged."""
    found: list[tuple[datetime, datetime]] = []
    for begin, until, holder in _pieces(roster, start, end):
        if holder is not None or not _covered(roster, begin):
            continue
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], until)
        else:
            found.append((begin, until))
    return found


def load(roster: Roster, start: datetime, end: datetime) -> dict[int, timedelta]:
    """Return user -> time on call within [start, end)."""
    hours: dict[int, timedelta] = {}
    for one in shifts(roster, start, end):
        hours[one.user] = hours.get(one.user, timedelta(0)) + (one.end - one.start)
    return hours


# --- the rule


def _covered(roster: Roster, at: datetime) -> bool:
    """Whether somebody should be on call: a rule holds and the office is closed."""
    version = roster.version(at)
    return version is not None and not (version.office and businesstime.is_open(at, version.office))


def _holder(roster: Roster, at: datetime) -> tuple[int, Key] | None:
    """Return who is on call and by what: a change, or a turn of a layer."""
    version = roster.version(at)
    if version is None or not _covered(roster, at):
        return None
    absent = {change.user for change in roster.changes if change.absence and change.holds(at)}
    for change in roster.changes:
        if not change.absence and change.holds(at) and change.user not in absent:
            return change.user, ("change", change.id, change.start)
    for number, layer in enumerate(version.layers):
        turn = layer.turn(at)
        if turn and turn.user not in absent and (layer.windows is None or businesstime.is_open(at, layer.windows)):
            return turn.user, ("layer", number, turn.start)
    return None


def _bounds(roster: Roster, at: datetime, key: Key) -> tuple[datetime, datetime]:
    """Return the widest that a shift with that key can be."""
    if key[0] == "change":
        change = next(change for change in roster.changes if change.id == key[1])
        return change.start, change.end
    version = roster.version(at)
    turn = version.layers[key[1]].turn(at) if version else None
    if turn is None:
        raise ValueError("nobody holds that key")
    return turn.start, turn.end


def _pieces(
    roster: Roster, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, tuple[int, Key] | None]]:
    """Yield [start, end) cut wherever the holder may change, with the holder of each piece."""
    edges = sorted({start, end, *(edge for edge in _edges(roster, start, end) if start < edge < end)})
    for begin, until in pairwise(edges):
        yield begin, until, _holder(roster, begin)


def _edges(roster: Roster, start: datetime, end: datetime) -> Iterator[datetime]:
    for change in roster.changes:
        yield from (change.start, change.end)
    for version in roster.versions:
        yield version.valid_from
        yield from _office_edges(version.office, start, end)
        for layer in version.layers:
            yield from _office_edges(layer.windows, start, end)
            yield from _turn_edges(layer, start, end)


def _office_edges(hours: Hours | None, start: datetime, end: datetime) -> Sequence[datetime]:
    if hours is None:
        return ()
    return [edge for span in businesstime.spans(start, end, hours) for edge in span]


def _turn_edges(layer: Layer, start: datetime, end: datetime) -> Iterator[datetime]:
    turn = layer.turn(max(start, layer.begins_at))
    while turn and turn.start < end:
        yield from (turn.start, turn.end)
        turn = layer.turn(turn.end)
