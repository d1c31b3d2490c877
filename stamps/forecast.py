"""When the stamps of an account run out, and until when an order still arrives in time. Pure.

The rhythm of use is learned from the stamps used on each local date: a level, a factor for each day
of the week, one for the end of the month. docs/stamps.md explains each rule with the numbers that
the tests assert.

Days are local dates of the sales calendar's zone; rates are stamps a calendar day.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from statistics import median
from typing import Final

from schedules import businesstime
from schedules.businesstime import Hours
from stamps.lots import Lot

WINDOW_DAYS: Final = 120  # older use says nothing about today's
IDLE_DAYS: Final = 60  # an account that used nothing for as long expects nothing
RHYTHM_DAYS: Final = 14  # before two whole weeks no day of the week is known
MONTH_DAYS: Final = 28  # before four weeks no end of a month is
HALF_LIFE_DAYS: Final = 21.0  # a day three weeks ago weighs half of yesterday
BIG: Final = 3.0  # a day counts at most this often the median of its kind
HUGE: Final = 6.0  # beyond as many times it is an accident
KIN: Final = 3  # days of a kind that it takes to call another one big
TREND_WEEKS: Final = 8  # before as many a growth is not told from noise
MOST_TREND: Final = 0.05  # a week
FALL: Final = 0.5  # how far a falling use is believed
CAUTION: Final = 0.3  # standard errors that the level is set higher
END_DAYS: Final = 3  # business days that make the end of a month
MOST_END: Final = 8.0
WALK_DAYS: Final = 120  # day by day so far, by the average beyond
FAR_DAYS: Final = 3_660  # what lasts ten years does not run out
RATE_DAYS: Final = 30
AHEAD: Final = 2  # business days that an order needs (InvoiceMX manual, "NOTA IMPORTANTE")
LOW: Final = 10  # business days left that are few
# How wide a range holds the true day in eight of ten cases: tried on the seasons of bench/stamps_forecast.py.
WIDE: Final = 1.3
FLOOR: Final = 0.03  # no use is as even as a clock
UNKNOWN: Final = 0.5  # the noise of a week of which fewer than three are known
DRIFT: Final = 0.09  # what may change in a month that nobody foresees

# By how many days ago.
_WEIGHTS: Final = tuple(0.5 ** (n / HALF_LIFE_DAYS) for n in range(WINDOW_DAYS + 1))
_SUNDAY: Final = 6
_TINY: Final = 1e-9


class Level(StrEnum):
    """How an account stands."""

    EMPTY = "empty"
    URGENT = "urgent"
    LOW = "low"
    OK = "ok"


class Basis(StrEnum):
    """What the forecast rests on: nothing used yet, too few days for a rhythm, none for long, or all of it."""

    NONE = "none"
    NEW = "new"
    IDLE = "idle"
    RHYTHM = "rhythm"


class End(StrEnum):
    """What takes the last stamp."""

    USE = "use"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True)
class History:
    """Stamps used on each local date (absent: none), known from the date `since` on."""

    used: Mapping[date, int]
    since: date


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a day uses: `level` times the factor of its weekday (from Monday), times that of the end of a month.

    `trend` is the growth a week, as a part of the level; it goes on for as long as a rate is told for.
    """

    basis: Basis
    level: float = 0.0
    weekdays: tuple[float, ...] = (1.0,) * 7
    month_end: float = 1.0
    trend: float = 0.0
    noise: float = UNKNOWN


@dataclass(frozen=True, slots=True)
class Forecast:
    """The answer: stamps a calendar day; the date on which the last one goes and the last instant to order, or None.

    In eight of ten cases the last one goes from `earliest_on` to `latest_on` (None: perhaps never). `exhausts_by` says
    whether the last one is used, or expires.
    """

    daily_rate: float
    exhausts_on: date | None
    order_by: datetime | None
    level: Level
    basis: Basis
    exhausts_by: End | None = None
    earliest_on: date | None = None
    latest_on: date | None = None


def forecast(
    balance: int,
    history: History,
    *,
    now: datetime,
    hours: Hours,
    endless: bool = False,
    lots: Sequence[Lot] = (),
    calendar: Calendar | None = None,
    ranged: bool = True,
) -> Forecast:
    """Foretell an account with `balance` stamps; `hours` is the sales calendar, `endless` terms never run out.

    `lots`: what the balance consists of, in the order of use; nothing expires where they are left out. Who foretells
    many accounts of a desk gives one `calendar` for all of them, and leaves out the range (not `ranged`).
    """
    today = now.astimezone(hours.zone).date()
    calendar = calendar or Calendar(hours)
    rhythm = learn(history, today=today, hours=hours, calendar=calendar)
    rate = sum(calendar.expected(rhythm, today, n) for n in range(RATE_DAYS)) / RATE_DAYS
    if endless:
        return Forecast(rate, None, None, Level.OK, rhythm.basis)
    stock = lots or [Lot(max(0, balance))]
    used_today = history.used.get(today, 0)
    ends, by = exhausts_on(stock, rhythm, today=today, used_today=used_today, rate=rate, calendar=calendar)
    if ends is None:
        return Forecast(rate, None, None, level(balance, None, None, now=now, hours=hours), rhythm.basis)
    earliest = latest = None
    if ranged:
        more = 1 + WIDE * doubt(rhythm, (ends - today).days + 1)
        earliest, latest = (
            exhausts_on(stock, scaled, today=today, used_today=used_today, rate=rate * factor, calendar=calendar)[0]
            for factor in (more, 1 / more)
            for scaled in (replace(rhythm, level=rhythm.level * factor),)
        )
    until = order_by(ends, hours)
    found = level(balance, ends, until, now=now, hours=hours)
    return Forecast(rate, ends, until, found, rhythm.basis, by, earliest, latest)


def coming(history: History, days: int, *, now: datetime, hours: Hours) -> list[float]:
    """Return the stamps that each of the next `days` dates is expected to use; of today what is still to come."""
    today = now.astimezone(hours.zone).date()
    calendar = Calendar(hours)
    rhythm = learn(history, today=today, hours=hours, calendar=calendar)
    found = [calendar.expected(rhythm, today, n) for n in range(days)]
    return [max(0.0, found[0] - history.used.get(today, 0)), *found[1:]] if found else []


def doubt(rhythm: Rhythm, days: int) -> float:
    """Return by how much the use of so many days may differ from what is expected, as a part of it (one in three).

    Noise evens out over the days; the doubt about the level and what changes meanwhile do not.
    """
    return math.sqrt(rhythm.noise**2 * (7 / days + 7 / HALF_LIFE_DAYS) + DRIFT**2 * days / 30)


def order_by(ends: date, hours: Hours) -> datetime:
    """Return the last closing instant of the second business day before that date, in UTC."""
    day = businesstime.add_business_days(ends, -AHEAD, hours)
    midnight = datetime.combine(day, time.min, hours.zone).astimezone(UTC)
    morrow = datetime.combine(day + timedelta(days=1), time.min, hours.zone).astimezone(UTC)
    return businesstime.spans(midnight, morrow, hours)[-1][1]


def level(balance: int, ends: date | None, until: datetime | None, *, now: datetime, hours: Hours) -> Level:
    """Return how an account stands that ends on that date and can be ordered for until that instant."""
    if balance <= 0:
        return Level.EMPTY
    if ends is None or until is None:
        return Level.OK
    if now > until:
        return Level.URGENT
    today = now.astimezone(hours.zone).date()
    return Level.LOW if businesstime.business_days_between(today, ends, hours) <= LOW else Level.OK


def exhausts_on(
    stock: Sequence[Lot], rhythm: Rhythm, *, today: date, used_today: int, rate: float, calendar: Calendar
) -> tuple[date | None, End | None]:
    """Return the date on which the last stamp goes, and what takes it; None where that is ten years away.

    That is today for an empty account. What today has used already is not expected of it again.
    """
    lots = [(float(lot.amount), lot.expires_on) for lot in stock if not lot.expires_on or lot.expires_on >= today]
    if sum(amount for amount, _ in lots) <= 0:
        return today, End.USE
    ends = [expires for _, expires in lots if expires]
    last = max(WALK_DAYS, (max(ends) - today).days + 1 if ends else 0) if rate > _TINY or ends else 0
    for n in range(min(last, FAR_DAYS)):
        day = today + timedelta(days=n)
        need = calendar.expected(rhythm, today, n) if n < WALK_DAYS else rate
        lots = _drawn(lots, need if n else max(0.0, need - used_today))
        if not lots:
            return day, End.USE
        lots = [(amount, expires) for amount, expires in lots if expires != day]
        if not lots:
            return day, End.EXPIRY
    if rate <= _TINY:
        return None, None
    days = last - 1 + sum(amount for amount, _ in lots) / rate
    return (today + timedelta(days=int(days)), End.USE) if days < FAR_DAYS else (None, None)


def _drawn(lots: list[tuple[float, date | None]], need: float) -> list[tuple[float, date | None]]:
    """What is left of the lots when so many stamps are taken, the first lot first."""
    for place, (amount, expires) in enumerate(lots):
        if amount - need > _TINY:
            return [(amount - need, expires), *lots[place + 1 :]]
        need = max(0.0, need - amount)
    return []


# ------------------------------------------------------------------ the rhythm


def learn(history: History, *, today: date, hours: Hours, calendar: Calendar | None = None) -> Rhythm:
    """Learn the rhythm from the whole days before `today`; from today's use where there is nothing else."""
    calendar = calendar or Calendar(hours)
    since = max(history.since, today - timedelta(days=WINDOW_DAYS))
    known = max(0, (today - since).days)
    days = [since + timedelta(days=n) for n in range(known)]
    used = {day: float(max(0, history.used.get(day, 0))) for day in days}
    if not any(used.values()):
        return _from_today(max(0, history.used.get(today, 0)), known)
    last = max(day for day, stamps in used.items() if stamps)
    if (today - last).days > IDLE_DAYS and not history.used.get(today):
        return Rhythm(Basis.IDLE)
    capped = _capped(used, calendar)
    weights = dict(zip(days, _WEIGHTS[known:0:-1], strict=True))
    if known < RHYTHM_DAYS:
        return Rhythm(Basis.NEW, level=_mean(capped, dict.fromkeys(days, 1.0)))
    weekdays = _weekdays(capped, weights, calendar)
    end = _month_end(capped, weekdays, calendar) if known >= MONTH_DAYS else 1.0
    faces = {day: calendar.face(day) for day in days}
    usual = {day: weekdays[weekday] * (end if is_end else 1.0) for day, (weekday, is_end) in faces.items()}
    expected = sum(weights[day] * usual[day] for day in days)
    found = sum(weights[day] * capped[day] for day in days)
    trend, unsure, noise = _trend([capped[day] for day in days], [usual[day] for day in days])
    age = sum(weights[day] * usual[day] * (today - day).days for day in days) / expected / 7
    level = found / expected * (1 + trend * age) * (1 + CAUTION * unsure)
    return Rhythm(Basis.RHYTHM, level, weekdays, end, trend, noise)


def _from_today(used: int, known: int) -> Rhythm:
    """All that was ever used was used today: spread over the days known, today included."""
    return Rhythm(Basis.NEW, level=used / (known + 1)) if used else Rhythm(Basis.NONE)


def _capped(used: Mapping[date, float], calendar: Calendar) -> dict[date, float]:
    """Cut single big days down to what days of their kind use: working days, Saturdays, Sundays; month's end or not.

    Three big days among five neighbours are no accident but a new way of using: they count whole.
    """
    kin: dict[tuple[int, bool], list[date]] = defaultdict(list)
    for day, stamps in used.items():
        if stamps:
            kin[calendar.kind(day)].append(day)
    capped = dict(used)
    for days in kin.values():
        usual = median(used[day] for day in days)
        for place, day in enumerate(days):
            if len(days) >= KIN and used[day] > BIG * usual:
                first = max(0, min(place - 2, len(days) - 5))
                near = median(used[other] for other in days[first : first + 5])
                capped[day] = _cut(used[day], max(usual, near))
    return capped


def _cut(stamps: float, usual: float) -> float:
    """A big day counts BIG times the usual at most; a huge one says nothing and counts as the usual."""
    return usual if stamps > HUGE * usual else min(stamps, BIG * usual)


def _weekdays(used: Mapping[date, float], weights: Mapping[date, float], calendar: Calendar) -> tuple[float, ...]:
    """Return a factor for each weekday, leaning to 1 as long as few of them are known. Ends of months are left out."""
    sums, seen = [0.0] * 7, [0.0] * 7
    for day, stamps in used.items():
        weekday, is_end = calendar.face(day)
        if not is_end:
            sums[weekday] += weights[day] * stamps
            seen[weekday] += weights[day]
    means = [total / weight if weight else None for total, weight in zip(sums, seen, strict=True)]
    known = [mean for mean in means if mean is not None]
    overall = sum(known) / len(known)
    if overall <= _TINY:
        return (1.0,) * 7
    return tuple(
        1.0 if mean is None else (weight * mean / overall + 0.5) / (weight + 0.5)
        for mean, weight in zip(means, seen, strict=True)
    )


def _month_end(used: Mapping[date, float], weekdays: tuple[float, ...], calendar: Calendar) -> float:
    """Return how often a day at the end of a month uses what its weekday does, leaning to 1 for the first months."""
    rest = expected = at_end = usual = 0.0
    months = set()
    for day, stamps in used.items():
        weekday, is_end = calendar.face(day)
        factor = weekdays[weekday]
        if is_end:
            months.add((day.year, day.month))
            at_end, usual = at_end + stamps, usual + factor
        else:
            rest, expected = rest + stamps, expected + factor
    if not months or rest <= _TINY or usual <= _TINY:
        return 1.0
    ratio = (at_end / usual) / (rest / expected)
    return min(MOST_END, (len(months) * ratio + 0.5) / (len(months) + 0.5))


def _trend(used: Sequence[float], usual: Sequence[float]) -> tuple[float, float, float]:
    """Return the growth a week as a part of the level, how far the level is in doubt, and the noise of a week.

    The slope of the weeks' levels, shrunk by its own uncertainty (1 - 2/t², James and Stein), so that noise is not
    taken for growth; a fall is believed by half: told too early rather than too late. The noise is the standard
    deviation of the weeks around that line, as a part of the level.
    """
    n = len(used) // 7
    weeks = [slice(len(used) - 7 * (n - i), len(used) - 7 * (n - i - 1)) for i in range(n)]
    levels = [sum(used[week]) / max(sum(usual[week]), _TINY) for week in weeks]
    centre, mean = (n - 1) / 2, sum(levels) / max(n, 1)
    if n < 3 or mean <= _TINY:
        return 0.0, 0.0, UNKNOWN
    spread = sum((i - centre) ** 2 for i in range(n))
    slope = sum((i - centre) * found for i, found in enumerate(levels)) / spread if n >= TREND_WEEKS else 0.0
    variance = sum((found - mean - slope * (i - centre)) ** 2 for i, found in enumerate(levels)) / (n - 2)
    noise = max(FLOOR, math.sqrt(variance) / mean)
    if n < TREND_WEEKS:
        return 0.0, 0.0, noise
    trust = max(0.0, 1 - 2 * variance / spread / slope**2) if slope else 0.0
    trend = trust * slope / mean * (1.0 if slope > 0 else FALL)
    return max(-MOST_TREND, min(MOST_TREND, trend)), math.sqrt(variance / HALF_LIFE_DAYS * 7) / mean, noise


def _mean(used: Mapping[date, float], weights: Mapping[date, float]) -> float:
    return sum(weights[day] * stamps for day, stamps in used.items()) / sum(weights.values())


class Calendar:
    """What kind of day a date is, in the sales calendar; remembers what it worked out."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._ends: dict[tuple[int, int], date] = {}
        self._weekday: dict[date, int] = {}
        self._faces: dict[date, tuple[int, bool]] = {}

    def weekday(self, day: date) -> int:
        """0 is Monday; a holiday from Monday to Friday uses stamps as a Sunday does."""
        found = self._weekday.get(day)
        if found is None:
            found = day.weekday()
            if found < 5 and not businesstime.is_business_day(day, self._hours):
                found = _SUNDAY
            self._weekday[day] = found
        return found

    def is_end(self, day: date) -> bool:
        """Whether the day lies at the end of its month: from its third last business day on."""
        month = (day.year, day.month)
        if month not in self._ends:
            first = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
            self._ends[month] = businesstime.add_business_days(first, -END_DAYS, self._hours)
        return day >= self._ends[month]

    def kind(self, day: date) -> tuple[int, bool]:
        """Days that are compared with each other."""
        weekday, is_end = self.face(day)
        return max(4, weekday), is_end

    def face(self, day: date) -> tuple[int, bool]:
        """The day's weekday as it uses stamps, and whether it lies at the end of its month."""
        found = self._faces.get(day)
        if found is None:
            found = self._faces[day] = (self.weekday(day), self.is_end(day))
        return found

    def expected(self, rhythm: Rhythm, today: date, n: int) -> float:
        """Return what the day `n` days after `today` is expected to use, in stamps."""
        if not rhythm.level:
            return 0.0
        day = today + timedelta(days=n)
        weekday, is_end = self.face(day)
        grown = 1 + rhythm.trend * min(n, RATE_DAYS) / 7
        return rhythm.level * rhythm.weekdays[weekday] * (rhythm.month_end if is_end else 1.0) * grown
