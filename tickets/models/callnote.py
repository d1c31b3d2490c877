"""A call that somebody attended on call and has not written down yet: the hour, so that it is not forgotten."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class CallNote(models.Model):
    """Made by one tap on *Recibí una llamada*; over when its ticket is registered, or it was nothing."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, null=True, related_name="call_notes")
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ticket__isnull=True) | Q(dropped_at__isnull=True), name="call_note_ends_one_way"
            ),
        ]
        indexes = [
            models.Index(
                fields=["desk", "called_at", "id"],
                name="calls_unregistered",
                condition=Q(ticket__isnull=True, dropped_at__isnull=True),
            ),
        ]
