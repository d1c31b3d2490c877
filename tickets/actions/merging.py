"""Two reports of one thing become one, and can be taken apart again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Conflict, Invalid, TransitionNotAllowed
from tickets import lifecycle
from tickets.actions import appointments, clocks, gathering, guards, ladder, lanes, record, telling, vaultcase
from tickets.lifecycle import Status
from tickets.models import ClockKind, ClockRun, Outcome, Split, Ticket


def merge(ticket: Ticket, *, by: Actor, now: datetime, into: str) -> Ticket:
    """Join the ticket to another of the same desk; one level, and never to itself.

    The two rows are locked in the order of their ids.
    """
    guards.consultant(ticket, by)
    target = Ticket.objects.visible_to(by).filter(number=into.strip().upper(), desk_id=ticket.desk_id).first()
    if target is None:
        raise Invalid.field("into", "unknown_ticket", _("There is no such ticket at this desk."))
    if target.pk == ticket.pk:
        raise Invalid.field("into", "same_ticket", _("Choose another ticket."))
    with transaction.atomic():
        list(Ticket.objects.select_for_update().filter(pk__in=[ticket.pk, target.pk]).order_by("pk"))
        with record.changing(ticket, now=now) as fresh:
            lifecycle.check(fresh.status, Status.MERGED)
            gathering.refuse_while_leading(fresh)
            target.refresh_from_db()
            if target.status == Status.MERGED or fresh.merged_tickets.exists():
                raise Conflict(_("Tickets are merged one level deep only."), code="merge_chain")
            # What was scheduled is called off with the merger: taken out again, it is back at work.
            scheduled = fresh.status == Status.SCHEDULED
            at_work = Status.IN_PROGRESS if fresh.assignee_id else Status.NEW
            fresh.status_before_merge = at_work if scheduled else fresh.status
            fresh.status = Status.MERGED
            fresh.merged_into = target
            clocks.pause(fresh, ClockKind.values, now=now, cause=ClockRun.End.MERGED)
            ladder.end_all(fresh, now=now, reason="merged")
            appointments.let_go(fresh, by=by, now=now, outcome=Outcome.CONTINUES)
            entry = record.record(fresh, "merged", by=by, now=now, public=True, into=target.number)
            vaultcase.end(fresh, by=by, now=now)
            telling.client(
                fresh,
                "merged",
                key=f"merged/{entry.pk}",
                now=now,
                into=target.number,
                since=now,
                next=telling.what_next(target, now=now),
            )
        with record.changing(target, now=now) as other:
            record.record(other, "absorbed", by=by, now=now, number=fresh.number)
    return fresh


def unmerge(ticket: Ticket, *, by: Actor, now: datetime) -> Ticket:
    """Take a merged ticket out again, in the state that it had."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        if fresh.status != Status.MERGED:
            raise TransitionNotAllowed(state=fresh.status)
        if fresh.split_from_id and Split.objects.filter(taken=fresh, undone_at__isnull=False).exists():
            raise Conflict(_("What it was about is back in the ticket that it came from."), code="split_undone")
        was = Status(fresh.status_before_merge)
        lifecycle.check(fresh.status, was)
        fresh.status, fresh.status_before_merge, fresh.merged_into = was, "", None
        clocks.resume(fresh, now=now, except_for=clocks.paused_kinds(was))
        entry = record.record(fresh, "unmerged", by=by, now=now, public=True)
        if was == Status.DEFERRED and fresh.starts_at <= now:  # the opening passed meanwhile
            lanes.enter_line(fresh, by=by, now=now)
        telling.client(
            fresh, "unmerged", key=f"unmerged/{entry.pk}", now=now, since=now, next=telling.what_next(fresh, now=now)
        )
    return fresh
