"""Starting, resting and stopping clocks, and the one timer that each running clock has.

Time used so far is kept to the second in the calendar that held when the clock started, so a
pause gives back exactly what it took and a change of calendar does not rewrite the past.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from desks import queries as desk_queries
from desks.config import Step
from schedules import businesstime, timers
from schedules import queries as schedule_queries
from tickets.models import NEVER, Clock, ClockKind, Ticket

TIMER: Final = "tickets.clock_step"
PAUSED_BY_CLIENT: Final = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION)
# The tax office, a PAC, another vendor: only the solution waits for them, the client still hears from us.
PAUSED_BY_THIRD_PARTY: Final = (ClockKind.RESOLUTION,)


def unfinished(ticket: Ticket) -> list[Clock]:
    """Clocks that run or rest, with their calendars. 1 query."""
    return list(Clock.objects.filter(ticket=ticket, stopped_at__isnull=True).select_related("calendar_version"))


def due_after(clock: Clock, *, seconds: float) -> datetime:
    """The instant at which the clock will have used `seconds` in its present run."""
    left = max(0.0, seconds - clock.used_seconds)
    return instant_after(clock, clock.resumed_at, seconds=left)


def instant_after(clock: Clock, start: datetime, *, seconds: float) -> datetime:
    """`start` plus that much of the clock's own time: business time, or around the clock."""
    if clock.calendar_version is None:
        return start + timedelta(seconds=seconds)
    hours = schedule_queries.hours_of(clock.calendar_version)
    return businesstime.add(start, timedelta(seconds=seconds), hours)


def used_at(clock: Clock, now: datetime) -> float:
    """Seconds of its own time that the clock has used at `now`."""
    if clock.due_at is None:
        return float(clock.used_seconds)
    if clock.calendar_version is None:
        run = max(timedelta(), now - clock.resumed_at)
    else:
        hours = schedule_queries.hours_of(clock.calendar_version)
        run = businesstime.elapsed(clock.resumed_at, now, hours)
    return clock.used_seconds + run.total_seconds()


def begin(clocks: Sequence[Clock], *, ticket: Ticket, now: datetime, also: Sequence[timers.Request] = ()) -> None:
    """Write new clocks with their timers, and put the first to expire on the ticket. 2 queries.

    `also` are other timers of the moment, which go in the same statement.
    """
    Clock.objects.bulk_create(clocks)
    timers.set_many([*_requests(clocks, ticket=ticket), *also], now=now)
    show_first(ticket, clocks)


def new(
    ticket: Ticket,
    kind: str,
    *,
    minutes: int,
    calendar_version_id: int | None,
    start: datetime,
    used_seconds: int = 0,
) -> Clock:
    """Build a running clock; `due_at` is reckoned from its calendar."""
    clock = Clock(
        ticket=ticket,
        kind=kind,
        target_minutes=minutes,
        started_at=start,
        resumed_at=start,
        used_seconds=used_seconds,
    )
    if calendar_version_id is not None:
        clock.calendar_version = schedule_queries.version(calendar_version_id)
    clock.due_at = due_after(clock, seconds=minutes * 60)
    return clock


def pause(ticket: Ticket, kinds: Iterable[str], *, now: datetime) -> None:
    """Rest the running clocks of these kinds: what is used so far is kept, nothing more is counted."""
    wanted = set(kinds)
    clocks = unfinished(ticket)
    for clock in clocks:
        if clock.kind in wanted and clock.due_at is not None:
            clock.used_seconds = round(used_at(clock, now))
            clock.due_at, clock.paused_at = None, now
            clock.save()
            _disarm(clock, now=now)
    show_first(ticket, clocks)


def resume(ticket: Ticket, *, now: datetime) -> None:
    """Let every resting clock go on where it stopped."""
    clocks = unfinished(ticket)
    resumed = [clock for clock in clocks if clock.due_at is None]
    for clock in resumed:
        clock.paused_at, clock.resumed_at = None, now
        clock.due_at = due_after(clock, seconds=clock.target_minutes * 60)
        clock.save()
    _arm(resumed, ticket=ticket, now=now)
    show_first(ticket, clocks)


def stop(ticket: Ticket, kinds: Iterable[str], *, now: datetime) -> list[Clock]:
    """End the clocks of these kinds, note whether the promise was kept, and return them."""
    wanted = set(kinds)
    clocks = unfinished(ticket)
    ended = [clock for clock in clocks if clock.kind in wanted]
    for clock in ended:
        used = used_at(clock, now)
        clock.breached = clock.breached or used > clock.target_minutes * 60
        clock.used_seconds = round(used)
        clock.due_at, clock.paused_at, clock.stopped_at = None, None, now
        clock.save()
        _disarm(clock, now=now)
    show_first(ticket, [clock for clock in clocks if clock.stopped_at is None])
    return ended


def stop_all(ticket: Ticket, *, now: datetime) -> None:
    stop(ticket, ClockKind.values, now=now)


def show_first(ticket: Ticket, clocks: Iterable[Clock]) -> None:
    """Put the running clock that expires first on the ticket, where the queue sorts by it."""
    running = [clock for clock in clocks if clock.due_at is not None]
    first = min(running, key=lambda clock: clock.due_at or NEVER, default=None)
    ticket.sort_due_at = (first.due_at if first else None) or NEVER
    ticket.sort_due_kind = first.kind if first else ""
    ticket.sort_due_target = first.target_minutes if first else 0


def step_instant(clock: Clock, step: Step) -> datetime:
    """When a rung of the office ladder is due on this clock: a share of the target, then minutes more."""
    share = (step.at_percent or 100) / 100
    return due_after(clock, seconds=(clock.target_minutes * share + step.after_minutes) * 60)


def arm_step(clock: Clock, position: int, *, due_at: datetime) -> timers.Request:
    """The timer of one rung on one run of a clock."""
    run = clock.resumed_at.strftime("%Y%m%dT%H%M%S.%f")
    return timers.Request(
        key=f"clock/{clock.pk}/{run}/step/{position}",
        handler=TIMER,
        owner=f"ticket/{clock.ticket_id}",
        due_at=due_at,
        payload={"ticket": clock.ticket_id, "clock": clock.pk, "step": position},
    )


def _arm(clocks: Sequence[Clock], *, ticket: Ticket, now: datetime) -> None:
    timers.set_many(_requests(clocks, ticket=ticket), now=now)


def _requests(clocks: Sequence[Clock], *, ticket: Ticket) -> list[timers.Request]:
    """The timer of the first rung of the office ladder, for each clock that runs."""
    steps = desk_queries.config(ticket.desk).office_steps
    if not steps:
        return []
    first = steps[0]
    return [
        arm_step(clock, first.position, due_at=step_instant(clock, first))
        for clock in clocks
        if clock.due_at is not None
    ]


def _disarm(clock: Clock, *, now: datetime) -> None:
    timers.cancel(owner=f"ticket/{clock.ticket_id}", key_prefix=f"clock/{clock.pk}/", now=now)
