"""A ticket that was taken or handed on by mistake goes back to where it was."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, TransitionNotAllowed
from desks import queries as desk_queries
from desks.config import Member
from notifications import actions as notices
from schedules.models import Timer
from tickets import lifecycle
from tickets.actions import gathering, guards, holding, ladder, lanes, record
from tickets.lifecycle import Lane, Status
from tickets.models import Escalation, TellTask, Ticket, TicketEvent
from tickets.models.escalation import EscalationKind

# Where a ticket can have stood before somebody took it or handed it on.
_AT_WORK: Final = frozenset({Status.IN_PROGRESS, Status.SCHEDULED})
_WAITING: Final = frozenset({Status.WAITING_CLIENT, Status.WAITING_THIRD_PARTY})


def give_back(ticket: Ticket, *, by: Actor, now: datetime, to: int | None, status: str) -> Ticket:
    """Give the ticket back to who had it (`to`; None: to the line), in the state that it had.

    Nothing of what must happen with an untaken ticket is lost: on call a new ladder begins, and where the desk has
    closed or opened meanwhile it goes where such a ticket goes. A wait that the hand-over ended is not taken up again:
    whoever has it decides. What the hand-over tells and has not left yet is withdrawn. Raises Conflict when who had it
    works there no more.
    """
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        if fresh.status not in lifecycle.OPEN:
            raise TransitionNotAllowed(state=fresh.status)
        before = fresh.assignee_id
        _withdraw(fresh, now=now)
        ladder.end_all(fresh, now=now, reason="reassigned")
        if to is None:
            _to_the_line(fresh, Status(status), by=by, now=now)
        else:
            _to_a_person(fresh, _member(fresh, to), Status(status), by=by, now=now)
        if fresh.leads:
            gathering.held(fresh, before=before, now=now)
    return fresh


def _withdraw(ticket: Ticket, *, now: datetime) -> None:
    """Keep in what the hand-over told and nobody has been sent yet. 5 queries, and 1 for each ladder it began."""
    handed = TicketEvent.objects.filter(ticket=ticket, type__in=("ticket.taken", "ticket.assigned"))
    entry_id = handed.order_by("-id").values_list("id", flat=True).first()
    notices.cancel(key_prefix=f"assigned/{entry_id}/", now=now)
    notices.cancel(key=f"taken/{entry_id}", now=now)
    TellTask.objects.filter(ticket=ticket, key=f"taken/{entry_id}", done_at=None).delete()
    begun = Escalation.objects.filter(ticket=ticket, ended_at__isnull=True, reason="reassigned")
    for climb_id in begun.values_list("pk", flat=True):
        notices.cancel(key_prefix=f"ladder/{climb_id}/", now=now)


def _member(ticket: Ticket, user_id: int) -> Member:
    member = desk_queries.config(ticket.desk).attendant(user_id)
    if member is None:
        raise Conflict(_("Who had it does not attend tickets here any more."), code="unknown_person")
    return member


def _to_the_line(ticket: Ticket, status: Status, *, by: Actor, now: datetime) -> None:
    target = Status.DEFERRED if status == Status.DEFERRED and ticket.starts_at > now else Status.NEW
    lifecycle.check(ticket.status, target)
    ticket.status, ticket.assignee = target, None
    record.record(ticket, "given_back", by=by, now=now, public=True)
    if target == Status.DEFERRED:
        return
    if status == Status.DEFERRED:  # the opening passed meanwhile
        lanes.enter_line(ticket, by=by, now=now)
    elif ticket.lane == Lane.ON_CALL:
        ladder.start(ticket, kind=EscalationKind.ON_CALL, reason="reassigned", by=by, now=now)
    else:
        _look_at_the_hour(ticket, by=by, now=now)
        if ticket.lane == Lane.OFFICE and _missed_its_opening(ticket):
            holding.give_to_chosen(ticket, by=by, now=now)


def _missed_its_opening(ticket: Ticket) -> bool:
    """Whether the opening that was to find somebody for it came while somebody had it. At most 2 queries.

    That opening looks once (`untaken.line_due`) and does not come again; one still ahead finds it in the line.
    """
    openings = Timer.objects.filter(key__startswith=holding.line_key(ticket), done_at__isnull=False)
    opened_at = openings.order_by("-due_at").values_list("due_at", flat=True).first()
    if opened_at is None or ticket.parent_id is not None:
        return False
    sought = TicketEvent.objects.filter(ticket=ticket, type="ticket.unassigned", recorded_at__gte=opened_at)
    return not sought.exists()


def _to_a_person(ticket: Ticket, member: Member, status: Status, *, by: Actor, now: datetime) -> None:
    if status in _WAITING or (status == Status.SCHEDULED and ticket.appointment_at is None):
        status = Status.IN_PROGRESS
    if ticket.status != status:
        lifecycle.check(ticket.status, status)
    ticket.status = status
    holding.give(ticket, member, by=by, now=now, why={"code": "undone"})
    if status in _AT_WORK:
        return
    if ticket.lane == Lane.ON_CALL:
        ladder.start(ticket, kind=EscalationKind.ON_CALL, reason="reassigned", by=by, now=now, first=member.user_id)
    else:
        _look_at_the_hour(ticket, by=by, now=now)


def _look_at_the_hour(ticket: Ticket, *, by: Actor, now: datetime) -> None:
    """The desk closed while somebody had it: what affects operation is for who is on call, as at the closing itself."""
    waits = not ticket.affects_operation or ticket.parent_id is not None or holding.is_open(ticket, now)
    if not waits and desk_queries.config(ticket.desk).has_rota:
        lanes.to_on_call(ticket, by=by, now=now, cause="closing")
