"""Clocks of tickets as faces: how much of their own time is left, and when they expire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import faces, localtime
from core.faces import ClockFace
from schedules import businesstime
from schedules import queries as schedule_queries
from schedules.businesstime import Hours
from tickets.lifecycle import Status
from tickets.models import NEVER, Clock, ClockKind

NAMES: Final[Mapping[str, str]] = {
    ClockKind.FIRST_RESPONSE: gettext_noop("First response"),
    ClockKind.NEXT_UPDATE: gettext_noop("Next update"),
    ClockKind.RESOLUTION: gettext_noop("Solution"),
}
ORDER: Final = list(NAMES)
RESTING: Final = {
    Status.WAITING_CLIENT: gettext_noop("waiting for the client"),
    Status.WAITING_THIRD_PARTY: gettext_noop("waiting for a third party"),
}


def running(
    kind: str, *, minutes: int, due_at: datetime, version_id: int | None, zone: ZoneInfo, now: datetime
) -> ClockFace:
    """The face of a clock that runs, in its own time: the calendar's, or around the clock."""
    if version_id is None:
        return faces.clock_face(kind, target_minutes=minutes, due_at=due_at, tz=zone, now=now)
    hours = schedule_queries.hours_of(schedule_queries.version(version_id))
    left = businesstime.elapsed(now, due_at, hours) if due_at > now else _overdue(due_at, now, hours)
    return faces.clock_face(
        kind, target_minutes=minutes, due_at=due_at, tz=zone, now=now, left=left, until=_rests_at(hours, now)
    )


def _overdue(due_at: datetime, now: datetime, hours: Hours) -> timedelta:
    return -businesstime.elapsed(due_at, now, hours)


def _rests_at(hours: Hours, now: datetime) -> datetime | None:
    """When the clock stops counting for today: at the closing, or already."""
    return businesstime.next_close(now, hours) if businesstime.is_open(now, hours) else now


def of_row(row: Any, *, zone: ZoneInfo, now: datetime) -> ClockFace | None:
    """The clock that a row of the queue shows: the first to expire, else why they rest."""
    if row.sort_due_at >= NEVER:
        words = RESTING.get(row.status)
        return ClockFace("", "paused", note=_(words)) if words else None
    return running(
        row.sort_due_kind,
        minutes=row.sort_due_target,
        due_at=row.sort_due_at,
        version_id=row.calendar_version_id,
        zone=zone,
        now=now,
    )


def of_clock(clock: Clock, *, zone: ZoneInfo, now: datetime) -> ClockFace:
    """The face of a clock, whether it runs, rests or is over."""
    if clock.stopped_at is not None:
        used = timedelta(seconds=clock.used_seconds)
        return faces.stopped_face(clock.kind, used=used, target_minutes=clock.target_minutes, breached=clock.breached)
    if clock.due_at is None:
        return ClockFace(clock.kind, "paused", target_minutes=clock.target_minutes)
    return running(
        clock.kind,
        minutes=clock.target_minutes,
        due_at=clock.due_at,
        version_id=clock.calendar_version_id,
        zone=zone,
        now=now,
    )


def clock_rows(clocks: list[Clock], *, number: str, zone: ZoneInfo, now: datetime) -> list[dict[str, Any]]:
    """The clocks of a ticket in their order, named, with target and instant, and where the calculation stands."""
    found = sorted((clock for clock in clocks if clock.kind in ORDER), key=lambda clock: ORDER.index(clock.kind))
    return [
        {
            "name": _(NAMES[clock.kind]),
            "note": _note(clock, zone, now),
            "face": of_clock(clock, zone=zone, now=now),
            "href": f"/tickets/{number}/reloj/{clock.kind}/",
        }
        for clock in found
    ]


def _note(clock: Clock, zone: ZoneInfo, now: datetime) -> str:
    target = _("target %s") % localtime.minutes_label(clock.target_minutes)
    if clock.due_at is None:
        return target
    words = _("expired %s") if clock.due_at < now else _("expires %s")
    return f"{target} · {words % faces.near(clock.due_at, zone, now)}"
