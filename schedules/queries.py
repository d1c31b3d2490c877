"""Reads of calendars, rotas and timers. Versions never change, so what is compiled from one is kept by its id."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final, Generic, TypeVar

from schedules import businesstime, calendar_spec, rota_spec, rotas
from schedules.businesstime import Hours
from schedules.models import BusinessCalendar, CalendarVersion, Override, Rota, Timer
from schedules.rotas import Change, Roster, Shift, Version

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

FRESH_SECONDS: Final = 3.0  # how long a process may go on with the version that it saw last
MAX_KEPT: Final = 512
MAX_PARTS: Final = 24
AROUND: Final = timedelta(days=400)  # changes of shift last at most a year


class _Kept(Generic[K, V]):
    """The most recently used values by key, for all threads of the process."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._values: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K, make: Callable[[], V]) -> V:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value


class _Fresh(Generic[V]):
    """What was read last, by owner and a part of it, believed for a few seconds.

    After `forget` nothing of that owner is believed for as long: the transaction that changed it may still be undone.
    """

    def __init__(self) -> None:
        self._seen: dict[int, dict[Hashable, tuple[float, V]]] = {}
        self._doubted: dict[int, float] = {}

    def get(self, owner_id: int, part: Hashable, read: Callable[[], V]) -> V:
        now = time.monotonic()
        seen = self._seen.get(owner_id, {}).get(part)
        if seen is not None and now - seen[0] < FRESH_SECONDS:
            return seen[1]
        value = read()
        if now - self._doubted.get(owner_id, -FRESH_SECONDS) >= FRESH_SECONDS:
            parts = self._seen.setdefault(owner_id, {})
            if len(parts) >= MAX_PARTS:
                parts.clear()
            parts[part] = (now, value)
        return value

    def forget(self, owner_id: int) -> None:
        self._doubted[owner_id] = time.monotonic()
        self._seen.pop(owner_id, None)


_newest_calendar: Final[_Fresh[CalendarVersion]] = _Fresh()
_hours: Final[_Kept[int, Hours]] = _Kept(MAX_KEPT)
_versions: Final[_Kept[int, CalendarVersion]] = _Kept(MAX_KEPT)
_rosters: Final[_Fresh[Roster]] = _Fresh()


# --- calendars


def current_version(calendar_id: int, at: datetime | None = None) -> CalendarVersion:
    """Return the newest version of the calendar; it says what holds at any instant, see `hours_of`.

    1 query, none within a few seconds. Raises LookupError where the calendar has none.
    """
    return _newest_calendar.get(calendar_id, None, lambda: _read_newest(calendar_id))


def _read_newest(calendar_id: int) -> CalendarVersion:
    version = CalendarVersion.objects.filter(calendar_id=calendar_id).order_by("-id").first()
    if version is None:
        raise LookupError(f"calendar {calendar_id} has no version")
    return version


def version(version_id: int) -> CalendarVersion:
    """Return a version by id. 1 query the first time in a process. Raises CalendarVersion.DoesNotExist."""
    return _versions.get(version_id, lambda: CalendarVersion.objects.get(pk=version_id))


def hours_of(version: CalendarVersion) -> Hours:
    """Return the calendar as it stood when that version was saved: each local date under the rules for it.

    1 query the first time in a process. A clock that keeps its version keeps its answers.
    """
    return _hours.get(version.pk, lambda: _compile(version))


def hours_for(calendar_id: int, at: datetime | None = None) -> Hours:
    """Return the calendar as it stands now; ask it about any instant. Queries as `current_version` and `hours_of`."""
    return hours_of(current_version(calendar_id, at))


def _compile(version: CalendarVersion) -> Hours:
    rows = CalendarVersion.objects.filter(calendar_id=version.calendar_id, pk__lte=version.pk).order_by("id")
    return businesstime.compile_timeline(
        [(row.valid_from, calendar_spec.parse({**row.spec, "timezone": row.timezone})) for row in rows]
    )


def forget_calendar(calendar_id: int) -> None:
    """Look for a newer version at the next question; called by who writes one, before and after the commit."""
    _newest_calendar.forget(calendar_id)


# --- rotas


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call: the shift from hand-off to hand-off (UTC), and whether a change of shift put them there."""

    user_id: int
    start: datetime
    end: datetime
    override: bool


def on_call(rota_id: int, at: datetime) -> OnCall | None:
    """Return who is on call at that instant; None where nobody is, or the office attends. 1 to 3 queries, 0 warm."""
    return _answer(rotas.shift(roster(rota_id, at), at))


def next_on_call(rota_id: int, at: datetime) -> OnCall | None:
    """Return the shift that begins first after `at`; None where there is none within 60 days. Queries as `on_call`."""
    return _answer(rotas.next_shift(roster(rota_id, at), at))


def shifts(rota_id: int, start: datetime, end: datetime) -> list[Shift]:
    """Return the shifts within [start, end), at most a year. Queries as `on_call`."""
    return rotas.shifts(roster(rota_id, start), start, end)


def gaps(rota_id: int, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return where nobody is on call though somebody should, at most a year. Queries as `on_call`."""
    return rotas.gaps(roster(rota_id, start), start, end)


def gap_end(rota_id: int, at: datetime) -> datetime | None:
    """Return when the gap at that instant ends; None where there is none. Queries as `on_call`."""
    found = gaps(rota_id, at, at + rotas.LOOK_AHEAD)
    return found[0][1] if found and found[0][0] == at else None


def roster(rota_id: int, at: datetime) -> Roster:
    """Return the rota around that instant: all its rules, and the changes within a year of its month.

    3 queries, none within a few seconds. Raises Rota.DoesNotExist.
    """
    month = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _rosters.get(rota_id, month, lambda: _read_roster(rota_id, month))


def _read_roster(rota_id: int, month: datetime) -> Roster:
    rota = Rota.objects.get(pk=rota_id)
    versions = []
    for row in rota.versions.order_by("valid_from", "id"):
        rule = rota_spec.parse(row.rule)
        layers = tuple(layer.compile(rota.timezone) for layer in rule.layers)
        versions.append(Version(row.valid_from, layers, _office(rota.scope, rule.outside)))
    changes = Override.objects.in_force().filter(rota=rota).touching(month - AROUND, month + AROUND + AROUND)
    return Roster(tuple(versions), tuple(_change(row) for row in changes.order_by("-id")))


def _change(row: Override) -> Change:
    return Change(row.pk, row.user_id, row.start_at, row.end_at, absence=row.kind == Override.Kind.ABSENCE)


def _office(scope: str, slug: str | None) -> Hours | None:
    if slug is None:
        return None
    return hours_for(BusinessCalendar.objects.get(scope=scope, slug=slug).pk)


def _answer(shift: Shift | None) -> OnCall | None:
    return OnCall(shift.user, shift.start, shift.end, shift.override) if shift else None


def forget_rota(rota_id: int) -> None:
    """Read the rota anew at the next question; called by who changes it, before and after the commit."""
    _rosters.forget(rota_id)


# --- timers


def waiting_longest(now: datetime) -> Timer | None:
    """Return the pending timer that should have fired first, None when none is due. 1 query, one index entry."""
    return Timer.objects.due(now).first()


def n_parked() -> int:
    """Return how many timers wait for a person to look at them. 1 query."""
    return Timer.objects.parked().count()
