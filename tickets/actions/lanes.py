"""Which lane a ticket stands in, at its start and at each edge of the calendar.

At closing, what affects operation and nobody has taken moves to whoever is on call and the ladder
is armed; at opening, deferred tickets enter the line, and a running ladder goes on.
The timers of the edges are never cancelled: they look at the ticket when they fire.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from clients import queries as client_queries
from core.actor import SYSTEM, Actor
from desks import queries as desk_queries
from desks.config import Target
from schedules import businesstime, routing, timers
from schedules import queries as schedule_queries
from schedules.models import Timer
from tickets import lifecycle, planning
from tickets.actions import clocks, holding, ladder, promises, record, telling
from tickets.lifecycle import Lane, Status
from tickets.models import Clock, ClockKind, Ticket
from tickets.models.escalation import EscalationKind

OPENING: Final = "tickets.opening"
CLOSING: Final = "tickets.closing"
DEADLINE: Final = "tickets.deadline_near"
UNTAKEN: Final = frozenset({Status.NEW, Status.ASSIGNED})
STARTING: Final = (ClockKind.FIRST_RESPONSE, ClockKind.RESOLUTION)


def targets(ticket: Ticket) -> Mapping[str, Target]:
    """The promises of the ticket's priority, by the client's plan or the desk's own policy."""
    config = desk_queries.config(ticket.desk)
    policy_id = None
    if ticket.client_id is not None:
        day = ticket.opened_at.astimezone(config.zone).date()
        plan = client_queries.plan_of_id(ticket.client_id, ticket.desk, on=day)
        policy_id = plan.sla_policy_id if plan else None
    return config.targets(policy_id).get(ticket.priority, {})


def calendar_version_id(ticket: Ticket, target: Target, at: datetime) -> int | None:
    """The calendar that a clock counts in: None around the clock (only where the desk has a rota)."""
    config = desk_queries.config(ticket.desk)
    if (target.around_the_clock and config.has_rota) or config.calendar_id is None:
        return None
    return schedule_queries.current_version(config.calendar_id, at).pk


def new_clocks(ticket: Ticket, promised: Mapping[str, Target], *, start: datetime) -> list[Clock]:
    """Build the clocks that start with a ticket; a response that was given is not promised again."""
    kinds = [kind for kind in STARTING if kind in promised]
    if ticket.answered_at is not None and ClockKind.FIRST_RESPONSE in kinds:
        kinds.remove(ClockKind.FIRST_RESPONSE)
    return [
        clocks.new(
            ticket,
            kind,
            minutes=promised[kind].minutes,
            calendar_version_id=calendar_version_id(ticket, promised[kind], start),
            start=start,
        )
        for kind in kinds
    ]


def edge_timers(ticket: Ticket, *, now: datetime) -> list[timers.Request]:
    """What time will do to the ticket as it stands: bring it into line, hand it to the night, near its deadline."""
    found = _calendar_edges(ticket, now=now)
    if ticket.deadline_at is not None and ticket.deadline_at - routing.SOON > now:
        found.append(edge(ticket, DEADLINE, ticket.deadline_at - routing.SOON))
    return found


def _calendar_edges(ticket: Ticket, *, now: datetime) -> list[timers.Request]:
    """Where the calendar moves it: into line at the opening, to the night at the closing."""
    if ticket.parent_id is not None:
        return []  # it stays with the case of its outage
    if ticket.status == Status.DEFERRED:
        return [edge(ticket, OPENING, ticket.starts_at)]
    if ticket.lane == Lane.OFFICE and ticket.affects_operation and ticket.status in UNTAKEN:
        closes_at = businesstime.next_close(now, desk_queries.hours(ticket.desk, now))
        if closes_at is not None and desk_queries.config(ticket.desk).has_rota:
            return [edge(ticket, CLOSING, closes_at)]
    return []


def edge(ticket: Ticket, handler: str, at: datetime) -> timers.Request:
    """The timer of an opening, a closing, or the last day before a deadline."""
    return timers.Request(
        key=f"ticket/{ticket.pk}/{handler.rpartition('.')[2]}/{at:%Y%m%dT%H%M%SZ}",
        handler=handler,
        owner=f"ticket/{ticket.pk}",
        due_at=at,
        payload={"ticket": ticket.pk},
    )


def opening_due(timer: Timer, now: datetime) -> None:
    """The desk opened: a deferred ticket enters the line by itself."""
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    with record.changing(ticket, now=now) as fresh:
        if fresh.status == Status.DEFERRED and fresh.starts_at <= timer.due_at:
            enter_line(fresh, by=SYSTEM, now=now)


def enter_line(ticket: Ticket, *, by: Actor, now: datetime) -> None:
    """Put a locked ticket into the line of the office and choose somebody for it."""
    ticket.status, ticket.lane = Status.NEW, Lane.OFFICE
    record.record(ticket, "opened_line", by=by, now=now, public=True)
    holding.give_to_chosen(ticket, by=by, now=now)
    timers.set_many(edge_timers(ticket, now=now), now=now)


def closing_due(timer: Timer, now: datetime) -> None:
    """The desk closed: what affects operation and was not taken moves to whoever is on call; the client reads it."""
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    if businesstime.is_open(timer.due_at, desk_queries.hours(ticket.desk, now)):
        return  # the calendar was changed: the desk does not close now, and another timer stands at its new closing
    with record.changing(ticket, now=now) as fresh:
        gathered = fresh.parent_id is not None
        if fresh.status in UNTAKEN and fresh.lane == Lane.OFFICE and fresh.affects_operation and not gathered:
            to_on_call(fresh, by=SYSTEM, now=now, cause="closing")
            telling.client(
                fresh,
                "moved_on_call",
                key=f"moved_on_call/{timer.pk}",
                now=now,
                call_first=telling.number_to_call(fresh, now),
                next=telling.what_next(fresh, now=now),
            )


def to_on_call(ticket: Ticket, *, by: Actor, now: datetime, cause: str) -> None:
    """Move a locked ticket to the lane of the person on call, give it to them, arm the ladder."""
    config = desk_queries.config(ticket.desk)
    ticket.lane = Lane.ON_CALL
    ticket.starts_at = min(ticket.starts_at, now)
    turn = schedule_queries.on_call(config.rota_id, now) if config.rota_id else None
    member = config.member(turn.user_id) if turn else None
    record.record(
        ticket,
        "lane_changed",
        by=by,
        now=now,
        public=True,
        lane=ticket.lane,
        cause=cause,
        on_call=holding.person(member) if member else None,
    )
    if member is not None:
        holding.give(ticket, member, by=by, now=now, why={"code": "on_call"}, tell=False)
    else:
        ticket.assignee, ticket.status = None, Status.NEW
    ladder.end_all(ticket, now=now, reason="lane_changed")
    ladder.start(ticket, kind=EscalationKind.ON_CALL, reason=cause, by=by, now=now)


def put_off(ticket: Ticket, *, now: datetime) -> None:
    """Defer a locked ticket to the next opening: nobody has it until then, its clocks start there."""
    starts_at = businesstime.next_open(now, desk_queries.hours(ticket.desk, now))
    if starts_at is None:  # open around the clock: there is no later opening
        starts_at = now
    ticket.status, ticket.lane, ticket.assignee = Status.DEFERRED, Lane.DEFERRED, None
    ticket.starts_at = starts_at
    _restart_clocks(ticket, start=starts_at, now=now)
    timers.set_many(edge_timers(ticket, now=now), now=now)


def _restart_clocks(ticket: Ticket, *, start: datetime, now: datetime) -> None:
    clocks.stop_all(ticket, now=now)
    clocks.begin(new_clocks(ticket, targets(ticket), start=start), ticket=ticket, now=now)


def rank(ticket: Ticket, *, now: datetime, insists: bool | None = None) -> planning.Plan:
    """Ask the routing rule about a locked ticket as it stands now, and give it the priority that follows.

    A client who could not wait for the opening insists: it is attended as if their operation were
    affected, until somebody of the desk says what the request really is.
    """
    if insists is None:
        insists = ticket.contested_at is not None and ticket.lane == Lane.ON_CALL
    plan = planning.plan(
        ticket.desk,
        request_type=ticket.request_type,
        affects_operation=ticket.affects_operation or insists,
        at=now,
        client=ticket.client,
        deadline_at=ticket.deadline_at,
    )
    ticket.priority = plan.priority
    ticket.priority_rank = lifecycle.PRIORITY_RANK[plan.priority]
    return plan


def restate(ticket: Ticket, *, by: Actor, now: datetime, cause: str) -> list[promises.Restated]:
    """Let the clocks of a locked ticket keep the promises that hold for it now (`promises.restate`)."""
    promised = {
        kind: promises.Promise(target.minutes, calendar_version_id(ticket, target, now))
        for kind, target in targets(ticket).items()
    }
    begins = ticket.starts_at if ticket.status == Status.DEFERRED else now
    return promises.restate(ticket, promised, by=by, now=now, cause=cause, begins=begins)


def deadline_due(timer: Timer, now: datetime) -> None:
    """A day is left until the client's deadline: one level up, and they read it with what follows from it."""
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    with record.changing(ticket, now=now) as fresh:
        if fresh.status not in lifecycle.OPEN or fresh.deadline_at is None:
            return
        if fresh.deadline_at - routing.SOON > timer.due_at:
            return  # it was put off meanwhile, and another timer stands there
        before = fresh.priority_rank
        plan = rank(fresh, now=now)
        if fresh.priority_rank >= before:
            return
        why = [code for code in plan.why if code["code"] == "deadline_near"]
        entry = record.record(
            fresh, "priority_raised", by=SYSTEM, now=now, public=True, priority=fresh.priority, why=why
        )
        restate(fresh, by=SYSTEM, now=now, cause="deadline")
        telling.client(
            fresh,
            "deadline_near",
            key=f"deadline/{entry.pk}",
            now=now,
            deadline=fresh.deadline_at,
            priority=lifecycle.Priority(fresh.priority).label,
            next=telling.what_next(fresh, now=now),
        )


def reroute(ticket: Ticket, *, by: Actor, now: datetime) -> None:
    """Ask the routing rule again for a locked, reclassified ticket and follow it; `restate` its clocks afterwards.

    Whoever works on the ticket keeps it.
    """
    plan = rank(ticket, now=now, insists=False)
    ticket.affects_operation = plan.affects_operation
    if ticket.parent_id is not None:
        return
    if ticket.status == Status.DEFERRED and plan.lane == Lane.ON_CALL:
        to_on_call(ticket, by=by, now=now, cause="reclassified")
    elif ticket.status == Status.DEFERRED and plan.lane == Lane.OFFICE:
        enter_line(ticket, by=by, now=now)
    elif ticket.status in UNTAKEN and plan.lane == Lane.ON_CALL and ticket.lane == Lane.OFFICE:
        to_on_call(ticket, by=by, now=now, cause="reclassified")
    elif ticket.lane == Lane.ON_CALL and (plan.lane == Lane.DEFERRED or not plan.affects_operation):
        _leave_the_night(ticket, plan, now=now)
    else:
        timers.set_many(edge_timers(ticket, now=now), now=now)


def _leave_the_night(ticket: Ticket, plan: planning.Plan, *, now: datetime) -> None:
    """What is not for the night wakes nobody any more; where nobody took it yet, it waits for the opening."""
    ladder.end_all(ticket, now=now, reason="lane_changed")
    if plan.lane == Lane.DEFERRED and ticket.status in UNTAKEN:
        put_off(ticket, now=now)
        return
    ticket.lane = plan.lane
    timers.set_many(edge_timers(ticket, now=now), now=now)


def reopen(ticket: Ticket, *, by: Actor, now: datetime) -> None:
    """Bring a locked, solved ticket back to work; the solution clock goes on where it stopped."""
    if ticket.deadline_at is not None:  # it may have come near while the ticket rested
        rank(ticket, now=now)
    last = Clock.objects.filter(ticket=ticket, kind=ClockKind.RESOLUTION).order_by("-id").first()
    ticket.status = Status.IN_PROGRESS if ticket.assignee_id else Status.NEW
    promised = targets(ticket)
    fresh: list[Clock] = []
    for kind in (ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION):
        if kind in promised:
            used = last.used_seconds if last is not None and kind == ClockKind.RESOLUTION else 0
            fresh.append(
                clocks.new(
                    ticket,
                    kind,
                    minutes=promised[kind].minutes,
                    calendar_version_id=calendar_version_id(ticket, promised[kind], now),
                    start=now,
                    used_seconds=min(used, promised[kind].minutes * 60),
                )
            )
    clocks.begin(fresh, ticket=ticket, now=now)
    if ticket.assignee_id is None:
        holding.give_to_chosen(ticket, by=by, now=now)


def explain(plan: planning.Plan) -> dict[str, Any]:
    """The reasons of a plan as codes for the timeline."""
    return {"lane": plan.lane, "priority": plan.priority, "why": list(plan.why)}
