"""Starting, resting and stopping clocks, and the one timer that each running clock has.

Time used so far is kept to the second in the calendar that held when the clock started, so a
pause gives back exactly what it took and a change of calendar does not rewrite the past. Each
stretch that is over stays as a `ClockRun`: *¿Por qué vence a esa hora?* reads them (`tickets.reckoning`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from core.compiled import compiled
from core.rows import Rows
from desks import queries as desk_queries
from desks.config import Step
from schedules import businesstime, timers
from schedules import queries as schedule_queries
from schedules.models import CalendarVersion, Timer
from tickets.lifecycle import Status
from tickets.models import NEVER, Clock, ClockKind, ClockRun, Ticket

TIMER: Final = "tickets.clock_step"
PAUSED_BY_CLIENT: Final = (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION)
# The tax office, a PAC, another vendor: only the solution waits for them, the client still hears from us.
PAUSED_BY_THIRD_PARTY: Final = (ClockKind.RESOLUTION,)


def unfinished(ticket: Ticket) -> list[Clock]:
    """Clocks that run or rest, with their calendars. 1 query."""
    clocks = _unfinished(ticket=ticket.pk)
    for clock in clocks:
        clock.ticket = ticket
        if clock.calendar_version_id is not None:  # kept by id, not read again
            clock.calendar_version = schedule_queries.version(clock.calendar_version_id)
    return clocks


@compiled
def _unfinished(ticket: Any) -> QuerySet[Clock]:
    return Clock.objects.filter(ticket_id=ticket, stopped_at__isnull=True)


def due_after(clock: Clock, *, seconds: float) -> datetime:
    """The instant at which the clock will have used `seconds` in its present run."""
    left = max(0.0, seconds - clock.used_seconds)
    return instant_after(clock, clock.resumed_at, seconds=left)


def instant_after(clock: Clock, start: datetime, *, seconds: float) -> datetime:
    """`start` plus that much of the clock's own time: business time, or around the clock."""
    return _in_calendar(clock.calendar_version, start, seconds=seconds)


def _in_calendar(version: CalendarVersion | None, start: datetime, *, seconds: float) -> datetime:
    if version is None:
        return start + timedelta(seconds=seconds)
    return businesstime.add(start, timedelta(seconds=seconds), schedule_queries.hours_of(version))


def elapsed(version: CalendarVersion | None, start: datetime, end: datetime) -> float:
    """Seconds between two instants in a calendar's time; around the clock where there is none."""
    if version is None:
        return max(timedelta(), end - start).total_seconds()
    return businesstime.elapsed(start, end, schedule_queries.hours_of(version)).total_seconds()


def used_at(clock: Clock, now: datetime) -> float:
    """Seconds of its own time that the clock has used at `now`."""
    if clock.due_at is None:
        return float(clock.used_seconds)
    return clock.used_seconds + elapsed(clock.calendar_version, clock.resumed_at, now)


def begin(
    clocks: Sequence[Clock],
    *,
    ticket: Ticket,
    now: datetime,
    also: Sequence[timers.Request] = (),
    rows: Rows | None = None,
) -> None:
    """Write new clocks with their timers, and put the first to expire on the ticket. 2 queries, 0 with `rows`.

    `also` are other timers of the moment, which go in the same statement. Clocks that are written
    with `rows` have their ids already: their timers name them.
    """
    if rows is None:
        Clock.objects.bulk_create(clocks)
    else:
        rows.insert(*clocks)
    timers.set_many([*_requests(clocks, ticket=ticket), *also], now=now, rows=rows)
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


def pause(ticket: Ticket, kinds: Iterable[str], *, now: datetime, cause: str) -> None:
    """Rest the running clocks of these kinds: what is used so far is kept, nothing more is counted.

    `cause` is a `ClockRun.End`: what the explanation calls the rest.
    """
    wanted = set(kinds)
    clocks = unfinished(ticket)
    ended = []
    for clock in clocks:
        if clock.kind in wanted and clock.due_at is not None:
            run = end_run(clock, now=now, cause=cause)
            ended += [run] if run is not None else []
            clock.due_at, clock.paused_at = None, now
            clock.save()
            _disarm(clock, now=now)
    ClockRun.objects.bulk_create(ended)
    show_first(ticket, clocks)


def end_run(clock: Clock, *, now: datetime, cause: str) -> ClockRun | None:
    """Count the run that ends now into `used_seconds` and build its row; None for one that has not begun."""
    used = round(used_at(clock, now))
    seconds, clock.used_seconds = used - clock.used_seconds, used
    if now <= clock.resumed_at:
        return None
    return ClockRun(
        clock=clock,
        starts_at=clock.resumed_at,
        ends_at=now,
        calendar_version_id=clock.calendar_version_id,
        seconds=seconds,
        ended_by=cause,
    )


def resume(ticket: Ticket, *, now: datetime, except_for: Iterable[str] = ()) -> None:
    """Let the resting clocks go on where they stopped, but for the kinds that have still to wait."""
    clocks = unfinished(ticket)
    resting = set(except_for)
    resumed = [clock for clock in clocks if clock.due_at is None and clock.kind not in resting]
    for clock in resumed:
        clock.paused_at = None
        # One that had not begun when it was put to rest begins when it would have: a run of its own, since the keys
        # of its timers are used once.
        clock.resumed_at = max(now, clock.resumed_at + timedelta(microseconds=1))
        clock.due_at = due_of(clock)
        clock.save()
    _arm(resumed, ticket=ticket, now=now)
    show_first(ticket, clocks)


def due_of(clock: Clock) -> datetime:
    """When the clock expires in its present run; one that has used more than its target: when it did. 0 or 1 query."""
    target = clock.target_minutes * 60
    if clock.used_seconds <= target:
        return due_after(clock, seconds=target)
    brought = clock.used_seconds
    runs = list(ClockRun.objects.filter(clock=clock).select_related("calendar_version").order_by("starts_at"))
    brought -= sum(run.seconds for run in runs)
    return expired_at(clock, runs, brought=brought)


def expired_at(clock: Clock, runs: Sequence[ClockRun], *, brought: int) -> datetime:
    """The instant in an earlier run at which the target was used up; `brought` was used before the first of them."""
    left = clock.target_minutes * 60 - brought
    for run in runs:
        if 0 <= left < run.seconds:
            return _in_calendar(run.calendar_version, run.starts_at, seconds=left)
        left -= run.seconds
    return clock.started_at  # the whole of it was brought along


def paused_kinds(status: str) -> tuple[str, ...]:
    """The kinds of clocks that rest in a state."""
    if status == Status.WAITING_CLIENT:
        return PAUSED_BY_CLIENT
    return PAUSED_BY_THIRD_PARTY if status == Status.WAITING_THIRD_PARTY else ()


def arm_again(ticket: Ticket, *, now: datetime) -> None:
    """Give running clocks the timers that were taken from them; keys are used once, so these carry a mark."""
    running = [clock for clock in unfinished(ticket) if clock.due_at is not None]
    mark = f"/again/{now:%Y%m%dT%H%M%S.%fZ}"
    timers.set_many([marked(request, mark) for request in _requests(running, ticket=ticket)], now=now)


def marked(request: timers.Request, mark: str) -> timers.Request:
    """The same timer under another key; what it arms next carries the mark on."""
    return replace(request, key=f"{request.key}{mark}", payload={**request.payload, "mark": mark})


def stop(ticket: Ticket, kinds: Iterable[str], *, now: datetime) -> list[Clock]:
    """End the clocks of these kinds, note whether the promise was kept, and return them."""
    clocks = unfinished(ticket)
    rows = Rows()
    ended = end(clocks, kinds, now=now, rows=rows)
    rows.write()
    show_first(ticket, [clock for clock in clocks if clock.stopped_at is None])
    return ended


def end(clocks: Iterable[Clock], kinds: Iterable[str], *, now: datetime, rows: Rows) -> list[Clock]:
    """End those of these kinds when `rows` are written, note whether the promise was kept, and return them."""
    wanted = set(kinds)
    ended = [clock for clock in clocks if clock.kind in wanted]
    for clock in ended:
        used = used_at(clock, now)
        clock.breached = clock.breached or used > clock.target_minutes * 60
        clock.used_seconds = round(used)
        clock.due_at, clock.paused_at, clock.stopped_at = None, None, now
        rows.update(clock, ("breached", "used_seconds", "due_at", "paused_at", "stopped_at"))
        timers.cancel_with(rows, owner=f"ticket/{clock.ticket_id}", key_prefix=f"clock/{clock.pk}/", now=now)
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
    return timers.Request(
        key=f"clock/{clock.pk}/{_run(clock)}/step/{position}",
        handler=TIMER,
        owner=f"ticket/{clock.ticket_id}",
        due_at=due_at,
        payload={"ticket": clock.ticket_id, "clock": clock.pk, "step": position},
    )


def rearm(clock: Clock, *, ticket: Ticket, now: datetime) -> None:
    """Let the ladder's timers of a clock that was reckoned anew stand where its rungs do now; one that rests has none.

    A run that goes on moves what waits; the key of a new run is its own.
    """
    prefix = f"clock/{clock.pk}/{_run(clock)}/"
    if clock.due_at is None:
        _disarm(clock, now=now)
        return
    waiting = list(Timer.objects.pending().filter(owner=f"ticket/{ticket.pk}", key__startswith=prefix))
    if not waiting:
        _disarm(clock, now=now)
        _arm([clock], ticket=ticket, now=now)
        return
    steps = {step.position: step for step in desk_queries.config(ticket.desk).office_steps}
    for timer in waiting:
        step = steps.get(timer.payload["step"])
        if step is not None:
            timers.move(timer, due_at=step_instant(clock, step))


def _arm(clocks: Sequence[Clock], *, ticket: Ticket, now: datetime) -> None:
    timers.set_many(_requests(clocks, ticket=ticket), now=now)


def _requests(clocks: Sequence[Clock], *, ticket: Ticket) -> list[timers.Request]:
    """The timer of the first rung of the office ladder, for each clock that runs.

    None while the ticket belongs to an outage: its clocks show what was promised, the parent's ladder stands for all.
    """
    if ticket.parent_id is not None:
        return []
    steps = desk_queries.config(ticket.desk).office_steps
    if not steps:
        return []
    first = steps[0]
    return [
        arm_step(clock, first.position, due_at=step_instant(clock, first))
        for clock in clocks
        if clock.due_at is not None
    ]


def _run(clock: Clock) -> str:
    """The name of the clock's present run in the keys of its timers."""
    return clock.resumed_at.strftime("%Y%m%dT%H%M%S.%f")


def _disarm(clock: Clock, *, now: datetime) -> None:
    timers.cancel(owner=f"ticket/{clock.ticket_id}", key_prefix=f"clock/{clock.pk}/", now=now)
