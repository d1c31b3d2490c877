"""What somebody wants to be reminded of: a person, a ticket, an instant."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

MAX_NOTE: Final = 200


class Reminder(models.Model):
    """It is the person's, not the ticket's: it stays theirs whoever gets the ticket. Open while `done_at` is null.

    `sequence` counts how often it was put off; the timer names it, so that an hour that was moved rings no more.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="reminders")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=MAX_NOTE, blank=True)
    due_at = models.DateTimeField()
    sequence = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "due_at", "id"], name="reminders_open", condition=Q(done_at__isnull=True)),
            models.Index(fields=["ticket", "user"], name="reminders_of_ticket", condition=Q(done_at__isnull=True)),
        ]
