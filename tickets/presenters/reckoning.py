"""*¿Por qué vence a esa hora?* as rows: the client and the consultant read the same sentences."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from core import localtime
from desks.config import DeskConfig
from tickets import reckoning
from tickets.models import ClockKind
from tickets.queries.reckonings import Reckoned
from tickets.reckoning import Line

Row = dict[str, Any]
KINDS: Final = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION)
_FACES: Final = {
    reckoning.COUNTED: ("clock", ""),
    reckoning.BROUGHT: ("refresh", ""),
    reckoning.REST: ("pause", "mute"),
    reckoning.CLOSED: ("cal", "mute"),
    reckoning.OVER: ("alert", "bad"),
    reckoning.DUE: ("bolt", "brand"),
    reckoning.STOP: ("check", "ok"),
}


def page(kind: str, found: Reckoned, config: DeskConfig, *, now: datetime) -> Row:
    """The explanation of one clock: its title, what it comes to, and its lines."""
    clock, told = found.clock, found.reckoning
    around = clock.calendar_version_id is None
    return {
        "kind": kind,
        "title": config.say(f"clock.title_{kind}"),
        "intro": config.say("clock.intro_around" if around else "clock.intro_business"),
        "sum": _sum(found, config),
        "due": clock.due_at.isoformat() if clock.due_at else "",
        "answer": _answer(found, config),
        "heads": {name: config.say(f"clock.head_{name}") for name in ("when", "what", "amount", "total")},
        "rows": [_row(line, told.state, config) for line in told.lines],
        "state": told.state,
    }


def tabs(found: dict[str, Reckoned], config: DeskConfig, *, base: str, current: str) -> list[Row]:
    """The clocks of the ticket, each with the address of its explanation."""
    return [
        {"href": f"{base}{kind}/", "text": config.say(f"case.clock_{kind}"), "current": kind == current}
        for kind in KINDS
        if kind in found
    ]


def _sum(found: Reckoned, config: DeskConfig) -> str:
    told = found.reckoning
    key = "clock.sum" if told.left_seconds >= 0 else "clock.sum_over"
    return config.say(
        key,
        target=amount(told.target_seconds),
        used=amount(told.used_seconds),
        left=amount(abs(told.left_seconds)),
    )


def _answer(found: Reckoned, config: DeskConfig) -> str:
    clock = found.clock
    if clock.stopped_at is not None:
        return config.say(
            f"clock.answer_{'missed' if clock.breached else 'met'}", at=exact(clock.stopped_at, config.zone)
        )
    if clock.due_at is None:
        return config.say("clock.answer_resting")
    return config.say("clock.answer_running", at=exact(clock.due_at, config.zone))


def _row(line: Line, state: str, config: DeskConfig) -> Row:
    icon, tone = _FACES[line.code]
    return {
        "when": span(line, config.zone),
        "text": text(line, config),
        "amount": amount(line.seconds) if line.seconds else "",
        "total": amount(line.total) if line.code in (reckoning.COUNTED, reckoning.BROUGHT, reckoning.OVER) else "",
        "seconds": line.seconds,
        "icon": icon,
        "tone": tone,
        "ahead": line.ahead,
        "strong": line.code in (reckoning.DUE, reckoning.STOP),
    }


def text(line: Line, config: DeskConfig) -> str:
    """What the line is, in the desk's words."""
    key = f"clock.line_{line.code}"
    if line.code in (reckoning.REST, reckoning.CLOSED):
        key = f"{key}_{line.detail}"
    elif line.code == reckoning.COUNTED and line.ahead:
        key = f"{key}_ahead"
    return config.say(key, name=line.name)


def span(line: Line, zone: ZoneInfo) -> str:
    """`mar 17 nov, 10:42–14:00`; of a whole day that day; of what goes on where it began."""
    starts = line.starts_at.astimezone(zone)
    day = localtime.day_label(starts.date())
    if line.ends_at is None:
        return f"{day}, {_clock(starts)} –"
    ends = line.ends_at.astimezone(zone)
    if starts == ends:
        return f"{day}, {_clock(starts)}"
    if line.code == reckoning.CLOSED and line.ends_at - line.starts_at >= timedelta(hours=22):
        return day
    if starts.date() == (ends - timedelta(microseconds=1)).date():
        return f"{day}, {_clock(starts)}–{_clock(ends) if ends.date() == starts.date() else '24:00'}"
    return f"{day}, {_clock(starts)} – {localtime.day_label(ends.date())}, {_clock(ends)}"


def exact(at: datetime, zone: ZoneInfo) -> str:
    """`martes 17 de noviembre a las 16:42`, with its seconds where it has any."""
    local = at.astimezone(zone)
    return f"{localtime.long_day(local.date())} a las {_clock(local)}"


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def amount(seconds: int) -> str:
    """`3 h 18 min`, `17 min 43 s`, `0 min`: to the second, so that the column adds up."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h" if hours else "", f"{minutes} min" if minutes else "", f"{rest} s" if rest else ""]
    return " ".join(part for part in parts if part) or "0 min"
