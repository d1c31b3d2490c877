"""The daily look at the rota of the next 14 days: managers read of gaps and of people who cannot be woken."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from core import localtime
from desks import queries as desk_queries
from desks import rota_actions, rota_queries
from desks.config import DeskConfig
from desks.models import Desk
from desks.rota_queries import Problem
from schedules import timers
from schedules.models import Timer

TIMER: Final = "desks.rota_watch"
LOOKS_AT: Final = time(8)  # in the desk's zone
MOST: Final = 20


def ensure(desk: Desk, *, now: datetime) -> int:
    """Set the timer of the next look, 08:00 of the desk; what stands already stays. 1 query."""
    config = desk_queries.config(desk)
    if config.rota_id is None:
        return 0
    day = now.astimezone(config.zone).date()
    if _at(day, config) <= now:
        day += timedelta(days=1)
    timers.set(
        key=f"rota_watch/{desk.pk}/{day}",
        handler=TIMER,
        owner=f"rota_watch/{desk.pk}",
        due_at=_at(day, config),
        payload={"desk": desk.pk, "day": day.isoformat()},
        now=now,
    )
    return 1


def _at(day: date, config: DeskConfig) -> datetime:
    return datetime.combine(day, LOOKS_AT, config.zone).astimezone(UTC)


def look_due(timer: Timer, now: datetime) -> None:
    """Look, tell the managers what is wrong, set the next look. A look of a day that is over is left out."""
    desk = Desk.objects.select_related("vendor").get(pk=timer.payload["desk"])
    config = desk_queries.config(desk)
    ensure(desk, now=now)
    if config.rota_id is None or now.astimezone(config.zone).date() != date.fromisoformat(timer.payload["day"]):
        return
    found = rota_queries.problems(config.rota_id, now)
    if not found:
        return
    rows = [sentence(problem, config) for problem in found[:MOST]]
    for member in config.managers:
        key = f"rota/watch/{desk.pk}/{timer.payload['day']}/{member.user_id}"
        rota_actions.mail(config, member, "watch", key=key, now=now, words={"n": str(len(found))}, rows=rows)


def sentence(problem: Problem, config: DeskConfig) -> str:
    """The problem in the desk's words."""
    member = config.member(problem.user)
    return config.say(
        f"team.rota_problem_{problem.kind}",
        start=localtime.exact(problem.start, config.zone),
        end=localtime.exact(problem.end, config.zone),
        who=member.name if member else "",
    ).strip()
