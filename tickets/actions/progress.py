"""Waiting, going on, and changing what the request is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, Invalid, TransitionNotAllowed
from core.rows import Rows, joined, new_ids
from desks import queries as desk_queries
from files.models import Attachment
from tickets import lifecycle
from tickets.actions import clocks, guards, ladder, lanes, record, safekeeping, telling, writing
from tickets.lifecycle import Status
from tickets.models import Clock, ClockKind, ClockRun, Ticket, TicketEvent

MAX_REASON: Final = 500
WORKING: Final = frozenset({Status.IN_PROGRESS})
DEFERRABLE: Final = frozenset({Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS})
RESUMABLE: Final = frozenset({Status.WAITING_CLIENT, Status.WAITING_THIRD_PARTY})


def need_reason(reason: str, field: str = "reason") -> str:
    """The reason without blanks around it. Raises Invalid when there is none or it is too long."""
    text = reason.strip()
    if not text:
        raise Invalid.field(field, "required", _("Say why: the others will read it."))
    if len(text) > MAX_REASON:
        raise Invalid.field(field, "max_length", _("At most 500 characters."))
    return text


def wait(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    reason: str,
    body: str = "",
    files: Sequence[Attachment] = (),
    at: datetime | None = None,
) -> Ticket:
    """Wait for the client: every clock rests until they answer, and they are told what we need.

    The question is a word of the conversation like any other, so it also gives the response. `body` is
    the whole of it where `reason` is its beginning, `at` when it was asked where that was before `now`.
    """
    guards.consultant(ticket, by)
    reason = need_reason(reason)
    question = body or reason
    with record.changing(ticket, now=now) as fresh:
        may_wait(fresh, by, question, files)
        message = writing.write(fresh, by=by, now=now, body=question, files=files)
        answered(fresh, by=by, now=now, at=at)
        fresh.status = Status.WAITING_CLIENT
        fresh.waiting_reason, fresh.waiting_who = safekeeping.catch(reason).text[:MAX_REASON], ""
        clocks.pause(fresh, clocks.PAUSED_BY_CLIENT, now=now, cause=ClockRun.End.CLIENT)
        entry = record.record(fresh, "waiting_client", by=by, now=now, public=True)
        telling.client(
            fresh, "waiting", key=f"waiting/{entry.pk}", now=now, quote=message.body, who=by.label, since=now
        )
    return fresh


def may_wait(ticket: Ticket, by: Actor, question: str, files: Sequence[Attachment] = ()) -> None:
    """Refuse a question of nothing, of who has not the ticket, or where nobody works on it."""
    writing.check_text(question, files)
    guards.assignee(ticket, by)
    lifecycle.check_in(ticket.status, WORKING)


def wait_third_party(ticket: Ticket, *, by: Actor, now: datetime, reason: str, who: str) -> Ticket:
    """Wait for somebody outside (the tax office, a PAC, another vendor): only the solution clock rests."""
    guards.consultant(ticket, by)
    reason, who = need_reason(reason), need_reason(who, "who")[:160]
    with record.changing(ticket, now=now) as fresh:
        guards.assignee(fresh, by)
        lifecycle.check_in(fresh.status, WORKING)
        await_third_party(fresh, by=by, now=now, reason=reason, who=who)
    return fresh


def await_third_party(ticket: Ticket, *, by: Actor, now: datetime, reason: str, who: str) -> None:
    """Let a locked ticket wait for somebody outside; the client reads for whom, and when they hear from us again."""
    ticket.status = Status.WAITING_THIRD_PARTY
    caught = safekeeping.catch(reason)
    ticket.waiting_reason, ticket.waiting_who = caught.text[:MAX_REASON], who
    clocks.pause(ticket, clocks.PAUSED_BY_THIRD_PARTY, now=now, cause=ClockRun.End.THIRD_PARTY)
    entry = record.record(ticket, "waiting_third_party", by=by, now=now, public=True)
    safekeeping.keep(ticket, caught, by=by, now=now, internal=True)
    telling.client(
        ticket,
        "waiting_third",
        key=f"waiting_third/{entry.pk}",
        now=now,
        third=who,
        since=now,
        next=telling.what_next(ticket, now=now),
    )


def resume(ticket: Ticket, *, by: Actor, now: datetime, reason: str = "") -> Ticket:
    """Go on working: what rested counts again from here."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        guards.assignee(fresh, by)
        lifecycle.check_in(fresh.status, RESUMABLE)
        go_on(fresh, by=by, now=now, cause="resumed")
    return fresh


def client_answered(ticket: Ticket, *, by: Actor, now: datetime) -> None:
    """The client owed the answer and gave it."""
    go_on(ticket, by=by, now=now, cause="client_answered", tell=False)


def go_on(ticket: Ticket, *, by: Actor, now: datetime, cause: str, tell: bool = True) -> None:
    """Back to work on a locked ticket; back to the line where nobody has it. Who gave the answer is not told of it."""
    work_on(ticket)
    clocks.resume(ticket, now=now)
    entry = record.record(ticket, "resumed", by=by, now=now, public=True, cause=cause)
    if tell:
        telling.client(
            ticket, "resumed", key=f"resumed/{entry.pk}", now=now, since=now, next=telling.what_next(ticket, now=now)
        )


def work_on(ticket: Ticket) -> None:
    """Whoever has a locked ticket works on it again, and it waits for nobody."""
    ticket.status = Status.IN_PROGRESS if ticket.assignee_id else Status.NEW
    ticket.waiting_reason = ticket.waiting_who = ""


def answered(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    at: datetime | None = None,
    rows: Rows | None = None,
    clock_pk: int | None = None,
) -> datetime | None:
    """The client has heard from us: the first response is given, the next update counts from here.

    Returns when they hear from us again, None where no clock says so. With `rows` all of it is
    written with them, the new clock under the id `clock_pk`. 5 queries, 3 with `rows`.
    """
    at = at or now
    running = clocks.unfinished(ticket)
    if rows is None:
        clock_pk = new_ids(tickets_clock=1)["tickets_clock"][0]
    over = Rows()  # by themselves: one clock of a kind runs at a time
    ended = clocks.end(running, [ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE], now=at, rows=over)
    over.write()
    with joined(rows) as written:
        for clock in ended:
            if clock.kind == ClockKind.FIRST_RESPONSE:
                ticket.answered_at = at
                written.insert(_first_response(ticket, clock, by=by, now=now, at=at))
        following = _next_update(ticket, now=at)
        if following is not None:
            following.pk = clock_pk
            clocks.begin([following], ticket=ticket, now=now, rows=written)
            running.append(following)
    clocks.show_first(ticket, [clock for clock in running if clock.stopped_at is None])
    return following.due_at if following is not None else None


def _first_response(ticket: Ticket, clock: Clock, *, by: Actor, now: datetime, at: datetime) -> TicketEvent:
    return record.event(
        ticket,
        "first_response_given",
        by=by,
        now=now,
        at=at,
        used_seconds=clock.used_seconds,
        target_minutes=clock.target_minutes,
        breached=clock.breached,
    )


def _next_update(ticket: Ticket, *, now: datetime) -> Clock | None:
    """The promise of the next word to the client, counted from this one; none while the clocks rest or are over."""
    if ticket.status not in lifecycle.OPEN or ticket.status == Status.WAITING_CLIENT:
        return None
    planned = lanes.targets(ticket).get(ClockKind.NEXT_UPDATE)
    if planned is None:
        return None
    return clocks.new(
        ticket,
        ClockKind.NEXT_UPDATE,
        minutes=planned.minutes,
        calendar_version_id=lanes.calendar_version_id(ticket, planned, now),
        start=now,
    )


def defer(ticket: Ticket, *, by: Actor, now: datetime, reason: str) -> Ticket:
    """Put off to the next opening what turned out not to stop the client's operation.

    "Consultas que no afectan la operación en ese momento, deberán realizarse en los horarios de
    oficina" (InvoiceMX manual, "Fuera de Oficina" 2). The client is told when, and may contest once.
    """
    guards.consultant(ticket, by)
    reason = need_reason(reason)
    with record.changing(ticket, now=now) as fresh:
        lifecycle.check_in(fresh.status, DEFERRABLE)
        if fresh.affects_operation:
            raise Conflict(
                _("It affects the client's operation: reclassify it first, then it can be deferred."),
                code="affects_operation",
                extra={"state": fresh.status},
            )
        ladder.end_all(fresh, now=now, reason="deferred")
        lanes.put_off(fresh, now=now)
        entry = record.record(fresh, "deferred", by=by, now=now, public=True, starts_at=fresh.starts_at.isoformat())
        caught = safekeeping.catch(reason)
        key = f"deferred/{entry.pk}"
        telling.client(fresh, "deferred", key=key, now=now, quote=caught.text, starts_at=fresh.starts_at)
        safekeeping.keep(fresh, caught, by=by, now=now)
    return fresh


def contest(ticket: Ticket, *, by: Actor, now: datetime, reason: str) -> Ticket:
    """The client says that it cannot wait: to the person on call, once."""
    guards.client(ticket, by)
    reason = need_reason(reason)
    with record.changing(ticket, now=now) as fresh:
        lifecycle.check_in(fresh.status, frozenset({Status.DEFERRED}))
        if fresh.contested_at is not None:
            raise Conflict(_("You have already asked us to attend it before opening."), code="already_contested")
        if not desk_queries.config(fresh.desk).has_rota:
            raise Conflict(_("This desk attends in its office hours only."), code="no_on_call")
        fresh.contested_at = now
        record.record(fresh, "contested", by=by, now=now, public=True)
        writing.write(fresh, by=by, now=now, body=reason)
        lanes.rank(fresh, now=now, insists=True)  # before anybody is woken: they are told the priority it has now
        lanes.to_on_call(fresh, by=by, now=now, cause="contested")
        lanes.restate(fresh, by=by, now=now, cause="contested")
    return fresh


def classified(ticket: Ticket) -> None:
    """Somebody has said what a locked ticket is; while they are not sure either it goes on waiting for it."""
    if ticket.request_type != lifecycle.RequestType.UNSURE:
        ticket.classify_by = None


def reclassify(
    ticket: Ticket, *, by: Actor, now: datetime, request_type: str, affects_operation: bool, reason: str
) -> Ticket:
    """Say what the request really is: lane, priority and clocks are reckoned anew, and the sum is shown."""
    guards.consultant(ticket, by)
    reason = need_reason(reason)
    if request_type not in lifecycle.RequestType.values:
        raise Invalid.field("request_type", "invalid_choice", _("Choose what kind of request it is."))
    with record.changing(ticket, now=now) as fresh:
        if fresh.status not in lifecycle.OPEN:
            raise TransitionNotAllowed(state=fresh.status)
        before = {
            "request_type": fresh.request_type,
            "affects_operation": fresh.affects_operation,
            "priority": fresh.priority,
            "lane": fresh.lane,
        }
        was_deferred = fresh.status == Status.DEFERRED
        fresh.request_type = request_type
        fresh.affects_operation = affects_operation or request_type == lifecycle.RequestType.SYSTEM_DOWN
        classified(fresh)
        lanes.reroute(fresh, by=by, now=now)
        entry = record.record(
            fresh,
            "reclassified",
            by=by,
            now=now,
            public=True,
            before=before,
            request_type=fresh.request_type,
            affects_operation=fresh.affects_operation,
            priority=fresh.priority,
            lane=fresh.lane,
        )
        writing.write(fresh, by=by, now=now, body=reason, internal=True)
        changed = lanes.restate(fresh, by=by, now=now, cause="reclassified")
        if fresh.status == Status.DEFERRED and not was_deferred:
            telling.client(fresh, "deferred", key=f"deferred/{entry.pk}", now=now, quote="", starts_at=fresh.starts_at)
        elif changed or before["lane"] != fresh.lane or before["priority"] != fresh.priority:
            telling.client(
                fresh,
                "reclassified",
                key=f"reclassified/{entry.pk}",
                now=now,
                priority=lifecycle.Priority(fresh.priority).label,
                next=telling.what_next(fresh, now=now),
            )
    return fresh
