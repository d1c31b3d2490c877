"""The JSON of a calendar, as the API and the file of a desk write it, into a `Spec` and back.

Every fault is told with the path of its field (`hours.2.closes`), all of them at once; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeVar

from django.utils.translation import gettext_lazy as _

from core.errors import FieldError, Invalid, Text
from schedules import businesstime, zones
from schedules.compiled import HOLIDAYS
from schedules.hours import DAY_MINUTES, Closure, ExtraOpening, Interval, Spec, Weekly

T = TypeVar("T")

MAX_HOURS: Final = 200
MAX_DATES: Final = 1000
MAX_NAME: Final = 120

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # control characters, halves of a pair
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse(data: Mapping[str, Any]) -> Spec:
    """Return the timetable in `data` (timezone, hours, holidays, closures, extra_openings). Raises Invalid."""
    reader = Reader()
    spec = reader.spec(data)
    if not reader.errors and not businesstime.opens_ever(spec):
        reader.refuse("hours", "never_opens", _("This calendar would never open."))
    if reader.errors:
        raise Invalid(errors=reader.errors)
    return spec


def as_json(spec: Spec) -> dict[str, Any]:
    """Return the JSON that `parse` reads, with every key; what is stored and what the API answers."""
    return {
        "timezone": spec.timezone,
        "hours": [{"weekday": weekly.weekday, **_interval_json(weekly.interval)} for weekly in spec.hours],
        "holidays": spec.holidays,
        "closures": [
            {"date": shut.on.isoformat(), "name": shut.name, **(_interval_json(shut.window) if shut.window else {})}
            for shut in spec.closures
        ],
        "extra_openings": [{"date": x.on.isoformat(), **_interval_json(x.interval)} for x in spec.extra_openings],
    }


def _interval_json(interval: Interval) -> dict[str, str]:
    return {"opens": clock(interval.opens), "closes": clock(interval.closes)}


def clock(minutes: int) -> str:
    """Return minutes since midnight as HH:MM, 1440 as 24:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


class Reader:
    """Reads one document, collecting faults; values that it could not read are left out. `rota_spec` builds on it."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def refuse(self, field: str, code: str, message: Text) -> None:
        self.errors.append(FieldError(field, code, message))

    def spec(self, data: Mapping[str, Any]) -> Spec:
        return Spec(
            timezone=self.zone(data.get("timezone")),
            hours=self.items(data, "hours", MAX_HOURS, self.weekly),
            holidays=self.holidays(data.get("holidays")),
            closures=self.items(data, "closures", MAX_DATES, self.closure),
            extra_openings=self.items(data, "extra_openings", MAX_DATES, self.extra_opening),
        )

    def zone(self, value: object) -> str:
        if value is None or value == "":
            self.refuse("timezone", "required", _("Say the time zone, such as America/Mexico_City."))
        elif not zones.exists(value):
            self.refuse("timezone", "unknown_zone", _("There is no such time zone."))
        return str(value)

    def holidays(self, value: object) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or value not in HOLIDAYS:
            self.refuse("holidays", "unknown_holidays", _("Holidays are MX or none."))
        return str(value)

    def items(
        self, data: Mapping[str, Any], field: str, most: int, read: Callable[[str, Mapping[str, Any]], T | None]
    ) -> tuple[T, ...]:
        return tuple(item for item in self._items(data, field, most, read) if item is not None)

    def _items(
        self, data: Mapping[str, Any], field: str, most: int, read: Callable[[str, Mapping[str, Any]], T | None]
    ) -> Iterator[T | None]:
        rows = data.get(field)
        if rows is None:
            return
        if not isinstance(rows, list | tuple):
            self.refuse(field, "not_a_list", _("This must be a list."))
        elif len(rows) > most:
            self.refuse(field, "too_many", _("There are too many rows."))
        else:
            for number, row in enumerate(rows):
                if isinstance(row, Mapping):
                    yield read(f"{field}.{number}", row)
                else:
                    self.refuse(f"{field}.{number}", "not_an_object", _("This must be an object."))

    def weekly(self, path: str, row: Mapping[str, Any]) -> Weekly | None:
        weekday = row.get("weekday")
        if weekday is None:
            self.refuse(f"{path}.weekday", "required", _("This field is required."))
        elif isinstance(weekday, bool) or not isinstance(weekday, int) or not 0 <= weekday <= 6:
            self.refuse(f"{path}.weekday", "invalid_weekday", _("A weekday is a number from 0 (Monday) to 6."))
            weekday = None
        interval = self.interval(path, row)
        return Weekly(weekday, interval) if weekday is not None and interval else None

    def closure(self, path: str, row: Mapping[str, Any]) -> Closure | None:
        on, name = self.day(f"{path}.date", row.get("date")), self.name(f"{path}.name", row.get("name"))
        if row.get("opens") is None and row.get("closes") is None:
            return Closure(on, name) if on else None
        window = self.interval(path, row)
        return Closure(on, name, window) if on and window else None

    def extra_opening(self, path: str, row: Mapping[str, Any]) -> ExtraOpening | None:
        on, interval = self.day(f"{path}.date", row.get("date")), self.interval(path, row)
        return ExtraOpening(on, interval) if on and interval else None

    def interval(self, path: str, row: Mapping[str, Any]) -> Interval | None:
        opens = self.time(f"{path}.opens", row.get("opens"))
        closes = self.time(f"{path}.closes", row.get("closes"), midnight=True)
        if opens is None or closes is None:
            return None
        if opens == closes:
            self.refuse(f"{path}.closes", "equal_times", _("It cannot close at the time at which it opens."))
            return None
        return Interval(opens, closes)

    def time(self, path: str, value: object, *, midnight: bool = False) -> int | None:
        if value is None or value == "":
            self.refuse(path, "required", _("This field is required."))
            return None
        if midnight and value == "24:00":
            return DAY_MINUTES
        match = _TIME.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self.refuse(path, "invalid_time", _("Write the time as HH:MM, from 00:00 to 23:59 (24:00 to close)."))
            return None
        return int(match[1]) * 60 + int(match[2])

    def day(self, path: str, value: object) -> date | None:
        if value is None or value == "":
            self.refuse(path, "required", _("This field is required."))
            return None
        try:
            # YAML reads a bare date as a date already.
            day = value if type(value) is date else date.fromisoformat(_only_date(value))
        except ValueError:
            self.refuse(path, "invalid_date", _("Write the date as YYYY-MM-DD."))
            return None
        if not businesstime.FIRST_YEAR <= day.year <= businesstime.LAST_YEAR:
            self.refuse(path, "out_of_range", _("The date must lie between 1970 and 2100."))
            return None
        return day

    def name(self, path: str, value: object) -> str:
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            self.refuse(path, "required", _("This field is required."))
        elif not isinstance(value, str):
            self.refuse(path, "invalid", _("This must be a text."))
        elif len(value) > MAX_NAME:
            self.refuse(path, "too_long", _("This text is too long."))
        elif _UNFIT.search(value):
            self.refuse(path, "invalid", _("This text holds a character that cannot be stored."))
        return str(value).strip()


def _only_date(value: object) -> str:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(value)
    return value
