"""How an account stands, in words and tones; the picture of what it uses. For staff and clients alike: no manner of
address stands in these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import localtime
from desks import queries as desk_queries
from stamps import forecast, plotting, queries
from stamps.forecast import Basis, End, Forecast, Level
from stamps.models import StampAccount

Row = dict[str, Any]

# level -> tone, icon, word
LEVELS: Final[Mapping[str, tuple[str, str, str]]] = {
    Level.OK: ("ok", "ok", gettext_noop("Enough")),
    Level.LOW: ("warn", "clock", gettext_noop("Few left")),
    Level.URGENT: ("bad", "alert", gettext_noop("Less than two days")),
    Level.EMPTY: ("bad", "x", gettext_noop("Out of stamps")),
}
_BASES: Final[Mapping[str, str]] = {
    Basis.NONE: gettext_noop("Nothing used yet: there is nothing to foretell from."),
    Basis.NEW: gettext_noop("Known for less than two weeks: a plain average, without the rhythm of the week."),
    Basis.IDLE: gettext_noop("Nothing used in sixty days."),
    Basis.RHYTHM: gettext_noop(
        "By the rhythm of week and month of the last four months; a day without equal hardly counts."
    ),
}


def level(code: str) -> Row:
    """`{tone, icon, text}` of a level."""
    tone, icon, text = LEVELS[code]
    return {"tone": tone, "icon": icon, "text": _(text)}


def day(on: date | None, today: date) -> str:
    """`jue 26 nov`, with the year where it is another; empty for none."""
    if on is None:
        return ""
    return localtime.day_label(on) + (f" {on.year}" if on.year != today.year else "")


def number(amount: float) -> str:
    """`1,284`; a part of a stamp a day is said with one decimal."""
    return f"{amount:,.1f}" if 0 < amount < 10 and amount != int(amount) else f"{round(amount):,}"


def standing(account: StampAccount, found: Forecast, now: datetime) -> Row:
    """What is said of an account beside its picture."""
    zone = desk_queries.config(account.desk).zone
    today = now.astimezone(zone).date()
    return {
        "balance": f"{account.balance:,}",
        "rate": number(found.daily_rate),
        "level": level(found.level),
        "ends": localtime.long_day(found.exhausts_on) + _year(found.exhausts_on, today) if found.exhausts_on else "",
        "ends_short": day(found.exhausts_on, today),
        "expires": found.exhausts_by == End.EXPIRY,
        "earliest": day(found.earliest_on, today),
        "latest": day(found.latest_on, today),
        "until": localtime.exact(found.order_by, zone) if found.order_by else "",
        "late": bool(found.order_by and now > found.order_by),
        "basis": _(_BASES[found.basis]),
        "endless": account.is_endless,
    }


def _year(on: date, today: date) -> str:
    return f" de {on.year}" if on.year != today.year else ""


def plot(account: StampAccount, found: Forecast, now: datetime) -> Row:
    """The picture with its conclusion in one sentence, and the table behind it. 1 query."""
    hours = queries.sales_hours(account.desk, now)
    today = now.astimezone(hours.zone).date()
    known = queries.history(account, today, hours)
    n_days = plotting.days_ahead(today, found.latest_on or found.exhausts_on)
    expected = forecast.coming(known, n_days, now=now, hours=hours)
    until = found.order_by.astimezone(hours.zone).date() if found.order_by else None
    marked = {"today": today, "until": until, "ends": found.exhausts_on}
    picture = plotting.draw(
        known.used, expected, today=today, marked=marked, earliest=found.earliest_on, latest=found.latest_on
    )
    words = {
        "today": _("today"),
        "until": _("order by %s") % day(until, today),
        "ends": (_("expires %s") if found.exhausts_by == End.EXPIRY else _("ends %s")) % day(found.exhausts_on, today),
    }
    return {
        "label": conclusion(account, found, today, until),
        "width": plotting.WIDTH,
        "height": plotting.HEIGHT,
        "left": plotting.LEFT,
        "top": plotting.TOP,
        "base": plotting.BASE,
        "deep": plotting.BASE - plotting.TOP,
        "bars": [_bar(bar) for bar in picture.bars],
        "marks": [
            {
                "kind": mark.kind,
                "x": f"{mark.x:.1f}",
                "y": 11 + 13 * mark.row,
                "anchor": mark.anchor,
                "text": words[mark.kind],
            }
            for mark in picture.marks
        ],
        "ticks": [
            {"x": f"{tick.x:.1f}", "text": f"{tick.on.day} {localtime.MONTHS_SHORT[tick.on.month - 1]}"}
            for tick in picture.ticks
        ],
        "band": {"x": f"{picture.band[0]:.1f}", "width": f"{picture.band[1]:.1f}"} if picture.band else None,
        "most": f"{picture.most:,}",
        "rows": _rows(known, expected, today, {until: words["until"], found.exhausts_on: words["ends"]}),
    }


def conclusion(account: StampAccount, found: Forecast, today: date, until: date | None) -> str:
    """What the picture shows, in one sentence."""
    rate = _("About %(rate)s stamps a day; %(balance)s are left.") % {
        "rate": number(found.daily_rate),
        "balance": f"{account.balance:,}",
    }
    if found.exhausts_on is None or until is None:
        return " ".join([rate, _("At this pace they do not run out.")])
    if found.exhausts_by == End.EXPIRY:
        ending = _("The last ones expire on %(ends)s; order by %(until)s.")
    else:
        ending = _("They run out on %(ends)s; order by %(until)s.")
    return " ".join([rate, ending % {"ends": day(found.exhausts_on, today), "until": day(until, today)}])


def _bar(bar: plotting.Bar) -> Row:
    return {
        "x": f"{bar.x:.1f}",
        "y": f"{bar.y:.1f}",
        "width": f"{bar.width:.1f}",
        "height": f"{bar.height:.1f}",
        "past": bar.past,
    }


def _rows(known: forecast.History, expected: list[float], today: date, notes: Mapping[date | None, str]) -> list[Row]:
    """The numbers of the picture, a row a day: used, then expected."""
    days = [today + timedelta(days=n) for n in range(-plotting.PAST, len(expected))]
    return [
        {
            "day": day(on, today),
            "used": f"{known.used.get(on, 0):,}" if on <= today else "",
            "expected": number(expected[(on - today).days]) if on >= today else "",
            "note": notes.get(on, ""),
        }
        for on in days
        if on >= known.since
    ]
