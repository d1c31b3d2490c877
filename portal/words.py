"""Instants and amounts as clients read them: today, tomorrow, a weekday, then the date. Pure."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from core import localtime
from desks.config import DeskConfig, Target

MORNING_ENDS = time(12)
AFTERNOON_ENDS = time(19)
BUSINESS_DAY_MINUTES = 8 * 60
HOUR = 60
NEAR_DAYS = 7


def opening(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`hoy a las 16:00`, `mañana a las 09:00`, `el martes a las 09:00`, `el martes 17 de noviembre a las 09:00`."""
    local = at.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    clock = localtime.hhmm(at, zone)
    near = {0: "hoy", 1: "mañana"}.get(days)
    if near:
        return f"{near} a las {clock}"
    if 1 < days < NEAR_DAYS:
        return f"el {localtime.WEEKDAYS[local.weekday()]} a las {clock}"
    return f"el {localtime.long_day(local.date())} a las {clock}"


def is_today(at: datetime, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the instant lies on the local day of `now`."""
    return at.astimezone(zone).date() == now.astimezone(zone).date()


def greeting(now: datetime, zone: ZoneInfo) -> str:
    """`Buenos días`, `Buenas tardes`, `Buenas noches`, by the desk's wall clock."""
    clock = now.astimezone(zone).time()
    if clock < MORNING_ENDS:
        return "Buenos días"
    return "Buenas tardes" if clock < AFTERNOON_ENDS else "Buenas noches"


def listed(parts: list[str]) -> str:
    """`a`, `a y b`, `a, b y c`."""
    return " y ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def amount(target: Target, config: DeskConfig) -> str:
    """`15 min`, `4 h corridas`, `4 h hábiles`, `2 días hábiles`: a promise with the clock that it counts in."""
    label = localtime.minutes_label(target.minutes)
    if target.around_the_clock and config.has_rota:
        name = "amount.around_hour" if target.minutes == HOUR else "amount.around"
        return config.say(name, amount=label) if target.minutes >= HOUR else label
    days, rest = divmod(target.minutes, BUSINESS_DAY_MINUTES)
    if days and not rest:
        return config.say("amount.business_day") if days == 1 else config.say("amount.business_days", n=days)
    return config.say("amount.business_hour" if target.minutes == HOUR else "amount.business", amount=label)


def size(n_bytes: int) -> str:
    """`840 B`, `14 KB`, `2.1 MB`; whole megabytes from ten on."""
    if n_bytes < 1024:
        return f"{n_bytes} B"
    if n_bytes < 1024 * 1024:
        return f"{round(n_bytes / 1024)} KB"
    megabytes = n_bytes / 1024 / 1024
    return f"{megabytes:.1f} MB" if megabytes < 10 else f"{megabytes:.0f} MB"
