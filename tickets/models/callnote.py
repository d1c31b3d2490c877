"""What somebody attended on call and has not written down yet: the hour, so that it is not forgotten."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from tickets import lifecycle
from tickets.models.attention import Attention


class CallNoteQuerySet(models.QuerySet["CallNote"]):
    def waiting(self) -> Self:
        """Those that nobody has written down; an alert waits for as long as its case is open."""
        over = ~Q(about__status__in=lifecycle.OPEN) | Exists(
            Attention.objects.filter(ticket=OuterRef("about"), started_at__gte=OuterRef("called_at"))
        )
        waits = Q(about__isnull=True) | ~over
        return self.filter(waits, ticket__isnull=True, dropped_at__isnull=True)


class CallNote(models.Model):
    """Made by one tap on *Recibí una llamada*, or by an alert to the person on call, which is `about` its case.

    Over when the ticket that it became is registered, when the case of the alert is solved or an attention of it
    was written down, or when it was nothing.
    """

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    called_at = models.DateTimeField()
    about = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, null=True, related_name="alert_notes")
    # Of an alert: the climb and the person, so that its repetitions are one.
    key = models.CharField(max_length=60, blank=True, db_collation="C")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, null=True, related_name="call_notes")
    dropped_at = models.DateTimeField(null=True)

    objects = CallNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="one_note_per_alert"),
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
