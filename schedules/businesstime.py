"""Business time: is it open, when does that change, how much open time lies between two instants. Pure.

The conventions are section 3 of the contract. The timetable is compiled into sorted edges with prefix sums
(`compiled`), so every question is a bisection however long the span: no walk over days.

Instants are aware datetimes with any offset; answers are UTC. A date is a local date of the calendar's zone.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from schedules.compiled import (
    BLOCK_DAYS,
    BLOCKS,
    FIRST_YEAR,
    LAST_YEAR,
    ORIGIN,
    Block,
    Hours,
    Seconds,
    by_day,
    compile_hours,
    compile_timeline,
    holiday,
    merged,
    opens_ever,
)

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "MAX_SPAN",
    "Hours",
    "NotOpenAgain",
    "OutOfRange",
    "Reason",
    "Status",
    "add",
    "add_business_days",
    "business_days_between",
    "compile_hours",
    "compile_timeline",
    "elapsed",
    "is_business_day",
    "is_open",
    "next_close",
    "next_open",
    "opens_ever",
    "spans",
    "status",
]

MAX_SPAN: Final = timedelta(days=50 * 366)  # what one question may cover
_ZERO: Final = timedelta(0)


class OutOfRange(ValueError):
    """An argument, named by `argument`, lies outside what can be computed (1970 to 2100, spans of 50 years)."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


class NotOpenAgain(OutOfRange):
    """The calendar does not open often enough after `start` to answer."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it is open or closed: `hours`, `extra_opening`, `closure`, `holiday`, `outside_hours`; `name` of the day."""

    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The answer to "is it open now": instants are UTC, None where nothing changes any more."""

    open: bool
    next_open: datetime | None
    next_close: datetime | None
    reason: Reason


# --- questions about an instant


def is_open(at: datetime, hours: Hours) -> bool:
    """Whether it is open at `at`. At the instant of closing it is closed."""
    since = _since(at, "at")
    return bisect_right(_block(hours, since, "at").edges, since) & 1 == 1


def next_open(at: datetime, hours: Hours) -> datetime | None:
    """Return the next opening strictly after `at`, None when there is none."""
    return _next_edge(hours, at, 0)


def next_close(at: datetime, hours: Hours) -> datetime | None:
    """Return the next closing strictly after `at`, None when there is none."""
    return _next_edge(hours, at, 1)


def status(at: datetime, hours: Hours) -> Status:
    """Return whether it is open, when that changes, and why."""
    opened = is_open(at, hours)
    return Status(opened, next_open(at, hours), next_close(at, hours), _reason(at, hours, opened))


# --- arithmetic


def add(start: datetime, amount: timedelta, hours: Hours) -> datetime:
    """Return the instant at which `amount` of open time has passed since `start`.

    Ends exactly at a closing: that closing, not the next opening. Nothing added to a closed instant: the next opening.
    Raises OutOfRange for a negative amount or one too long, NotOpenAgain where too little opens.
    """
    try:
        # The zone's own datetimes are converted without asking for two offsets: half the time of the question.
        own = start.tzinfo is hours.zone
        since = start - hours.wall - hours.offset(start) if own else start - ORIGIN
        block = hours.blocks[since.days // BLOCK_DAYS]
    except (TypeError, KeyError):
        since = _since(start, "start")
        block = _block(hours, since, "start")
    place = bisect_right(block.edges, since)
    try:
        if place & 1:
            wanted = amount + since - block.shut[place >> 1]
        else:
            wanted = amount + block.done[(place >> 1) - 1] if place else amount
    except OverflowError:
        wanted = amount
    if amount > _ZERO and wanted <= block.total:
        return block.base[bisect_left(block.done, wanted)] + wanted
    return _add_slowly(start, amount, hours, wanted)


def elapsed(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """Return the open time between two instants, zero when `end` is not after `start`. Raises OutOfRange."""
    try:
        if start.tzinfo is hours.zone is end.tzinfo:
            begin = start - hours.wall - hours.offset(start)
            until = end - hours.wall - hours.offset(end)
        else:
            begin, until = start - ORIGIN, end - ORIGIN
        block = hours.blocks[begin.days // BLOCK_DAYS]
    except (TypeError, KeyError):
        begin, until = _since(start, "start"), _since(end, "end")
        block = _block(hours, begin, "start")
    if not begin < until < block.limit:
        return _elapsed_slowly(begin, until, hours)
    one = bisect_right(block.edges, begin)
    two = bisect_right(block.edges, until, one)
    before = begin - block.shut[one >> 1] if one & 1 else block.done[(one >> 1) - 1] if one else _ZERO
    if two & 1:
        return until - block.shut[two >> 1] - before
    return block.done[(two >> 1) - 1] - before if two else _ZERO


def spans(start: datetime, end: datetime, hours: Hours) -> list[tuple[datetime, datetime]]:
    """Return the open intervals within [start, end) in order, cut at both ends, merged. Raises OutOfRange."""
    begin, until = _since(start, "start"), _since(end, "end")
    _block(hours, begin, "start"), _block(hours, until, "end")
    if until - begin > MAX_SPAN:
        raise OutOfRange("end", "the span is longer than 50 years")
    found: list[tuple[timedelta, timedelta]] = []
    for number in range(begin.days // BLOCK_DAYS, until.days // BLOCK_DAYS + 1):
        block = hours.block(number)
        first, last = max(begin, block.starts), min(until, block.ends)
        pairs = zip(block.edges[::2], block.edges[1::2], strict=True)
        found += [(max(one, first), min(two, last)) for one, two in pairs if one < last and two > first]
    return [(ORIGIN + one, ORIGIN + two) for one, two in merged(found)]


# --- business days


def is_business_day(day: date, hours: Hours) -> bool:
    """Whether the local date has at least one open minute."""
    ordinal = _ordinal(day, "date")
    days = hours.business_days(day.year)
    place = bisect_left(days, ordinal)
    return place < len(days) and days[place] == ordinal


def add_business_days(day: date, n: int, hours: Hours) -> date:
    """Return the n-th business day strictly after `day` (before it for a negative n); for 0 itself or the next one.

    Raises OutOfRange where it lies beyond 1970-2100, NotOpenAgain where there are not that many.
    """
    ordinal = _ordinal(day, "date")
    if n == 0:
        ordinal, n = ordinal - 1, 1
    year, step = day.year, 1 if n > 0 else -1
    days = hours.business_days(year)
    ahead = len(days) - bisect_right(days, ordinal) if n > 0 else bisect_left(days, ordinal)
    left = abs(n)
    while left > ahead:
        left -= ahead
        year += step
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise NotOpenAgain("days", "there are not that many business days between 1970 and 2100")
        days = hours.business_days(year)
        ahead = len(days)
    return date.fromordinal(days[len(days) - ahead + left - 1] if n > 0 else days[ahead - left])


def business_days_between(start: date, end: date, hours: Hours) -> int:
    """Return how many business days lie after `start` up to and including `end`; negative when `end` is earlier.

    The inverse of `add_business_days`: from any day to its n-th business day it is n.
    """
    if end < start:
        first, last = _ordinal(end, "end"), _ordinal(start, "start") - 1
        return -_count_days(hours, first, last)
    return _count_days(hours, _ordinal(start, "start") + 1, _ordinal(end, "end"))


# --- within blocks


def _since(at: datetime, argument: str) -> timedelta:
    try:
        return at - ORIGIN
    except TypeError:
        raise ValueError(f"{argument} has no offset") from None


def _block(hours: Hours, since: timedelta, argument: str) -> Block:
    """Return the block in which an argument lies. Raises OutOfRange, which names it."""
    number = since.days // BLOCK_DAYS
    try:
        return hours.blocks[number]
    except KeyError:
        if not 0 <= number < BLOCKS:
            raise OutOfRange(argument, f"{argument} is not between the years 1970 and 2100") from None
        return hours.block(number)


def _passed(block: Block, since: timedelta) -> timedelta:
    """Return the open time of the block before that instant."""
    place = bisect_right(block.edges, since)
    if place & 1:
        return since - block.shut[place >> 1]
    return block.done[(place >> 1) - 1] if place else _ZERO


def _elapsed_slowly(begin: timedelta, until: timedelta, hours: Hours) -> timedelta:
    """Finish `elapsed` where the span reaches past a block and the next, or is none."""
    first, last = _block(hours, begin, "start"), _block(hours, until, "end")
    if until <= begin:
        return _ZERO
    return _passed(last, until) - _passed(first, begin) + _between(hours, begin, until)


def _between(hours: Hours, first: timedelta, last: timedelta) -> timedelta:
    """Return the open time of all blocks from that of `first` to the one before that of `last`."""
    if last - first > MAX_SPAN:
        raise OutOfRange("end", "the span is longer than 50 years")
    return sum((hours.block(n).own for n in range(first.days // BLOCK_DAYS, last.days // BLOCK_DAYS)), _ZERO)


def _add_slowly(start: datetime, amount: timedelta, hours: Hours, wanted: timedelta) -> datetime:
    """Finish `add` where the answer lies in a later block, or is no sum at all."""
    if amount < _ZERO:
        raise OutOfRange("minutes", "a negative amount cannot be added")
    if not amount:
        return start.astimezone(UTC) if is_open(start, hours) else _opening_after(start, hours)
    if amount > MAX_SPAN:
        raise OutOfRange("minutes", "the amount is longer than 50 years")
    number = _since(start, "start").days // BLOCK_DAYS
    while wanted > (block := hours.block(number)).total:
        if not block.total and number > hours.last_block:
            raise NotOpenAgain("minutes", "the calendar does not open again")
        wanted -= block.own
        number += 1
        if number >= BLOCKS:
            raise OutOfRange("minutes", "the answer lies after the year 2100")
    return block.base[bisect_left(block.done, wanted)] + wanted


def _opening_after(start: datetime, hours: Hours) -> datetime:
    opening = next_open(start, hours)
    if opening is None:
        raise NotOpenAgain("start", "the calendar does not open again")
    return opening


def _next_edge(hours: Hours, at: datetime, parity: int) -> datetime | None:
    """Return the first opening (parity 0) or closing (1) after the instant; the seams between blocks are none."""
    since = _since(at, "at")
    _block(hours, since, "at")
    number = since.days // BLOCK_DAYS
    for later in range(number, max(number, hours.last_block) + 3):
        block = hours.block(later)
        place = bisect_right(block.edges, since)
        for edge in block.edges[place + ((place & 1) ^ parity) : place + 4 : 2]:
            if block.starts < edge < block.limit:
                return ORIGIN + edge
    return None


# --- reasons


def _reason(at: datetime, hours: Hours, opened: bool) -> Reason:
    second = at.timestamp()
    era = next(era for era in reversed(hours.eras) if second >= era.seconds[0])
    local = at.astimezone(era.zone)
    day, wall = local.toordinal(), (local.hour * 60 + local.minute) * 60 + local.second
    if opened:
        extra = by_day((opening.on, opening.interval) for opening in era.spec.extra_openings)
        return Reason("extra_opening" if _within(extra.get(day, ()), wall) else "hours")
    for closure in era.spec.closures:
        if closure.window is None:
            if closure.on.toordinal() == day:
                return Reason("closure", closure.name)
        elif _within(by_day([(closure.on, closure.window)]).get(day, ()), wall):
            return Reason("closure", closure.name)
    name = holiday(era.spec.holidays, day) if era.spec.holidays else ""
    return Reason("holiday", name) if name else Reason("outside_hours")


def _within(pieces: Iterable[Seconds], wall: int) -> bool:
    return any(start <= wall < end for start, end in pieces)


def _count_days(hours: Hours, first: int, last: int) -> int:
    """Return the number of business days in [first, last], by ordinal."""
    if last < first:
        return 0
    one, two = date.fromordinal(first).year, date.fromordinal(last).year
    if two - one > MAX_SPAN.days // 366:
        raise OutOfRange("end", "the span is longer than 50 years")
    whole = sum(len(hours.business_days(year)) for year in range(one, two))
    return whole + bisect_right(hours.business_days(two), last) - bisect_left(hours.business_days(one), first)


def _ordinal(day: date, argument: str) -> int:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise OutOfRange(argument, f"{argument} is not between the years 1970 and 2100")
    return day.toordinal()
