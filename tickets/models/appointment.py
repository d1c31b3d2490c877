"""A planned attention: when, by which method, with whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from tickets.lifecycle import SupportMethod


class Appointment(models.Model):
    """Half-open span on the agenda of one consultant; two booked ones never overlap (exclusion)."""

    class State(models.TextChoices):
        BOOKED = "booked"
        DONE = "done"
        CANCELLED = "cancelled"

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="appointments")
    consultant = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=8, choices=SupportMethod)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State, default=State.BOOKED)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_not_empty"),
            models.UniqueConstraint(fields=["ticket"], condition=Q(state="booked"), name="one_booked_appointment"),
        ]
