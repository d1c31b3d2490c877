"""Ticking that a client without e-mail was told."""

from __future__ import annotations

from datetime import datetime

from core.actor import Actor
from tickets.actions import guards, record
from tickets.models import TellTask, Ticket


def tick(ticket: Ticket, *, by: Actor, now: datetime, task_id: int) -> Ticket:
    """Note that somebody of the desk told the client by telephone, and when. Twice changes nothing."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        ticked = TellTask.objects.filter(pk=task_id, ticket=fresh, done_at__isnull=True).update(
            done_at=now, done_by_id=by.user_id
        )
        if ticked:
            record.record(fresh, "client_told", by=by, now=now, public=True, task=task_id)
    return fresh
