"""Taking a ticket and handing it to somebody: the verbs of the queue."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.actor import Actor
from core.errors import AlreadyTaken, Forbidden, Invalid, TransitionNotAllowed
from desks import queries as desk_queries
from tickets import lifecycle
from tickets.actions import clocks, gathering, guards, holding, ladder, record, telling, writing
from tickets.lifecycle import Lane, Status
from tickets.models import Ticket
from tickets.models.escalation import EscalationKind

TAKEABLE: Final = frozenset({Status.NEW, Status.ASSIGNED, Status.DEFERRED})


def take(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """Make the ticket mine and start working. Of two at once one gets it, the other reads who has it."""
    guards.consultant(ticket, by)
    if by.user_id is None:
        raise Forbidden()
    with record.changing(ticket, now=now) as fresh:
        if fresh.status not in TAKEABLE:
            _refuse(fresh, by)
        lifecycle.check(fresh.status, Status.IN_PROGRESS)
        before, fresh.assignee = fresh.assignee_id, User.objects.get(pk=by.user_id)
        fresh.status = Status.IN_PROGRESS
        holding.note_assigned(fresh.desk_id, by.user_id, now=now)
        if fresh.leads:
            gathering.held(fresh, before=before, now=now)
        ladder.end_all(fresh, now=now, reason="taken")
        entry = record.record(fresh, "taken", by=by, now=now, public=True)
        if fresh.lane == Lane.ON_CALL:  # at night one wants to know that somebody is on it
            telling.client(
                fresh,
                "taken",
                key=f"taken/{entry.pk}",
                now=now,
                who=by.label,
                since=now,
                next=telling.what_next(fresh, now=now),
            )
    return fresh


def _refuse(ticket: Ticket, by: Actor) -> None:
    """Say why a ticket cannot be taken: somebody has it, or its state does not allow it."""
    holder = ticket.assignee
    if ticket.status in lifecycle.OPEN and holder is not None and holder.pk != by.user_id:
        raise AlreadyTaken(ticket.status, {"id": holder.pk, "name": holder.name, "kind": "user"})
    raise TransitionNotAllowed(state=ticket.status)


def assign(ticket: Ticket, *, by: Actor, now: datetime, assignee: int, reason: str = "") -> Ticket:
    """Hand an open ticket to a person of the desk; on call the ladder starts anew with them."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        # An unassigned ticket may be handed on by any consultant; one that somebody has, by them or above.
        if fresh.assignee_id is not None:
            guards.assignee(fresh, by)
        elif not by.supervises(fresh.desk_id) and assignee != by.user_id:
            raise Forbidden()
        if fresh.status not in lifecycle.OPEN:
            raise TransitionNotAllowed(state=fresh.status)
        member = desk_queries.config(fresh.desk).attendant(assignee)
        if member is None:
            raise Invalid.field("assignee", "unknown_person", _("Choose a person of this desk."))
        if fresh.status in {Status.WAITING_CLIENT, Status.WAITING_THIRD_PARTY}:
            clocks.resume(fresh, now=now)
            fresh.waiting_reason = fresh.waiting_who = ""
        fresh.status = Status.ASSIGNED
        before, fresh.assignee = fresh.assignee_id, User.objects.get(pk=member.user_id)
        if fresh.leads:
            gathering.held(fresh, before=before, now=now)
        ladder.end_all(fresh, now=now, reason="reassigned")
        holding.give(fresh, member, by=by, now=now, why={"code": "by_hand"})
        if reason.strip():
            writing.write(fresh, by=by, now=now, body=reason, internal=True)
        if fresh.lane == Lane.ON_CALL and member.user_id != by.user_id:
            ladder.start(fresh, kind=EscalationKind.ON_CALL, reason="reassigned", by=by, now=now, first=member.user_id)
    return fresh
