"""The promises of a ticket whose circumstances changed: its clocks counted anew, and the sum shown.

Another kind of request, plan, priority or client means other targets, perhaps in another calendar. What
was lived through stays lived through: every stretch in which a clock counted is measured again in the
calendar that holds now, what it rested stays rest, and what is left runs on from here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.actor import Actor
from schedules import queries as schedule_queries
from tickets.actions import clocks, record
from tickets.models import Clock, ClockRun, Ticket


@dataclass(frozen=True, slots=True)
class Promise:
    """What holds for a kind of clock now: its target, and the calendar that it counts in (None around the clock)."""

    minutes: int
    calendar_version_id: int | None


@dataclass(frozen=True, slots=True)
class Restated:
    """A clock that was counted anew, with when it expired until then (None while it rested)."""

    clock: Clock
    before: datetime | None


def restate(
    ticket: Ticket,
    promised: Mapping[str, Promise],
    *,
    by: Actor,
    now: datetime,
    cause: str,
    begins: datetime | None = None,
) -> list[Restated]:
    """Count the unfinished clocks of a locked ticket under other promises, and write an entry for each that changed.

    `begins` is when a clock that has not begun does; by default when it would have. `cause` is a code of
    `reasons.RECKONED`. 2 queries where nothing changes.
    """
    running = clocks.unfinished(ticket)
    runs = _runs_of(running)
    changed = [
        Restated(clock, before)
        for clock in running
        if (promise := promised.get(clock.kind)) is not None
        for before in [clock.due_at]
        if _restate(clock, promise, runs.get(clock.pk, []), begins=begins, now=now)
    ]
    for item in changed:
        clocks.rearm(item.clock, ticket=ticket, now=now)
        tell(ticket, item.clock, before=item.before, by=by, now=now, cause=cause)
    clocks.show_first(ticket, running)
    return changed


def tell(
    ticket: Ticket, clock: Clock, *, before: datetime | None, by: Actor, now: datetime, cause: str, **data: Any
) -> None:
    """Write the sum on the timeline: the target, what is used, what is left, and the hour that follows."""
    used = round(clocks.used_at(clock, now))
    record.record(
        ticket,
        "clock_recomputed",
        by=by,
        now=now,
        public=True,
        kind=clock.kind,
        cause=cause,
        before=before.isoformat() if before else None,
        after=clock.due_at.isoformat() if clock.due_at else None,
        target_minutes=clock.target_minutes,
        used_seconds=used,
        left_seconds=clock.target_minutes * 60 - used,
        **data,
    )


def _runs_of(running: Sequence[Clock]) -> dict[int, list[ClockRun]]:
    """The stretches that are over, by clock. 1 query."""
    found: dict[int, list[ClockRun]] = {}
    for run in ClockRun.objects.filter(clock__in=running).order_by("clock", "starts_at"):
        found.setdefault(run.clock_id, []).append(run)
    return found


def _restate(clock: Clock, promise: Promise, runs: list[ClockRun], *, begins: datetime | None, now: datetime) -> bool:
    """Count one clock anew and save it; False where it says the same as before."""
    waits = clock.resumed_at > now and clock.due_at is not None
    moves = waits and begins is not None and begins != clock.resumed_at
    same = (clock.target_minutes, clock.calendar_version_id) == (promise.minutes, promise.calendar_version_id)
    if same and not moves:
        return False
    version = schedule_queries.version(promise.calendar_version_id) if promise.calendar_version_id else None
    brought = clock.used_seconds - sum(run.seconds for run in runs)
    clock.target_minutes, clock.calendar_version = promise.minutes, version
    for run in runs:
        run.calendar_version = version
        run.seconds = round(clocks.elapsed(version, run.starts_at, run.ends_at))
    ClockRun.objects.bulk_update(runs, ["calendar_version", "seconds"])
    clock.used_seconds = brought + sum(run.seconds for run in runs)
    if moves and begins is not None:
        clock.started_at = clock.resumed_at = begins
    elif clock.due_at is not None and (ended := clocks.end_run(clock, now=now, cause=ClockRun.End.RECKONED)):
        ended.save()
        runs.append(ended)
        clock.resumed_at = now
    if clock.due_at is not None:
        over = clock.used_seconds > clock.target_minutes * 60
        clock.due_at = (
            clocks.expired_at(clock, runs, brought=brought)
            if over
            else clocks.due_after(clock, seconds=clock.target_minutes * 60)
        )
    clock.breached = clock.used_seconds > clock.target_minutes * 60
    clock.save()
    return True
