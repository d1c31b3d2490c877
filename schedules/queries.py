"""Reads of calendars, rotas and timers. Versions never change, so what is compiled from one is kept by its id."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime
from threading import Lock
from typing import Final, Generic, TypeVar

from schedules import businesstime, calendar_spec
from schedules.businesstime import Hours
from schedules.models import CalendarVersion

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

FRESH_SECONDS: Final = 3.0  # how long a process may go on with the version that it saw last
MAX_KEPT: Final = 512


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


class _Newest(Generic[V]):
    """The newest version per owner, believed for a few seconds.

    After `forget` nothing is believed for that long: the transaction that wrote a version may still be undone.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[float, V]] = {}
        self._doubted: dict[int, float] = {}

    def get(self, owner_id: int, read: Callable[[], V]) -> V:
        now = time.monotonic()
        seen = self._seen.get(owner_id)
        if seen is not None and now - seen[0] < FRESH_SECONDS:
            return seen[1]
        value = read()
        if now - self._doubted.get(owner_id, -FRESH_SECONDS) >= FRESH_SECONDS:
            self._seen[owner_id] = (now, value)
        return value

    def forget(self, owner_id: int) -> None:
        self._doubted[owner_id] = time.monotonic()
        self._seen.pop(owner_id, None)


_newest_calendar: Final[_Newest[CalendarVersion]] = _Newest()
_hours: Final[_Kept[int, Hours]] = _Kept(MAX_KEPT)
_versions: Final[_Kept[int, CalendarVersion]] = _Kept(MAX_KEPT)


# --- calendars


def current_version(calendar_id: int, at: datetime | None = None) -> CalendarVersion:
    """Return the newest version of the calendar; it says what holds at any instant, see `hours_of`.

    1 query, none within a few seconds. Raises LookupError where the calendar has none.
    """
    return _newest_calendar.get(calendar_id, lambda: _read_newest(calendar_id))


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
