"""Ticking what is done by telephone: that a client without e-mail was told, that who asked was called back."""

from __future__ import annotations

from datetime import datetime

from core.actor import Actor
from tickets.actions import guards, record
from tickets.models import TellTask, Ticket
from tickets.models.telltask import CALL_BACK


def tick(ticket: Ticket, *, by: Actor, now: datetime, task_id: int) -> Ticket:
    """Note that somebody of the desk did it by telephone, and when. Twice changes nothing."""
    guards.consultant(ticket, by)
    with record.changing(ticket, now=now) as fresh:
        open_tasks = TellTask.objects.filter(pk=task_id, ticket=fresh, done_at__isnull=True)
        code = open_tasks.values_list("code", flat=True).first()
        if open_tasks.update(done_at=now, done_by_id=by.user_id):
            told = code != CALL_BACK
            record.record(fresh, "client_told" if told else "called_back", by=by, now=now, public=told, task=task_id)
    return fresh
