"""A timetable compiled for bisection: wall clock in, sorted open spans in UTC out. Used by `businesstime`. Pure.

Compiled in blocks of about a year, each when first asked for and never changed, so threads share them without a lock
(two may compile one block at once; the results are equal and one is kept). The wall clock exists only in here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeVar, cast
from zoneinfo import ZoneInfo

from schedules import holidays_mx, zones
from schedules.hours import DAY_MINUTES, Interval, Spec

Seconds = tuple[int, int]
Spans = tuple[Seconds, ...]
Number = TypeVar("Number", int, timedelta)

HOLIDAYS: Final = {"MX": holidays_mx.of_year}
FIRST_YEAR: Final = holidays_mx.FIRST_YEAR
LAST_YEAR: Final = holidays_mx.LAST_YEAR

# Instants are counted as timedeltas since half a second before 1970: one subtraction at the door and C from there on.
# No opening (they lie on whole seconds) falls on the end of a block, so an edge there is a seam, not a change.
ORIGIN: Final = datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC)
BLOCK_DAYS: Final = 389
BLOCKS: Final = 123  # 123 blocks of 389 days are the 131 years from 1970 to 2100, to the day

_DAY: Final = 86_400
_ZERO: Final = timedelta(0)
_HALF: Final = timedelta(seconds=0.5)
_FOREVER: Final = 1 << 40  # seconds
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Block:
    """Open time from `starts` to `limit`: the block itself, to `ends`, and the next, so that few questions need two.

    `edges` alternates opening and closing, as time since the origin. Per open span: `done`, the open time up to its
    closing; and its closing less that, as time since the origin (`shut`: the closed time before it) and as an instant
    (`base`). `own` is the open time of the block itself, `total` of all.
    """

    starts: timedelta
    ends: timedelta
    limit: timedelta
    edges: list[timedelta]
    done: list[timedelta]
    shut: list[timedelta]
    base: list[datetime]
    own: timedelta
    total: timedelta


@dataclass(frozen=True, slots=True)
class Era:
    """A timetable from one local date until another: `days` by ordinal, `seconds` since 1970 UTC, both half-open.

    `week` and `exceptions` hold the wall seconds at which a day is open, by weekday and by ordinal.
    """

    spec: Spec
    zone: ZoneInfo
    days: tuple[int, int]
    seconds: Seconds
    week: tuple[Spans, ...]
    exceptions: Mapping[int, Spans]

    def wall(self, day: int) -> Spans:
        """Return the open seconds of that local date, merged, as if its clock never changed."""
        if day in self.exceptions:
            return self.exceptions[day]
        if self.spec.holidays and holiday(self.spec.holidays, day):
            return ()
        return self.week[(day - 1) % 7]


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """A compiled timetable; make it with `compile_hours` or `compile_timeline`. Compared by identity.

    `zone` is that of the newest rules; `wall` the origin as that zone's clock would show it without an offset, and
    `offset` the zone's: together they turn one of its own datetimes into time since the origin in half the time.
    After `last_block` the timetable only repeats: a change comes within two blocks, or never.
    """

    eras: tuple[Era, ...]
    last_block: int
    zone: ZoneInfo
    wall: datetime
    offset: Callable[[datetime], timedelta] = field(repr=False)
    blocks: dict[int, Block] = field(default_factory=dict, repr=False)
    years: dict[int, list[int]] = field(default_factory=dict, repr=False)

    def block(self, number: int) -> Block:
        """Return a block by number; outside 1970-2100 one that is not kept."""
        try:
            return self.blocks[number]
        except KeyError:
            block = _compile_block(self, number)
            return self.blocks.setdefault(number, block) if 0 <= number < BLOCKS else block

    def business_days(self, year: int) -> list[int]:
        """Return the ordinals of the local dates of that year with an open minute, in order."""
        try:
            return self.years[year]
        except KeyError:
            return self.years.setdefault(year, _compile_year(self, year))


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
    ruling = sorted(dict(versions).items(), key=lambda pair: pair[0])
    starts = [date.min, *(start for start, _ in ruling[1:]), date.max]
    instants = [-_FOREVER, *(_midnight(start, spec) for start, spec in ruling[1:]), _FOREVER]
    eras = tuple(
        _era(spec, (starts[i].toordinal(), starts[i + 1].toordinal()), (instants[i], instants[i + 1]))
        for i, (_, spec) in enumerate(ruling)
    )
    # After the last date that stands apart a change comes within a year, or never.
    last_days = [max(era.exceptions, default=0) for era in eras] + [era.days[0] for era in eras]
    zone = eras[-1].zone
    offset = cast("Callable[[datetime], timedelta]", zone.utcoffset)  # a ZoneInfo always knows it
    last_block = (max(last_days) - _EPOCH_ORDINAL) // BLOCK_DAYS + 2
    return Hours(eras, last_block, zone, ORIGIN.replace(tzinfo=zone), offset)


def opens_ever(spec: Spec) -> bool:
    """Whether there is any open instant between 1970 and 2100."""
    if spec.hours:
        return True
    hours = compile_hours(spec)
    near = {(extra.on.toordinal() - _EPOCH_ORDINAL) // BLOCK_DAYS for extra in spec.extra_openings}
    return any(hours.block(number + step).total for number in near for step in (-1, 0, 1))


def _era(spec: Spec, days: tuple[int, int], seconds: Seconds) -> Era:
    week = _week(spec)
    return Era(spec, zones.get(spec.timezone), days, seconds, week, _exceptions(spec, week))


def _midnight(day: date, spec: Spec) -> int:
    """Return the first instant of a local date, in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zones.get(spec.timezone)).timestamp())


def _week(spec: Spec) -> tuple[Spans, ...]:
    """Return, for each weekday, the open seconds of the wall clock with the tail of the night before."""
    days: list[list[Seconds]] = [[] for _ in range(7)]
    for weekly in spec.hours:
        for shift, piece in _pieces(weekly.interval):
            days[(weekly.weekday + shift) % 7].append(piece)
    return tuple(merged(sorted(day)) for day in days)


def _pieces(interval: Interval) -> Iterator[tuple[int, Seconds]]:
    """Yield (days later, seconds of that day): one piece, or two where the interval runs past midnight."""
    yield 0, (interval.opens * 60, min(interval.end, DAY_MINUTES) * 60)
    if interval.end > DAY_MINUTES:
        yield 1, (0, (interval.end - DAY_MINUTES) * 60)


def by_day(windows: Iterable[tuple[date, Interval]]) -> dict[int, list[Seconds]]:
    days: dict[int, list[Seconds]] = {}
    for on, interval in windows:
        for shift, piece in _pieces(interval):
            days.setdefault(on.toordinal() + shift, []).append(piece)
    return days


def _exceptions(spec: Spec, week: tuple[Spans, ...]) -> dict[int, Spans]:
    """Return the open seconds of each date with a closure or an extra opening: extra > closure > holiday > week."""
    whole = {closure.on.toordinal() for closure in spec.closures if closure.window is None}
    shut = by_day((closure.on, closure.window) for closure in spec.closures if closure.window is not None)
    extra = by_day((opening.on, opening.interval) for opening in spec.extra_openings)
    days: dict[int, Spans] = {}
    for day in whole | shut.keys() | extra.keys():
        closed = day in whole or bool(spec.holidays and holiday(spec.holidays, day))
        base = () if closed else _without(week[(day - 1) % 7], shut.get(day, ()))
        days[day] = merged(sorted([*base, *extra.get(day, ())]))
    return days


def holiday(code: str, day: int) -> str:
    """Return the name of the holiday on that ordinal, or nothing."""
    if not 1 <= day <= date.max.toordinal():
        return ""
    on = date.fromordinal(day)
    return HOLIDAYS[code](on.year).get(on, "")


def merged(pieces: Iterable[tuple[Number, Number]]) -> tuple[tuple[Number, Number], ...]:
    """Join pieces, sorted by start, that overlap or touch; drop empty ones."""
    joined: list[tuple[Number, Number]] = []
    for start, end in pieces:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return tuple(joined)


def _without(pieces: Iterable[Seconds], holes: Iterable[Seconds]) -> list[Seconds]:
    """Cut the holes out of the pieces."""
    left = list(pieces)
    for hole_start, hole_end in holes:
        cut = [((start, min(end, hole_start)), (max(start, hole_end), end)) for start, end in left]
        left = [piece for pair in cut for piece in pair if piece[0] < piece[1]]
    return left


# --- blocks


def _compile_block(hours: Hours, number: int) -> Block:
    """Compile the spans of a block and the next, cut at both ends."""
    starts, ends, limit = (timedelta(days=BLOCK_DAYS * n) for n in (number, number + 1, number + 2))
    low, high = (BLOCK_DAYS * _DAY * n for n in (number, number + 2))
    edges: list[timedelta] = []
    done: list[timedelta] = []
    own = total = _ZERO
    for opens, closes in merged(_open_seconds(hours, low - 1, high)):
        opening = max(timedelta(seconds=opens) + _HALF, starts)
        closing = min(timedelta(seconds=closes) + _HALF, limit)
        edges += (opening, closing)
        total += closing - opening
        own += max(_ZERO, min(closing, ends) - opening)
        done.append(total)
    shut = [closing - open_time for closing, open_time in zip(edges[1::2], done, strict=True)]
    return Block(starts, ends, limit, edges, done, shut, [ORIGIN + closed for closed in shut], own, total)


def _open_seconds(hours: Hours, low: int, high: int) -> Iterator[Seconds]:
    """Yield the open pieces of [low, high) in order, in seconds since 1970 UTC."""
    for era in hours.eras:
        start, end = max(low, era.seconds[0]), min(high, era.seconds[1])
        if start < end:
            for segment in zones.segments(era.zone, low, high):
                yield from _segment_seconds(era, segment, start, end)


def _segment_seconds(era: Era, segment: zones.Segment, start: int, end: int) -> Iterator[Seconds]:
    """Yield the open pieces of one era while one offset holds: an instant is open if its wall time is."""
    start, end = max(start, segment.start), min(end, segment.end)
    if start >= end:
        return
    for day in range((start + segment.offset) // _DAY, (end - 1 + segment.offset) // _DAY + 1):
        midnight = day * _DAY - segment.offset
        for opens, closes in era.wall(day + _EPOCH_ORDINAL):
            one, two = max(start, midnight + opens), min(end, midnight + closes)
            if one < two:
                yield one, two


# --- days


def _compile_year(hours: Hours, year: int) -> list[int]:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    days: list[int] = []
    for era in hours.eras:
        begin, until = max(first, era.days[0]), min(last + 1, era.days[1])
        if begin < until:
            skipped = _skipped_by_day(era.zone, year)
            days += [day for day in range(begin, until) if _without(era.wall(day), skipped.get(day, ()))]
    return days


def _skipped_by_day(zone: ZoneInfo, year: int) -> dict[int, list[Seconds]]:
    """Return, per ordinal, the seconds of the wall clock that never come because the clocks jump over them."""
    first = (date(year, 1, 1).toordinal() - _EPOCH_ORDINAL) * _DAY
    days: dict[int, list[Seconds]] = {}
    for start, end in zones.skipped(zone, first - 2 * _DAY, first + 368 * _DAY):
        for day in range(start // _DAY, (end - 1) // _DAY + 1):
            piece = (max(start - day * _DAY, 0), min(end - day * _DAY, _DAY))
            days.setdefault(day + _EPOCH_ORDINAL, []).append(piece)
    return days
