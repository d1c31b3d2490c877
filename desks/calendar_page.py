"""What the page of a calendar shows beside its form: the year, the next days, what would move, the versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from core import faces, localtime
from schedules import almanac
from schedules.almanac import Day
from schedules.businesstime import Hours
from schedules.hours import Weekly
from schedules.listeners import Move
from schedules.models import ALWAYS, CalendarVersion

Row = dict[str, Any]

NEXT_DAYS: Final = 14
PROPOSED_AHEAD: Final = 45
MOST_MOVES: Final = 50
CELL: Final = 11.6
LEFT: Final = 18
_CLASSES: Final = {
    almanac.OPEN: "w",
    almanac.SHORT: "s",
    almanac.CLOSED: "",
    almanac.HOLIDAY: "h",
    almanac.CLOSURE: "x",
    almanac.EXTRA: "e",
}
KINDS: Final = {
    almanac.HOLIDAY: gettext_noop("mandatory rest day"),
    almanac.CLOSURE: gettext_noop("closure"),
    almanac.EXTRA: gettext_noop("extra opening"),
}
CLOCKS: Final = {
    "first_response": gettext_noop("First response"),
    "next_update": gettext_noop("Next update"),
    "resolution": gettext_noop("Solution"),
    "start": gettext_noop("Beginning"),
}


def spans_text(spans: Sequence[tuple[int, int]]) -> str:
    """`09:00–14:00 y 16:00–19:00`."""
    return f" {_('and')} ".join(f"{_clock(start)}–{_clock(end)}" for start, end in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def strip(spans: Iterable[tuple[int, int]], label: str) -> faces.DayStrip:
    return faces.DayStrip(tuple(spans), None, label)


def week_strip(name: str, rows: Iterable[Weekly], day: int) -> faces.DayStrip:
    """The weekday's stretches; what runs past midnight is drawn to its end."""
    spans = sorted((row.interval.opens, min(row.interval.end, 1440)) for row in rows if row.weekday == day)
    return strip(spans, f"{name}: {spans_text(spans) or _('Closed')}")


# ------------------------------------------------------------------ the year


def year(hours: Hours, number: int, today: date, peaks: Mapping[date, str]) -> Row:
    """The year as weeks of squares, with the dates that stand apart in words and the busy days marked."""
    days = almanac.year(hours, number)
    first_weekday = days[0].on.weekday()
    special = [day for day in days if day.kind in KINDS]
    return {
        "number": number,
        "cells": [
            _cell(day, (index + first_weekday) // 7, today, peaks.get(day.on, "")) for index, day in enumerate(days)
        ],
        "months": [_month(number, month, first_weekday) for month in range(1, 13)],
        "label": _label(number, special),
        "special": [{"on": localtime.day_label(day.on), "text": _apart(day)} for day in special],
        "holidays": sum(day.kind == almanac.HOLIDAY for day in special),
        "closures": sum(day.kind == almanac.CLOSURE for day in special),
        "extras": sum(day.kind == almanac.EXTRA for day in special),
        "peaks": sum(day.on in peaks for day in days),
        "next": _next(special, today),
    }


def _cell(day: Day, week: int, today: date, peak: str) -> Row:
    name = f"{_CLASSES[day.kind]}{' t' if day.on == today else ''}".strip()
    told = [*([_apart(day)] if day.kind in KINDS else []), *([_("peak day: %s") % peak] if peak else [])]
    x, y = LEFT + week * CELL, 18 + day.on.weekday() * CELL
    return {
        "x": f"{x:.1f}",
        "y": f"{y:.1f}",
        "class": name,
        "title": f"{localtime.day_label(day.on)}: {'; '.join(told)}" if told else "",
        "peak": {"x": f"{x + 4.8:.1f}", "y": f"{y + 4.8:.1f}"} if peak else None,
    }


def _month(number: int, month: int, first_weekday: int) -> Row:
    first = date(number, month, 1)
    week = ((first - date(number, 1, 1)).days + first_weekday) // 7
    return {"x": f"{LEFT + week * CELL:.1f}", "text": localtime.MONTHS_SHORT[month - 1]}


def _apart(day: Day) -> str:
    """What is different about the date: `Revolución Mexicana, descanso obligatorio`, with its hours where it opens."""
    words = ", ".join(filter(None, (day.name, _(KINDS[day.kind]))))
    return f"{words} ({spans_text(day.spans)})" if day.spans else words


def _label(number: int, special: Sequence[Day]) -> str:
    """The conclusion of the picture, read aloud."""
    told = [
        ngettext("%(n)d mandatory rest day", "%(n)d mandatory rest days", n) % {"n": n}
        for n in [sum(day.kind == almanac.HOLIDAY for day in special)]
    ]
    n_closures = sum(day.kind == almanac.CLOSURE for day in special)
    n_extras = sum(day.kind == almanac.EXTRA for day in special)
    if n_closures:
        told.append(ngettext("%(n)d closure of its own", "%(n)d closures of its own", n_closures) % {"n": n_closures})
    if n_extras:
        told.append(ngettext("%(n)d extra opening", "%(n)d extra openings", n_extras) % {"n": n_extras})
    return _("Year %(year)d by weeks: %(what)s.") % {"year": number, "what": ", ".join(told)}


def _next(special: Sequence[Day], today: date) -> str:
    day = next((day for day in special if day.on >= today), None)
    return f"{localtime.day_label(day.on)}, {_apart(day)}" if day else ""


# ------------------------------------------------------------------ the next days


def next_days(hours: Hours, today: date, peaks: Mapping[date, str]) -> list[Row]:
    """The next two weeks: when each day opens and closes, why it stands apart, and whether it is busy."""
    return [
        {
            "on": localtime.day_label(day.on),
            "iso": day.on.isoformat(),
            "today": day.on == today,
            "text": spans_text(day.spans) or _("Closed"),
            "why": ", ".join(filter(None, (day.name, _(KINDS[day.kind])))) if day.kind in KINDS else "",
            "peak": peaks.get(day.on, ""),
            "tone": {"holiday": "warn", "closure": "info", "extra": "ok"}.get(day.kind, "mute"),
            "strip": strip(day.spans, f"{localtime.day_label(day.on)}: {spans_text(day.spans) or _('Closed')}"),
        }
        for day in almanac.days(hours, today, NEXT_DAYS)
    ]


# ------------------------------------------------------------------ busy days


def proposals(hours: Hours, today: date, peaks: Mapping[date, str], address: str) -> list[Row]:
    """What a busy day asks for: to open where it is closed or short, and a second person on call.

    `address` is the page; its parameters `abrir`, `de` and `a` fill in the row of an extra opening.
    """
    found = []
    for day in almanac.days(hours, today, PROPOSED_AHEAD):
        if day.on in peaks:
            opens, closes = _usual(hours, day.on)
            lacks = day.kind in (almanac.CLOSED, almanac.SHORT, almanac.HOLIDAY, almanac.CLOSURE) and opens != closes
            query = {"abrir": day.on.isoformat(), "de": _clock(opens), "a": _clock(closes)}
            found.append(
                {
                    "on": localtime.day_label(day.on),
                    "name": peaks[day.on],
                    "text": spans_text(day.spans) or _("Closed"),
                    "href": f"{address}&{urlencode(query)}#extras-card" if lacks else "",
                    "opens": f"{_clock(opens)}–{_clock(closes)}",
                }
            )
    return found


def _usual(hours: Hours, day: date) -> tuple[int, int]:
    """The first stretch of the longest of the seven days around, as minutes of the day."""
    around = almanac.days(hours, day - timedelta(days=3), 7)
    longest = max(around, key=lambda one: sum(end - start for start, end in one.spans))
    return longest.spans[0] if longest.spans else (0, 0)


# ------------------------------------------------------------------ what would move, and the history


def moves(found: Sequence[Move], zone: ZoneInfo, now: datetime) -> Row | None:
    """The promises that a change would move, the first fifty by hour; None where it moves none."""
    if not found:
        return None
    n_tickets = len({move.number for move in found})
    return {
        "title": ngettext(
            "This moves the promises of one open ticket", "This moves the promises of %(n)d open tickets", n_tickets
        )
        % {"n": n_tickets},
        "rows": [
            {
                "number": move.number,
                "href": f"/tickets/{move.number}/",
                "clock": _(CLOCKS.get(move.kind, move.kind)),
                "before": localtime.when(move.before, zone, now),
                "after": localtime.when(move.after, zone, now),
                "later": move.after > move.before,
            }
            for move in found[:MOST_MOVES]
        ],
        "more": max(0, len(found) - MOST_MOVES),
    }


def versions(rows: Sequence[CalendarVersion], zone: ZoneInfo, now: datetime) -> list[Row]:
    """Who saved what for when, the newest first."""
    return [
        {
            "from": _since(row.valid_from),
            "saved": localtime.when(row.created_at, zone, now),
            "by": row.created_by,
        }
        for row in reversed(rows)
    ]


def _since(day: date) -> str:
    return _("always") if day == ALWAYS else f"{localtime.day_label(day)} {day.year}"
