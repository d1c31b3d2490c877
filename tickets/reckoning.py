"""*¿Por qué vence a esa hora?*: the life of a clock as lines that add up. Pure.

A clock counts in stretches: those that are over (a rest or a change ended them) and the one that goes on until the
target is used up. Each stretch is told as the open spans of its calendar with their seconds, the rests between them,
and the days that are closed by name. The last line is the due instant, and the totals beside the lines lead to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from schedules import businesstime
from schedules.businesstime import Hours
from schedules.closeddays import closed_days

RUNNING, RESTING, STOPPED = "running", "resting", "stopped"
BROUGHT: Final = "brought"  # used before a reopening
COUNTED: Final = "counted"
REST: Final = "rest"
CLOSED: Final = "closed"
OVER: Final = "over"  # counted after the target was used up
DUE: Final = "due"
STOP: Final = "stop"
# What ends a stretch without a rest after it.
NO_REST: Final = frozenset({"reckoned", "stopped"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """[starts_at, ends_at) of a clock, in the open time of `hours` (None around the clock).

    `seconds` is what was counted, as it is kept; `ended_by` why it is over: a rest, or one of NO_REST.
    """

    starts_at: datetime
    ends_at: datetime
    hours: Hours | None
    seconds: int
    ended_by: str


@dataclass(frozen=True, slots=True)
class Life:
    """A clock: its stretches in order, the start of the one that goes on (None while it rests or is over)."""

    target_seconds: int
    stretches: Sequence[Stretch]
    goes_on_from: datetime | None = None
    hours: Hours | None = None
    brought: int = 0
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line: from, to (None where it has not ended), its seconds, and the total used by its end.

    `detail` is why a clock rested or a day was closed, `name` the day's; `ahead` what has still to come.
    """

    code: str
    starts_at: datetime
    ends_at: datetime | None
    seconds: int
    total: int
    detail: str = ""
    name: str = ""
    ahead: bool = False


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The lines with what they come to at `now`; `due_at` None while it rests, or where it was stopped in time."""

    state: str
    lines: tuple[Line, ...]
    target_seconds: int
    used_seconds: int
    due_at: datetime | None

    @property
    def left_seconds(self) -> int:
        """Negative once the target is used up."""
        return self.target_seconds - self.used_seconds


def explain(life: Life, *, now: datetime) -> Reckoning:
    """Tell the life of a clock as it stands at `now`, line by line."""
    teller = _Teller(life.target_seconds, life.brought)
    if life.brought:
        first = life.stretches[0].starts_at if life.stretches else life.goes_on_from or now
        teller.add(Line(BROUGHT, first, first, life.brought, life.brought))
    resumes = [*(stretch.starts_at for stretch in life.stretches), life.goes_on_from][1:]
    for stretch, resumed_at in zip(life.stretches, resumes, strict=True):
        teller.past(stretch)
        teller.rest(stretch, resumed_at or life.stopped_at)
    used = teller.total
    if life.goes_on_from is not None:
        used = teller.present(life.goes_on_from, life.hours, now)
    if life.stopped_at is not None:
        teller.add(Line(STOP, life.stopped_at, life.stopped_at, 0, teller.total))
    state = STOPPED if life.stopped_at else RUNNING if life.goes_on_from else RESTING
    return Reckoning(state, tuple(teller.lines), life.target_seconds, used, teller.due_at)


class _Teller:
    """Adds line after line and keeps the total; notes the instant at which it reaches the target."""

    def __init__(self, target: int, brought: int) -> None:
        self.target, self.total = target, brought
        self.lines: list[Line] = []
        self.due_at: datetime | None = None

    def add(self, line: Line) -> None:
        self.lines.append(line)

    def past(self, stretch: Stretch) -> None:
        """A stretch that is over; once the target is reached, the rest of it is one line."""
        before, left = self.total, self.target - self.total
        ends_at = stretch.ends_at
        if self.due_at is None and left < stretch.seconds:
            ends_at = min(ends_at, _after(stretch.starts_at, left, stretch.hours))
        if self.due_at is None:
            self._spans(stretch.starts_at, ends_at, stretch.hours, upto=min(self.target, before + stretch.seconds))
            if left < stretch.seconds:
                self._expire(ends_at, ahead=False)
        if self.due_at is not None:
            self._over(max(self.due_at, stretch.starts_at), stretch.ends_at, before + stretch.seconds - self.total)
        self.total = before + stretch.seconds

    def rest(self, stretch: Stretch, resumed_at: datetime | None) -> None:
        if stretch.ended_by not in NO_REST and (resumed_at is None or resumed_at > stretch.ends_at):
            self.add(Line(REST, stretch.ends_at, resumed_at, 0, self.total, detail=stretch.ended_by))

    def present(self, since: datetime, hours: Hours | None, now: datetime) -> int:
        """The stretch that goes on, told to its end; returns what is used at `now`."""
        before = self.total
        used = before + round(elapsed(since, now, hours))
        if self.due_at is None:
            due_at = _after(since, max(0, self.target - before), hours)
            self._spans(since, due_at, hours, upto=self.target, now=now)
            self._expire(due_at, ahead=due_at >= now)
        if now > (over_from := max(since, self.due_at or since)) and used > self.total:
            self._over(over_from, now, used - self.total)
            self.total = used
        return used

    def _expire(self, at: datetime, *, ahead: bool) -> None:
        self.due_at = at
        self.add(Line(DUE, at, at, 0, self.total, ahead=ahead))

    def _over(self, start: datetime, end: datetime, seconds: int) -> None:
        if seconds > 0:
            self.add(Line(OVER, start, end, seconds, self.total + seconds))

    def _spans(
        self, start: datetime, end: datetime, hours: Hours | None, *, upto: int, now: datetime | None = None
    ) -> None:
        """The open spans of [start, end), whose seconds come to `upto`, with the days that are closed by name."""
        spans = list(_split(_open(start, end, hours), now))
        closed = closed_days(start, end, hours) if hours is not None else []
        begun, passed = self.total, timedelta()
        told = [Line(CLOSED, c.starts_at, c.ends_at, 0, 0, detail=c.code, name=c.name) for c in closed]
        for index, (opens, closes) in enumerate(spans):
            passed += closes - opens
            last = index == len(spans) - 1
            total = upto if last else min(upto, begun + round(passed.total_seconds()))
            told.append(Line(COUNTED, opens, closes, 0, total))
        for line in sorted(told, key=lambda line: (line.starts_at, line.code == COUNTED)):
            total = line.total if line.code == COUNTED else self.total
            ahead = now is not None and line.starts_at >= now
            self.add(replace(line, seconds=total - self.total, total=total, ahead=ahead))
            self.total = total


def _open(start: datetime, end: datetime, hours: Hours | None) -> Sequence[tuple[datetime, datetime]]:
    if start >= end:
        return []
    if hours is None:
        return [(start.astimezone(UTC), end.astimezone(UTC))]
    return businesstime.spans(start, end, hours)


def _split(spans: Sequence[tuple[datetime, datetime]], now: datetime | None) -> Iterator[tuple[datetime, datetime]]:
    """The spans, the one that holds `now` cut there: what was counted, and what has still to come."""
    for opens, closes in spans:
        if now is not None and opens < now < closes:
            yield opens, now
            yield now, closes
        else:
            yield opens, closes


def _after(start: datetime, seconds: int, hours: Hours | None) -> datetime:
    amount = timedelta(seconds=seconds)
    return start + amount if hours is None else businesstime.add(start, amount, hours)


def elapsed(start: datetime, end: datetime, hours: Hours | None) -> float:
    """Seconds between two instants in the time that the clock counts."""
    if hours is None:
        return max(timedelta(), end - start).total_seconds()
    return businesstime.elapsed(start, end, hours).total_seconds()
