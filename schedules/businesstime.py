"""Business time: is it open, when does that change, how much open time lies between two instants. Pure.

The conventions are section 3 of the contract. A timetable is compiled in blocks of about a year into sorted edges with
prefix sums, so every question is a bisection however long the span; blocks are made when first asked for and never
change, so threads share them without a lock (two may compile one block at once; the results are equal).

Instants are aware datetimes with any offset; answers are UTC. The wall clock exists only while a block is compiled.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schedules import holidays_mx, zones
from schedules.hours import DAY_MINUTES, Interval, Spec

Spans = tuple[tuple[int, int], ...]

HOLIDAYS: Final = {"MX": holidays_mx.of_year}
FIRST_YEAR: Final = holidays_mx.FIRST_YEAR
LAST_YEAR: Final = holidays_mx.LAST_YEAR
MAX_SPAN: Final = timedelta(days=50 * 366)  # what one question may cover

_DAY: Final = 86_400
_MICRO: Final = 1_000_000
# Instants are counted in microseconds since half a second before 1970, so that no opening (they lie on whole seconds)
# falls on the edge of a block of 2**45 microseconds (407 days): an edge there is a seam, not a change.
_ORIGIN: Final = datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)
_HALF: Final = 500_000
_SHIFT: Final = 45
_SEAM: Final = (1 << _SHIFT) - 1
_FIRST: Final = _HALF
_END: Final = int((datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC) - _ORIGIN) / timedelta(microseconds=1))
_ALWAYS: Final = -(1 << 62)
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


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


@dataclass(frozen=True, slots=True)
class _Block:
    """Open time within one block, in microseconds.

    `edges` alternates opening, closing; `done[i]` is the open time up to the i-th closing; `total` the last of them.
    """

    edges: list[int]
    done: list[int]
    total: int


@dataclass(frozen=True, slots=True)
class _Era:
    """A timetable from one local date until another (ordinals), with the wall seconds at which each day is open."""

    zone: ZoneInfo
    first_day: int
    end_day: int
    start: int
    end: int
    week: tuple[Spans, ...]
    exceptions: Mapping[int, Spans]
    spec: Spec

    def wall(self, day: int) -> Spans:
        """Return the open seconds of that local date, merged, as if its clock never changed."""
        if day in self.exceptions:
            return self.exceptions[day]
        if self.spec.holidays and _holiday(self.spec.holidays, day):
            return ()
        return self.week[(day - 1) % 7]


@dataclass(frozen=True, eq=False)
class Hours:
    """A compiled timetable; make it with `compile_hours` or `compile_timeline`. Compared by identity."""

    eras: tuple[_Era, ...]
    last_block: int
    _blocks: dict[int, _Block] = field(default_factory=dict, repr=False)
    _years: dict[int, list[int]] = field(default_factory=dict, repr=False)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the newest rules."""
        return self.eras[-1].zone


# --- questions about an instant


def is_open(at: datetime, hours: Hours) -> bool:
    """Whether it is open at `at`. At the instant of closing it is closed."""
    micro = _micro(at, "at")
    return bisect_right(_block(hours, micro >> _SHIFT).edges, micro) & 1 == 1


def next_open(at: datetime, hours: Hours) -> datetime | None:
    """Return the next opening strictly after `at`, None when there is none."""
    return _instant(_next_edge(hours, _micro(at, "at"), 0))


def next_close(at: datetime, hours: Hours) -> datetime | None:
    """Return the next closing strictly after `at`, None when there is none."""
    return _instant(_next_edge(hours, _micro(at, "at"), 1))


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
    micro = _micro(start, "start")
    wanted = (amount.days * _DAY + amount.seconds) * _MICRO + amount.microseconds
    block = _block(hours, micro >> _SHIFT)
    wanted += _passed(block, micro)
    done = block.done
    if wanted <= block.total and amount.days >= 0 and amount:
        span = bisect_left(done, wanted)
        return _ORIGIN + timedelta(microseconds=block.edges[2 * span + 1] - done[span] + wanted)
    return _add_slowly(start, amount, hours, wanted)


def elapsed(start: datetime, end: datetime, hours: Hours) -> timedelta:
    """Return the open time between two instants, zero when `end` is not after `start`. Raises OutOfRange."""
    begin, until = _micro(start, "start"), _micro(end, "end")
    if until <= begin:
        return timedelta(0)
    number, last = begin >> _SHIFT, until >> _SHIFT
    passed = -_passed(_block(hours, number), begin)
    if last != number:
        if end - start > MAX_SPAN:
            raise OutOfRange("end", "the span is longer than 50 years")
        passed += sum(_block(hours, between).total for between in range(number, last))
    return timedelta(microseconds=passed + _passed(_block(hours, last), until))


def spans(start: datetime, end: datetime, hours: Hours) -> list[tuple[datetime, datetime]]:
    """Return the open intervals within [start, end) in order, cut at both ends, neighbours merged. Raises OutOfRange."""
    begin, until = _micro(start, "start"), _micro(end, "end")
    if end - start > MAX_SPAN:
        raise OutOfRange("end", "the span is longer than 50 years")
    found: list[tuple[int, int]] = []
    for number in range(begin >> _SHIFT, (until >> _SHIFT) + 1):
        edges = _block(hours, number).edges
        pairs = zip(edges[::2], edges[1::2], strict=True)
        found += [(max(one, begin), min(two, until)) for one, two in pairs if one < until and two > begin]
    return [(_ORIGIN + timedelta(microseconds=a), _ORIGIN + timedelta(microseconds=b)) for a, b in _merged(found)]


# --- business days


def is_business_day(day: date, hours: Hours) -> bool:
    """Whether the local date has at least one open minute."""
    ordinal = _ordinal(day, "date")
    days = _business_days(hours, day.year)
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
    days = _business_days(hours, year)
    ahead = len(days) - bisect_right(days, ordinal) if n > 0 else bisect_left(days, ordinal)
    left = abs(n)
    while left > ahead:
        left -= ahead
        year += step
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise NotOpenAgain("days", "there are not that many business days between 1970 and 2100")
        days = _business_days(hours, year)
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


# --- compiling


def compile_hours(spec: Spec) -> Hours:
    """Compile one timetable that always holds. Nothing is computed until a question is asked."""
    return compile_timeline([(date.min, spec)])


def compile_timeline(versions: Sequence[tuple[date, Spec]]) -> Hours:
    """Compile timetables that follow each other: `versions` in the order they were saved, each from a local date on.

    A local date is ruled by the version with the latest start that is not after it, of equal ones by the last saved;
    dates before every start by the earliest. The tail of a night shift belongs to the date that it falls on.
    """
    if not versions:
        raise ValueError("a timetable needs at least one version")
    ruling = sorted({start: spec for start, spec in versions}.items(), key=lambda pair: pair[0])
    starts = [date.min, *(start for start, _ in ruling[1:]), date.max]
    instants = [_ALWAYS, *(_midnight(start, spec) for start, spec in ruling[1:]), -_ALWAYS]
    eras = tuple(
        _era(spec, (starts[i].toordinal(), starts[i + 1].toordinal()), (instants[i], instants[i + 1]))
        for i, (_, spec) in enumerate(ruling)
    )
    # After the last date that stands apart a change comes within a year, or never.
    last_days = [max(era.exceptions, default=0) for era in eras] + [era.first_day for era in eras]
    last_second = (max(last_days) - _EPOCH_ORDINAL) * _DAY
    return Hours(eras, (max(last_second * _MICRO, 0) >> _SHIFT) + 2)


def opens_ever(spec: Spec) -> bool:
    """Whether there is any open instant between 1970 and 2100."""
    if spec.hours:
        return True
    hours = compile_hours(spec)
    near = {(extra.on.toordinal() - _EPOCH_ORDINAL) * _DAY * _MICRO >> _SHIFT for extra in spec.extra_openings}
    return any(_block(hours, number + step).total for number in near for step in (-1, 0, 1) if number + step >= 0)


def _era(spec: Spec, days: tuple[int, int], instants: tuple[int, int]) -> _Era:
    zone = zones.get(spec.timezone)
    week = _week(spec)
    return _Era(zone, *days, *instants, week, _exceptions(spec, week), spec)


def _midnight(day: date, spec: Spec) -> int:
    """Return the first instant of a local date."""
    local = datetime(day.year, day.month, day.day, tzinfo=zones.get(spec.timezone))
    return int((local - _ORIGIN) / timedelta(microseconds=1))


def _week(spec: Spec) -> tuple[Spans, ...]:
    """Return, for each weekday, the open seconds of the wall clock with the tail of the night before."""
    days: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for weekly in spec.hours:
        for shift, piece in _pieces(weekly.interval):
            days[(weekly.weekday + shift) % 7].append(piece)
    return tuple(_merged(sorted(day)) for day in days)


def _pieces(interval: Interval) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield (days later, seconds of that day): one piece, or two where the interval runs past midnight."""
    yield 0, (interval.opens * 60, min(interval.end, DAY_MINUTES) * 60)
    if interval.end > DAY_MINUTES:
        yield 1, (0, (interval.end - DAY_MINUTES) * 60)


def _by_day(windows: Iterable[tuple[date, Interval]]) -> dict[int, list[tuple[int, int]]]:
    days: dict[int, list[tuple[int, int]]] = {}
    for on, interval in windows:
        for shift, piece in _pieces(interval):
            days.setdefault(on.toordinal() + shift, []).append(piece)
    return days


def _exceptions(spec: Spec, week: tuple[Spans, ...]) -> dict[int, Spans]:
    """Return the open seconds of each date with a closure or an extra opening: extra > closure > holiday > week."""
    whole = {closure.on.toordinal() for closure in spec.closures if closure.window is None}
    shut = _by_day((closure.on, closure.window) for closure in spec.closures if closure.window is not None)
    extra = _by_day((opening.on, opening.interval) for opening in spec.extra_openings)
    days: dict[int, Spans] = {}
    for day in whole | shut.keys() | extra.keys():
        closed = day in whole or bool(spec.holidays and _holiday(spec.holidays, day))
        base = () if closed else _without(week[(day - 1) % 7], shut.get(day, ()))
        days[day] = _merged(sorted([*base, *extra.get(day, ())]))
    return days


def _holiday(code: str, day: int) -> str:
    """Return the name of the holiday on that ordinal, or nothing."""
    if not 1 <= day <= date.max.toordinal():
        return ""
    on = date.fromordinal(day)
    return HOLIDAYS[code](on.year).get(on, "")


def _merged(pieces: Iterable[tuple[int, int]]) -> Spans:
    """Join pieces, sorted by start, that overlap or touch; drop empty ones."""
    joined: list[tuple[int, int]] = []
    for start, end in pieces:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return tuple(joined)


def _without(pieces: Iterable[tuple[int, int]], holes: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Cut the holes out of the pieces."""
    left = list(pieces)
    for hole_start, hole_end in holes:
        cut = [((start, min(end, hole_start)), (max(start, hole_end), end)) for start, end in left]
        left = [piece for pair in cut for piece in pair if piece[0] < piece[1]]
    return left


# --- blocks


def _block(hours: Hours, number: int) -> _Block:
    try:
        return hours._blocks[number]
    except KeyError:
        return hours._blocks.setdefault(number, _compile_block(hours, number))


def _compile_block(hours: Hours, number: int) -> _Block:
    low, high = number << _SHIFT, (number + 1) << _SHIFT
    pieces: list[tuple[int, int]] = []
    for era in hours.eras:
        start, end = max(low, era.start), min(high, era.end)
        if start < end:
            pieces += _era_pieces(era, low, high, start, end)
    edges: list[int] = []
    done: list[int] = []
    total = 0
    for start, end in _merged(pieces):
        edges += (start, end)
        total += end - start
        done.append(total)
    return _Block(edges, done, total)


def _era_pieces(era: _Era, low: int, high: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the open pieces of one era within [start, end), in order: each day's wall time, offset by offset."""
    for segment in zones.segments(era.zone, low // _MICRO - 1, high // _MICRO + 2):
        begin = max(start, segment.start * _MICRO + _HALF)
        until = min(end, segment.end * _MICRO + _HALF)
        if begin >= until:
            continue
        shift = segment.offset * _MICRO
        first, last = (begin - _HALF + shift) // (_DAY * _MICRO), (until - _HALF + shift) // (_DAY * _MICRO)
        for day in range(first, last + 1):
            midnight = day * _DAY * _MICRO + _HALF - shift
            for opens, closes in era.wall(day + _EPOCH_ORDINAL):
                one, two = max(begin, midnight + opens * _MICRO), min(until, midnight + closes * _MICRO)
                if one < two:
                    yield one, two


def _passed(block: _Block, micro: int) -> int:
    """Return the open time of the block before that instant."""
    place = bisect_right(block.edges, micro)
    if place & 1:
        return block.done[place >> 1] - block.edges[place] + micro
    return block.done[(place >> 1) - 1] if place else 0


def _add_slowly(start: datetime, amount: timedelta, hours: Hours, wanted: int) -> datetime:
    """Finish `add` where the answer lies in a later block, or is no sum at all."""
    if amount < timedelta(0):
        raise OutOfRange("minutes", "a negative amount cannot be added")
    if not amount:
        return start.astimezone(UTC) if is_open(start, hours) else _opening_after(start, hours)
    if amount > MAX_SPAN:
        raise OutOfRange("minutes", "the amount is longer than 50 years")
    number = _micro(start, "start") >> _SHIFT
    while wanted > (block := _block(hours, number)).total:
        if not block.total and number > hours.last_block:
            raise NotOpenAgain("minutes", "the calendar does not open again")
        wanted -= block.total
        number += 1
        if number << _SHIFT > _END:
            raise OutOfRange("minutes", "the answer lies after the year 2100")
    span = bisect_left(block.done, wanted)
    return _ORIGIN + timedelta(microseconds=block.edges[2 * span + 1] - block.done[span] + wanted)


def _opening_after(start: datetime, hours: Hours) -> datetime:
    opening = next_open(start, hours)
    if opening is None:
        raise NotOpenAgain("start", "the calendar does not open again")
    return opening


def _next_edge(hours: Hours, micro: int, parity: int) -> int | None:
    """Return the first opening (parity 0) or closing (1) after the instant; seams between blocks are none."""
    number = micro >> _SHIFT
    for later in range(number, max(number, hours.last_block) + 3):
        edges = _block(hours, later).edges
        place = bisect_right(edges, micro)
        for edge in edges[place + ((place & 1) ^ parity) :: 2]:
            if edge & _SEAM:
                return edge
    return None


# --- reasons


def _reason(at: datetime, hours: Hours, opened: bool) -> Reason:
    era = next(era for era in reversed(hours.eras) if _micro(at, "at") >= era.start)
    local = at.astimezone(era.zone)
    day, second = local.toordinal(), (local.hour * 60 + local.minute) * 60 + local.second
    if opened:
        extra = _by_day((opening.on, opening.interval) for opening in era.spec.extra_openings)
        return Reason("extra_opening" if _within(extra.get(day, ()), second) else "hours")
    for closure in era.spec.closures:
        if closure.window is None:
            if closure.on.toordinal() == day:
                return Reason("closure", closure.name)
        elif _within(_by_day([(closure.on, closure.window)]).get(day, ()), second):
            return Reason("closure", closure.name)
    name = _holiday(era.spec.holidays, day) if era.spec.holidays else ""
    return Reason("holiday", name) if name else Reason("outside_hours")


def _within(pieces: Iterable[tuple[int, int]], second: int) -> bool:
    return any(start <= second < end for start, end in pieces)


# --- days


def _business_days(hours: Hours, year: int) -> list[int]:
    """Return the ordinals of the year's business days, in order."""
    try:
        return hours._years[year]
    except KeyError:
        return hours._years.setdefault(year, _compile_year(hours, year))


def _compile_year(hours: Hours, year: int) -> list[int]:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days: list[int] = []
    for era in hours.eras:
        begin, until = max(first, era.first_day), min(last + 1, era.end_day)
        if begin < until:
            skipped = _skipped_by_day(era.zone, year)
            days += [day for day in range(begin, until) if _without(era.wall(day), skipped.get(day, ()))]
    return days


def _skipped_by_day(zone: ZoneInfo, year: int) -> dict[int, list[tuple[int, int]]]:
    """Return, per ordinal, the seconds of the wall clock that never come because the clocks jump over them."""
    first = (date(year, 1, 1).toordinal() - _EPOCH_ORDINAL) * _DAY
    days: dict[int, list[tuple[int, int]]] = {}
    for start, end in zones.skipped(zone, first - 2 * _DAY, first + 368 * _DAY):
        for day in range(start // _DAY, (end - 1) // _DAY + 1):
            piece = (max(start - day * _DAY, 0), min(end - day * _DAY, _DAY))
            days.setdefault(day + _EPOCH_ORDINAL, []).append(piece)
    return days


def _count_days(hours: Hours, first: int, last: int) -> int:
    """Return the number of business days in [first, last], by ordinal."""
    if last < first:
        return 0
    one, two = date.fromordinal(first).year, date.fromordinal(last).year
    if two - one > MAX_SPAN.days // 366:
        raise OutOfRange("end", "the span is longer than 50 years")
    whole = sum(len(_business_days(hours, year)) for year in range(one, two))
    return whole + bisect_right(_business_days(hours, two), last) - bisect_left(_business_days(hours, one), first)


# --- numbers and instants


def _micro(at: datetime, argument: str) -> int:
    try:
        since = at - _ORIGIN
    except TypeError:
        raise ValueError(f"{argument} has no offset") from None
    micro = (since.days * _DAY + since.seconds) * _MICRO + since.microseconds
    if not _FIRST <= micro < _END:
        raise OutOfRange(argument, f"{argument} is not between the years 1970 and 2100")
    return micro


def _instant(micro: int | None) -> datetime | None:
    return None if micro is None else _ORIGIN + timedelta(microseconds=micro)


def _ordinal(day: date, argument: str) -> int:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise OutOfRange(argument, f"{argument} is not between the years 1970 and 2100")
    return day.toordinal()
