"""A calendar changed: the promises of open tickets are reckoned anew, in batches that survive any crash.

Time used until the change was saved is kept as the old calendar counted it; what was left then runs on in the new one.
What was broken before stays broken where it was. `moved` shows beforehand what `begin` will do, by the same reckoning.

A batch is a timer, `recompute/<version>/<round>/<cursor>`: its transaction changes its tickets and sets the next one,
so a kill takes back the batch whole and the sweep repeats it. The second round finds what was being written meanwhile.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from core.actor import SYSTEM
from desks import queries as desk_queries
from schedules import businesstime, timers
from schedules import queries as schedule_queries
from schedules.businesstime import Hours
from schedules.listeners import Move
from schedules.models import BusinessCalendar, CalendarVersion, Timer
from tickets.actions import clocks, lanes, promises, record
from tickets.lifecycle import Lane, Status
from tickets.models import Clock, ClockRun, Ticket

TIMER: Final = "tickets.recompute"
BATCH: Final = 50
ROUNDS: Final = 2
# Longer than a process goes on with the version that it saw last, and than a report takes to be filed.
AGAIN_AFTER: Final = timedelta(seconds=15)
START: Final = "start"
CAUSE: Final = "calendar"
_SECOND: Final = timedelta(seconds=1)


# ------------------------------------------------------------------ reckoning


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What becomes of one clock: the run that it goes on with, and its due instant before and after."""

    clock: Clock
    resumed_at: datetime
    used_seconds: int
    before: datetime | None
    after: datetime | None

    @property
    def moves(self) -> bool:
        """Whether a person would see it: by a second or more."""
        return self.before is not None and self.after is not None and abs(self.after - self.before) >= _SECOND


@dataclass(frozen=True, slots=True)
class Change:
    """From `at` on a calendar reads like `new`; until then it read like `old`. `version_id` None: not saved yet."""

    calendar_id: int
    at: datetime
    old: Hours
    new: Hours
    version_id: int | None = None

    def concerns(self, clock: Clock) -> bool:
        """Whether the clock counts in an earlier version of the calendar."""
        version = clock.calendar_version
        if version is None or version.calendar_id != self.calendar_id:
            return False
        return self.version_id is None or version.pk < self.version_id


def new_start(ticket: Ticket, change: Change) -> datetime | None:
    """When a deferred ticket begins now; None where it does not wait for an opening, or there is none."""
    if ticket.status != Status.DEFERRED or ticket.starts_at <= change.at:
        return None
    since = max(change.at, ticket.last_activity_at)
    # Whoever was put off in open hours waits for the next opening; whoever waits in closed ones is let in at once.
    if businesstime.is_open(since, change.new) and not businesstime.is_open(since, change.old):
        return since
    return businesstime.next_open(since, change.new)


def reckon(clock: Clock, change: Change, *, start: datetime | None) -> Reckoned | None:
    """Reckon a clock that concerns the change, or that begins with a ticket whose `start` moves; None: it stays."""
    if clock.due_at is None:  # it rests, and goes on in the new calendar when it is resumed
        return Reckoned(clock, clock.resumed_at, clock.used_seconds, None, None)
    begins = start is not None and clock.resumed_at > change.at
    since = start if start is not None and begins else max(change.at, clock.resumed_at)
    if clock.due_at <= since and not begins:
        return None
    resumed_at, used = _run(clock, change, since, begins=begins)
    left = timedelta(seconds=max(0, clock.target_minutes * 60 - used))
    try:
        after = resumed_at + left if clock.calendar_version is None else businesstime.add(resumed_at, left, change.new)
    except businesstime.OutOfRange:
        return None
    return Reckoned(clock, resumed_at, used, clock.due_at, after)


def _run(clock: Clock, change: Change, since: datetime, *, begins: bool) -> tuple[datetime, int]:
    """The start of the run that is counted from now on, and the seconds used before it."""
    if begins:
        return since, clock.used_seconds
    if clock.calendar_version is None:
        return clock.resumed_at, clock.used_seconds
    used = businesstime.elapsed(clock.resumed_at, since, schedule_queries.hours_of(clock.calendar_version))
    if businesstime.elapsed(clock.resumed_at, since, change.new) == used:
        return clock.resumed_at, clock.used_seconds  # both calendars agree about the past: nothing is rounded
    return since, round(clock.used_seconds + used.total_seconds())


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket with what the change makes of it."""

    ticket: Ticket
    starts_at: datetime | None
    reckoned: Sequence[Reckoned]

    @property
    def moves(self) -> bool:
        return self.starts_at is not None or any(item.moves for item in self.reckoned)


def reckon_ticket(ticket: Ticket, running: Iterable[Clock], change: Change) -> Case:
    """Reckon a ticket and its unfinished clocks."""
    running = list(running)
    start = new_start(ticket, change) if _is_affected(ticket, running, change) else None
    found = []
    for clock in running:
        begins = start is not None and clock.resumed_at > change.at
        reckoned = reckon(clock, change, start=start) if change.concerns(clock) or begins else None
        if reckoned is not None:
            found.append(reckoned)
    return Case(ticket, start if start != ticket.starts_at else None, found)


def _is_affected(ticket: Ticket, running: Sequence[Clock], change: Change) -> bool:
    """Whether the ticket's start was reckoned before the change, and not by an earlier batch of it."""
    return any(change.concerns(clock) for clock in running) or ticket.last_activity_at <= change.at


def _cases(tickets: Sequence[Ticket], change: Change) -> Iterator[Case]:
    """The tickets reckoned, in order. 1 query."""
    by_ticket: dict[int, list[Clock]] = defaultdict(list)
    unfinished = Clock.objects.filter(ticket__in=tickets, stopped_at__isnull=True).order_by("id")
    for clock in unfinished.select_related("calendar_version"):
        by_ticket[clock.ticket_id].append(clock)
    for ticket in tickets:
        yield reckon_ticket(ticket, by_ticket[ticket.pk], change)


# ------------------------------------------------------------------ beforehand


def moved(calendar: BusinessCalendar, hours: Hours, now: datetime) -> list[Move]:
    """What would move if the calendar read like `hours` from now on; nothing is written. 2 queries when warm."""
    change = Change(calendar.pk, now, schedule_queries.hours_for(calendar.pk), hours)
    found: list[Move] = []
    for case in _cases(list(_open(calendar.scope).select_related("desk")), change):
        number = case.ticket.number
        if case.starts_at is not None:
            found.append(Move(number, START, case.ticket.starts_at, case.starts_at))
        for item in case.reckoned:
            if item.moves and item.before is not None and item.after is not None:
                found.append(Move(number, item.clock.kind, item.before, item.after))
    return found


def _open(scope: str, *, after: int = 0, upto: int | None = None) -> QuerySet[Ticket]:
    """Open tickets of the desk by id; its calendars carry its slug as their scope."""
    found = Ticket.objects.active().filter(desk__slug=scope, pk__gt=after).order_by("pk")
    return found if upto is None else found.filter(pk__lte=upto)


# ------------------------------------------------------------------ batches


def begin(version: CalendarVersion, now: datetime) -> None:
    """Set the first batch, in the transaction that writes the version."""
    _set_batch(version, number=1, after=0, due_at=now, now=now)


def _set_batch(version: CalendarVersion, *, number: int, after: int, due_at: datetime, now: datetime) -> None:
    """Set the timer of the next tickets; of the next round where there are none any more."""
    ids = list(_open(version.calendar.scope, after=after).values_list("pk", flat=True)[:BATCH])
    if not ids and after:
        if number < ROUNDS:
            _set_batch(version, number=number + 1, after=0, due_at=version.created_at + AGAIN_AFTER, now=now)
        return
    timers.set(
        key=f"recompute/{version.pk}/{number}/{after}",
        handler=TIMER,
        owner=f"calendar/{version.calendar_id}",
        due_at=due_at,
        payload={"version": version.pk, "round": number, "after": after, "upto": ids[-1] if ids else after},
        now=now,
    )


def lock_batch(payload: Mapping[str, Any]) -> None:
    """Lock the tickets of a batch in the order of the house, before its timer."""
    scope = _version(payload).calendar.scope
    wanted = _open(scope, after=payload["after"], upto=payload["upto"])
    list(wanted.select_for_update(of=("self",)).values_list("pk"))


def batch_due(timer: Timer, now: datetime) -> None:
    """Reckon the tickets of a batch anew and set the next one."""
    payload = timer.payload
    version = _version(payload)
    if payload["round"] > 1 and CalendarVersion.objects.filter(calendar=version.calendar, pk__gt=version.pk).exists():
        return  # the batches of the newer version look at everything again
    change = _saved_change(version)
    tickets = list(_open(version.calendar.scope, after=payload["after"], upto=payload["upto"]).select_related("desk"))
    cases = list(_cases(tickets, change))
    _go_on([item for case in cases for item in case.reckoned], version, now=now)
    for case in cases:
        if case.moves:
            _tell(case, version, now=now)
    timers.set_many([edge for case in cases for edge in _edges(case, change)], now=now)
    last = payload["upto"] or 1  # a desk without open tickets goes straight to the second round
    _set_batch(version, number=payload["round"], after=last, due_at=timer.due_at, now=now)


def _version(payload: Mapping[str, Any]) -> CalendarVersion:
    return CalendarVersion.objects.select_related("calendar").get(pk=payload["version"])


def _saved_change(version: CalendarVersion) -> Change:
    earlier = CalendarVersion.objects.filter(calendar_id=version.calendar_id, pk__lt=version.pk)
    # A save may write several versions at once; the ones of the same instant are part of the change.
    before = earlier.filter(created_at__lt=version.created_at).order_by("pk").last() or earlier.earliest("pk")
    return Change(
        calendar_id=version.calendar_id,
        at=version.created_at,
        old=schedule_queries.hours_of(before),
        new=schedule_queries.hours_of(version),
        version_id=version.pk,
    )


def _go_on(reckoned: Sequence[Reckoned], version: CalendarVersion, *, now: datetime) -> None:
    """Let the clocks count in the new version, their timers stand where their rungs do now. 2 queries, and moves."""
    ended = []
    for item in reckoned:
        clock = item.clock
        if item.resumed_at > clock.resumed_at and clock.resumed_at <= version.created_at:
            ended.append(_ended_run(item))
        if clock.started_at == clock.resumed_at > version.created_at:
            clock.started_at = item.resumed_at
        clock.resumed_at, clock.used_seconds, clock.due_at = item.resumed_at, item.used_seconds, item.after
        if clock.calendar_version is not None:
            clock.calendar_version = version
        clock.breached = clock.breached and item.after is not None and item.after <= now
    ClockRun.objects.bulk_create(ended)
    Clock.objects.bulk_update(
        [item.clock for item in reckoned],
        ["started_at", "resumed_at", "used_seconds", "due_at", "calendar_version", "breached"],
    )
    running = {item.clock.pk: item.clock for item in reckoned if item.after is not None}
    owners = {f"ticket/{clock.ticket_id}" for clock in running.values()}
    for timer in Timer.objects.pending().filter(handler=clocks.TIMER, owner__in=owners):
        _move_timer(timer, running.get(timer.payload["clock"]))


def _ended_run(item: Reckoned) -> ClockRun:
    """The stretch that the old calendar counted."""
    clock = item.clock
    return ClockRun(
        clock=clock,
        starts_at=clock.resumed_at,
        ends_at=item.resumed_at,
        calendar_version_id=clock.calendar_version_id,
        seconds=item.used_seconds - clock.used_seconds,
        ended_by=ClockRun.End.RECKONED,
    )


def _move_timer(timer: Timer, clock: Clock | None) -> None:
    if clock is None:
        return
    steps = {step.position: step for step in desk_queries.config(clock.ticket.desk).office_steps}
    step = steps.get(timer.payload["step"])
    if step is not None and (due_at := clocks.step_instant(clock, step)) != timer.due_at:
        timers.move(timer, due_at=due_at)


def _tell(case: Case, version: CalendarVersion, *, now: datetime) -> None:
    """Put what moved on the ticket and on its timeline."""
    with record.changing(case.ticket, now=now) as fresh:
        if case.starts_at is not None:
            record.record(
                fresh,
                "clock_recomputed",
                by=SYSTEM,
                now=now,
                public=True,
                kind=START,
                cause=CAUSE,
                before=fresh.starts_at.isoformat(),
                after=case.starts_at.isoformat(),
                calendar_version=version.pk,
            )
            fresh.starts_at = case.starts_at
        clocks.show_first(fresh, clocks.unfinished(fresh))
        for item in case.reckoned:
            if item.moves:
                promises.tell(
                    fresh, item.clock, before=item.before, by=SYSTEM, now=now, cause=CAUSE, calendar_version=version.pk
                )


def _edges(case: Case, change: Change) -> list[timers.Request]:
    """The new edges of the calendar: the opening of what was put off, the closing of what nobody took.

    The old ones are not taken back: they look at the ticket, and at the calendar, when they fire.
    """
    ticket = case.ticket
    if case.starts_at is not None:
        return [lanes.edge(ticket, lanes.OPENING, case.starts_at)]
    if ticket.lane != Lane.OFFICE or not ticket.affects_operation or ticket.status not in lanes.UNTAKEN:
        return []
    if not desk_queries.config(ticket.desk).has_rota:
        return []
    since = max(change.at, ticket.last_activity_at)
    closes_at = businesstime.next_close(since, change.new) if businesstime.is_open(since, change.new) else since
    return [lanes.edge(ticket, lanes.CLOSING, closes_at)] if closes_at is not None else []
