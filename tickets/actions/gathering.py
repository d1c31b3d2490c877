"""A ticket with many reports under it: what is done to it reaches each of them, one by one.

What follows for a report is a timer of its own, written in the transaction of its cause: a process that dies in the
middle leaves nobody out, and nobody is told twice. Reports hold neither ladder nor timers of their clocks while they
belong to the parent, so that one outage wakes one person once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict
from desks.models import Desk
from notifications import doorbell
from schedules import timers
from schedules.actions.firing import FIRE_DUE
from tickets import lifecycle
from tickets.actions import record
from tickets.models import Message, Outage, Ticket

TIMER: Final = "tickets.outage_report"

MESSAGE: Final = "message"
SOLVED: Final = "solved"
OVER: Final = "over"
HELD: Final = "held"


def pass_on(parent: Ticket, what: str, ref: object, *, now: datetime, **payload: object) -> None:
    """Let something happen to each open report of a locked parent. 2 queries.

    `ref` names the occurrence: the same one is passed on once.
    """
    reports = Ticket.objects.filter(parent=parent, status__in=sorted(lifecycle.OPEN)).order_by("pk")
    timers.set_many(
        [
            timers.Request(
                key=f"outage/{parent.pk}/{what}/{ref}/{pk}",
                handler=TIMER,
                owner=f"ticket/{pk}",
                due_at=now,
                payload={"ticket": pk, "parent": parent.pk, "what": what, **payload},
            )
            for pk in reports.values_list("pk", flat=True)
        ],
        now=now,
    )
    doorbell.ring_on_commit(FIRE_DUE)


def said(parent: Ticket, message: Message, *, now: datetime) -> None:
    """What the team told the parent's client is told to the client of each report."""
    pass_on(parent, MESSAGE, message.pk, now=now, message=message.pk)


def held(parent: Ticket, *, before: int | None, now: datetime) -> None:
    """Whoever has the parent has its reports."""
    pass_on(parent, HELD, parent.version, now=now, assignee=parent.assignee_id, before=before)


def solved(parent: Ticket, message: Message, *, by: Actor, now: datetime) -> None:
    """The parent is solved: each report is, with the same words, and the notice ends."""
    pass_on(parent, SOLVED, message.pk, now=now, message=message.pk)
    for outage in Outage.objects.active().filter(parent=parent):
        end_notice(outage, by=by, now=now)


def end_notice(outage: Outage, *, by: Actor, now: datetime) -> None:
    """Take the notice of a locked parent off the pages."""
    outage.ended_at, outage.ended_by_id = max(now, outage.started_at), by.user_id
    outage.save(update_fields=["ended_at", "ended_by"])
    count(outage.desk_id, -1)
    record.record(outage.parent, "outage_ended", by=by, now=now, outage=outage.title)


def count(desk_id: int, n: int) -> None:
    """Keep how many notices the desk has, and let no process believe the old number."""
    Desk.objects.filter(pk=desk_id).update(open_outages=F("open_outages") + n, config_version=F("config_version") + 1)


def standing_parent(outage: Outage) -> Ticket | None:
    """The outage's ticket while it is open, held against being ended until the transaction is over. 1 query.

    Others may gather under it at the same time; who resolves it waits, and then finds this report too.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM tickets_ticket WHERE id = %s FOR KEY SHARE", [outage.parent_id])
        row = cursor.fetchone()
    if row is None or row[0] not in lifecycle.OPEN:
        return None
    still = Outage.objects.active().filter(pk=outage.pk).exists()
    return Ticket.objects.get(pk=outage.parent_id) if still else None


def detach(ticket: Ticket, *, by: Actor, now: datetime) -> None:
    """Forget the parent of a locked report."""
    ticket.parent = None
    record.record(ticket, "left_outage", by=by, now=now, public=True)


def refuse_while_leading(ticket: Ticket) -> None:
    """Raise Conflict for a ticket under whose notice reports are gathered: it is ended first."""
    if ticket.leads and Outage.objects.active().filter(parent=ticket).exists():
        raise Conflict(
            _("Reports are gathered under it: end the outage first."),
            code="leads_outage",
            extra={"state": ticket.status},
        )
