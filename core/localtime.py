"""Instants as Mexican people read them: 24 hours, `HH:MM`, short Spanish dates. Pure.

Django's es_MX formats capitalise months and weekdays, which Spanish does not; hence our own.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
WEEKDAYS_SHORT = ("lun", "mar", "mié", "jue", "vie", "sáb", "dom")
MONTHS = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
MONTHS_SHORT = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name; raises ZoneInfoNotFoundError."""
    return ZoneInfo(name)


def hhmm(at: datetime, tz: ZoneInfo) -> str:
    """`09:05`, in the zone."""
    local = at.astimezone(tz)
    return f"{local.hour:02d}:{local.minute:02d}"


def day_label(day: date) -> str:
    """`mar 17 nov`."""
    return f"{WEEKDAYS_SHORT[day.weekday()]} {day.day} {MONTHS_SHORT[day.month - 1]}"


def long_day(day: date) -> str:
    """`martes 17 de noviembre`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} de {MONTHS[day.month - 1]}"


def when(at: datetime, tz: ZoneInfo, now: datetime) -> str:
    """`hoy 09:14`, `ayer 18:02`, `mañana 09:00`, `mar 17 nov, 09:14`; with the year when it is another."""
    local, today = at.astimezone(tz), now.astimezone(tz).date()
    clock = f"{local.hour:02d}:{local.minute:02d}"
    near = {0: "hoy", 1: "mañana", -1: "ayer"}.get((local.date() - today).days)
    if near:
        return f"{near} {clock}"
    year = f" {local.year}" if local.year != today.year else ""
    return f"{day_label(local.date())}{year}, {clock}"


def exact(at: datetime, tz: ZoneInfo) -> str:
    """`martes 17 de noviembre a las 09:14`: for mails, which are read on another day."""
    local = at.astimezone(tz)
    return f"{long_day(local.date())} a las {local.hour:02d}:{local.minute:02d}"


def since(at: datetime, tz: ZoneInfo) -> str:
    """When something begins: `martes 17 de noviembre` at midnight, else as `exact`."""
    local = at.astimezone(tz)
    return exact(at, tz) if local.hour or local.minute else long_day(local.date())


def through(at: datetime, tz: ZoneInfo) -> str:
    """The last of something: what ends at midnight goes through the day before, else as `exact`."""
    local = at.astimezone(tz)
    return exact(at, tz) if local.hour or local.minute else long_day(local.date() - timedelta(days=1))


def dated(at: datetime, tz: ZoneInfo) -> str:
    """`martes 17 de noviembre de 2026, 09:14`: on paper, which is read in another year."""
    local = at.astimezone(tz)
    return f"{long_day(local.date())} de {local.year}, {local.hour:02d}:{local.minute:02d}"


def minutes_label(minutes: float) -> str:
    """`18 min`, `2 h 32 min`, `3 h`, `93 h` (no minutes from two days on); a minus sign stays in front."""
    sign = "−" if minutes < 0 else ""
    hours, rest = divmod(round(abs(minutes)), 60)
    if not hours:
        return f"{sign}{rest} min"
    return f"{sign}{hours} h {rest} min" if rest and hours < 48 else f"{sign}{hours} h"


def ago(at: datetime, now: datetime) -> str:
    """`hace 3 min`, `hace 2 h`, `hace 5 días`."""
    minutes = max(0, int((now - at).total_seconds() // 60))
    if minutes < 60:
        return f"hace {minutes} min"
    if minutes < 24 * 60:
        return f"hace {minutes // 60} h"
    days = minutes // (24 * 60)
    return f"hace {days} día" if days == 1 else f"hace {days} días"
