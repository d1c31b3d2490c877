"""The end of a ticket: solved, confirmed, reopened, closed, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from core.actor import SYSTEM, Actor
from core.errors import Invalid, TransitionNotAllowed
from desks.config import Member
from files.models import Attachment
from schedules.models import Timer
from tickets import lifecycle
from tickets.actions import (
    appointments,
    clocks,
    gathering,
    guards,
    holding,
    ladder,
    lanes,
    progress,
    record,
    silence,
    telling,
    vaultcase,
    watching,
    writing,
)
from tickets.lifecycle import Status
from tickets.models import Outcome, Ticket, TicketEvent


def resolve(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    solution: str,
    files: Sequence[Attachment] = (),
    at: datetime | None = None,
) -> Ticket:
    """Say that it is solved and how; the client is told and confirms or reopens.

    "Una vez solucionado el reporte se le comunicará al cliente" (InvoiceMX manual, "En Horarios de
    Oficina" 4). `at` is when it was said, where that was before `now`. Raises Invalid without a solution,
    TransitionNotAllowed from an ended state.
    """
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        may_resolve(fresh, by, solution)
        settle(fresh, by=by, now=now, solution=solution, at=at or now, files=files)
    return fresh


def may_resolve(ticket: Ticket, by: Actor, solution: str) -> None:
    """Refuse a solution of nothing, of who has not the ticket, or from a state that knows no way there."""
    writing.check_text(solution, (), field="solution")  # files alone say nothing that search would find
    guards.assignee(ticket, by)
    lifecycle.check(ticket.status, Status.RESOLVED)


def settle(
    ticket: Ticket,
    *,
    by: Actor,
    now: datetime,
    solution: str,
    at: datetime,
    not_before: datetime | None = None,
    files: Sequence[Attachment] = (),
    attended_by: Member | None = None,
) -> None:
    """Resolve a locked ticket as of `at` and tell the client, at `not_before` at the earliest.

    `attended_by` is who solved it, where somebody else writes it down: theirs is the name that the client knows.
    """
    ticket.status = Status.RESOLVED
    ticket.resolved_at = at
    ticket.waiting_reason = ticket.waiting_who = ""
    if ticket.answered_at is None:
        ticket.answered_at = at
    clocks.stop_all(ticket, now=at)
    ladder.end_all(ticket, now=now, reason="resolved")
    appointments.let_go(ticket, by=by, now=now, outcome=Outcome.RESOLVED)
    vaultcase.end(ticket, by=by, now=now)
    message = writing.write(ticket, by=by, now=now, body=solution, is_solution=True, files=files)
    other = {"attended_by": holding.person(attended_by)} if attended_by and attended_by.user_id != by.user_id else {}
    entry = record.record(ticket, "resolved", by=by, now=now, at=at, public=True, message=message.pk, **other)
    if ticket.leads:
        gathering.solved(ticket, message, by=by, now=now)
    closes_at = silence.arm(ticket, since=at, entry_id=entry.pk, now=now)
    telling.client(
        ticket,
        "resolved",
        key=f"resolved/{entry.pk}",
        now=now,
        not_before=not_before,
        quote=message.body,
        who=attended_by.name if attended_by else by.label,
        closes_at=closes_at,
    )
    watching.tell(ticket, "watched_resolved", key=f"watched/{entry.pk}", now=now, by=by, who=by.label)


def auto_close_due(timer: Timer, now: datetime) -> None:
    """The client said nothing: the ticket closes, unless it was reopened since.

    A day that the desk has closed meanwhile is no business day: the client gets the time that the calendar gives now.
    """
    ticket = Ticket.objects.select_related("desk").get(pk=timer.payload["ticket"])
    with record.changing(ticket, now=now) as fresh:
        if fresh.status != Status.RESOLVED or silence.counts_from(fresh) != timer.payload["since"]:
            return
        if not silence.put_off(fresh, timer, now=now):
            _close(fresh, by=SYSTEM, now=now, cause="silence")


def confirm(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """The client agrees that it is solved."""
    guards.client(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        lifecycle.check(fresh.status, Status.CLOSED)
        _close(fresh, by=by, now=now, cause="confirmed")
    return fresh


def close(ticket: Ticket, *, by: Actor, now: datetime, reason: str) -> Ticket:
    """Close a resolved ticket without waiting for the client."""
    guards.supervisor(ticket, by)
    reason = progress.need_reason(reason)
    with record.changing(ticket, now=now) as fresh:
        lifecycle.check(fresh.status, Status.CLOSED)
        writing.write(fresh, by=by, now=now, body=reason, internal=True)
        entry = _close(fresh, by=by, now=now, cause="by_hand")
        telling.client(fresh, "closed", key=f"closed/{entry.pk}", now=now, at=now)
    return fresh


def _close(ticket: Ticket, *, by: Actor, now: datetime, cause: str) -> TicketEvent:
    """Close a locked ticket. Who confirmed knows it, and whoever kept silent was told the hour when it was resolved."""
    ticket.status = Status.CLOSED
    ticket.closed_at = now
    vaultcase.end(ticket, by=by, now=now)
    return record.record(ticket, "closed", by=by, now=now, public=True, cause=cause)


def reopen(ticket: Ticket, *, by: Actor, now: datetime, reason: str) -> Ticket:
    """The client says that it is not solved: back to whoever had it, the solution clock goes on."""
    guards.client(ticket, by)
    reason = progress.need_reason(reason)
    with record.changing(ticket, now=now) as fresh:
        if fresh.status != Status.RESOLVED:
            raise TransitionNotAllowed(state=fresh.status)
        fresh.resolved_at = None
        fresh.reopened_at = now
        writing.write(fresh, by=by, now=now, body=reason)
        entry = record.record(fresh, "reopened", by=by, now=now, public=True)
        if fresh.parent_id is not None:  # what goes on for this client is a case of its own
            gathering.detach(fresh, by=by, now=now)
        lanes.reopen(fresh, by=by, now=now)
        if fresh.assignee_id is not None:
            telling.team(fresh, [fresh.assignee_id], "reopened", key=f"reopened/{entry.pk}", now=now)
        watching.tell(fresh, "watched_reopened", key=f"watched/{entry.pk}", now=now, by=by)
    return fresh


def cancel(ticket: Ticket, *, by: Actor, now: datetime, reason: str) -> Ticket:
    """Give up an open ticket; the client may cancel their own, otherwise those who supervise."""
    by_client = guards.is_client(ticket, by) and not by.works_tickets(ticket.desk_id)
    if not by_client:
        guards.supervisor(ticket, by)
    reason = progress.need_reason(reason)
    with record.changing(ticket, now=now) as fresh:
        lifecycle.check(fresh.status, Status.CANCELLED)
        gathering.refuse_while_leading(fresh)
        fresh.status = Status.CANCELLED
        clocks.stop_all(fresh, now=now)
        ladder.end_all(fresh, now=now, reason="cancelled")
        appointments.let_go(fresh, by=by, now=now, outcome=Outcome.CONTINUES)
        message = writing.write(fresh, by=by, now=now, body=reason)
        entry = record.record(fresh, "cancelled", by=by, now=now, public=True)
        vaultcase.end(fresh, by=by, now=now)
        if by_client and fresh.assignee_id is not None:
            telling.team(fresh, [fresh.assignee_id], "cancelled", key=f"cancelled/{entry.pk}", now=now)
        elif not by_client:
            telling.client(fresh, "cancelled", key=f"cancelled/{entry.pk}", now=now, quote=message.body, at=now)
        watching.tell(fresh, "watched_cancelled", key=f"watched/{entry.pk}", now=now, by=by, who=by.label)
    return fresh


def check_instants(
    *, occurred_at: datetime | None, answered_at: datetime | None, resolved_at: datetime | None, now: datetime
) -> None:
    """The times of a call registered afterwards come one after another and lie in the past."""
    given = [
        ("occurred_at", occurred_at),
        ("answered_at", answered_at),
        ("resolved_at", resolved_at),
    ]
    before: datetime | None = None
    for name, at in given:
        if at is None:
            continue
        if at > now:
            raise Invalid.field(name, "in_the_future", _("This hour has not come yet."))
        if before is not None and at < before:
            raise Invalid.field(name, "out_of_order", _("This hour is before the one above."))
        before = at
