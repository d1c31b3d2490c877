"""Reads of a desk's rota: who can be woken, what is wrong in the days to come, who carries how much."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from desks.config import DeskConfig
from desks.models import Desk
from notifications.models import WakeChannel
from schedules import businesstime, holidays_mx, rota_spec
from schedules import queries as schedule_queries
from schedules.models import Override, RotaVersion
from schedules.rota_spec import Rule
from schedules.rotas import Shift

AHEAD: Final = timedelta(days=14)  # how far problems are looked for
LOAD: Final = timedelta(days=30)
PENDING: Final = (Override.State.REQUESTED, Override.State.ACCEPTED)

GAP: Final = "gap"
NO_CHANNEL: Final = "no_channel"


def wakeable(user_ids: Iterable[int]) -> set[int]:
    """Who of them acknowledged a test on a channel that wakes. 1 query."""
    found = WakeChannel.objects.filter(user_id__in=list(user_ids), acknowledged_at__isnull=False)
    return set(found.values_list("user_id", flat=True))


@dataclass(frozen=True, slots=True)
class Problem:
    """A gap (`user` None), or the first shift of somebody who cannot be woken."""

    kind: str
    start: datetime
    end: datetime
    user: int | None = None


def problems(rota_id: int, now: datetime) -> list[Problem]:
    """What is wrong with the rota in the next 14 days, by instant. 1 query when the rota is warm."""
    coming = schedule_queries.shifts(rota_id, now, now + AHEAD)
    first: dict[int, Shift] = {}
    for shift in coming:
        first.setdefault(shift.user, shift)
    awake = wakeable(first)
    found = [Problem(NO_CHANNEL, one.start, one.end, user) for user, one in first.items() if user not in awake]
    found += [Problem(GAP, start, end) for start, end in schedule_queries.gaps(rota_id, now, now + AHEAD)]
    return sorted(found, key=lambda problem: (problem.start, problem.kind))


@dataclass(frozen=True, slots=True)
class Load:
    """What a person carried: time on call, and on how many mandatory rest days."""

    user: int
    time: timedelta
    holidays: int


def load(rota_id: int, start: datetime, end: datetime, zone: ZoneInfo) -> list[Load]:
    """Return who was (or will be) on call how long within [start, end), most first. Queries as `schedules.on_call`."""
    shifts = schedule_queries.shifts(rota_id, start, end)
    spent: dict[int, timedelta] = {}
    rest: dict[int, set[date]] = {}
    for one in shifts:
        spent[one.user] = spent.get(one.user, timedelta(0)) + (one.end - one.start)
        rest.setdefault(one.user, set()).update(_rest_days(one, zone))
    found = [Load(user, amount, len(rest[user])) for user, amount in spent.items()]
    return sorted(found, key=lambda one: (-one.time, one.user))


def _rest_days(shift: Shift, zone: ZoneInfo) -> Iterable[date]:
    """The mandatory rest days that the shift touches, as local dates."""
    day, last = shift.start.astimezone(zone).date(), (shift.end - timedelta(seconds=1)).astimezone(zone).date()
    while day <= last:
        if day in holidays_mx.of_year(day.year):
            yield day
        day += timedelta(days=1)


# ------------------------------------------------------------------ a week


OFFICE: Final = "office"
SHIFT: Final = "shift"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a local day: the office, a person's shift (`shift` whole), or a gap. Minutes of the day."""

    kind: str
    starts: int
    ends: int
    shift: Shift | None = None


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    holiday: str
    pieces: tuple[Piece, ...]


def week(desk: Desk, monday: date, zone: ZoneInfo) -> list[Day]:
    """Return the seven days from `monday` on with who attends when. 0 queries when rota and calendar are warm."""
    start, end = midnight(monday, zone), midnight(monday + timedelta(days=7), zone)
    if desk.rota_id is None:
        return []
    spans: list[tuple[str, datetime, datetime, Shift | None]] = []
    spans += [(SHIFT, one.start, one.end, one) for one in schedule_queries.shifts(desk.rota_id, start, end)]
    spans += [(GAP, a, b, None) for a, b in schedule_queries.gaps(desk.rota_id, start, end)]
    if desk.calendar_id is not None:
        hours = schedule_queries.hours_for(desk.calendar_id)
        covered = [(a, b) for kind, a, b, _shift in spans if kind == SHIFT]
        spans += [(OFFICE, a, b, None) for a, b in businesstime.spans(start, end, hours) if not _within(a, b, covered)]
    return [_day(monday + timedelta(days=n), spans, zone) for n in range(7)]


def _within(start: datetime, end: datetime, spans: Sequence[tuple[datetime, datetime]]) -> bool:
    """Whether somebody is on call over the whole of it: a rota that does not ask the office."""
    return any(a <= start and end <= b for a, b in spans)


def _day(day: date, spans: Sequence[tuple[str, datetime, datetime, Shift | None]], zone: ZoneInfo) -> Day:
    begins, ends = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    pieces = [
        Piece(kind, _minute(max(a, begins), begins, zone), _minute(min(b, ends), begins, zone), shift)
        for kind, a, b, shift in spans
        if a < ends and b > begins
    ]
    name = holidays_mx.of_year(day.year).get(day, "")
    return Day(day, name, tuple(sorted(pieces, key=lambda piece: piece.starts)))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def _minute(at: datetime, begins: datetime, zone: ZoneInfo) -> int:
    """Minutes of wall time since that midnight: 0 to 1440."""
    local = at.astimezone(zone)
    return (local.date() - begins.date()).days * 1440 + local.hour * 60 + local.minute


# ------------------------------------------------------------------ changes and the rule


def changes(rota_id: int, now: datetime) -> list[Override]:
    """Changes that are not over: to be agreed, or in force; by instant, at most 60. 1 query."""
    states = [*PENDING, Override.State.ACTIVE]
    found = Override.objects.filter(rota_id=rota_id, end_at__gt=now, state__in=states)
    return list(found.select_related("user", "replaces").order_by("start_at", "id")[:60])


def newest_rule(rota_id: int) -> tuple[RotaVersion | None, Rule | None]:
    """The rule that was saved last, whether it holds already or not. 1 query."""
    row = RotaVersion.objects.filter(rota_id=rota_id).order_by("valid_from", "id").last()
    return (row, rota_spec.parse(row.rule)) if row else (None, None)


def attends(config: DeskConfig, roles: Collection[str]) -> list[int]:
    """Ids of the people of the desk with one of the roles, by name."""
    return [member.user_id for member in config.members if member.roles & set(roles)]
