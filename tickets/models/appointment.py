"""A planned attention: when, by which method, with whom. Its states are `tickets.agenda`."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from core.actor import Actor
from tickets import agenda
from tickets.lifecycle import SupportMethod
from tickets.models.ticket import Ticket


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the tickets that the actor may read."""
        return self.filter(ticket__in=Ticket.objects.visible_to(actor).order_by())

    def live(self) -> Self:
        """Those that hold their hour: booked, or being attended."""
        return self.filter(state__in=agenda.LIVE)

    def missed(self) -> Self:
        """Those to which nobody came."""
        return self.filter(state=agenda.State.NO_SHOW)


class Appointment(models.Model):
    """Half-open span on the agenda of one consultant; two live ones never overlap (exclusion).

    Moving keeps the row, and so the UID of its calendar entry, and raises `sequence` (RFC 5545).
    """

    State = agenda.State

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="appointments")
    consultant = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    method = models.CharField(max_length=8, choices=SupportMethod)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # Address of the session, or of the place: where one goes.
    place = models.CharField(max_length=500, blank=True, db_default="")
    state = models.CharField(max_length=9, choices=agenda.State, default=agenda.State.BOOKED)
    sequence = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The client agreed to this hour: by choosing it, or afterwards.
    confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="appointment_not_empty"),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state__in=["booked", "serving"]), name="one_live_appointment"
            ),
        ]
        indexes = [
            models.Index(
                fields=["consultant", "starts_at"],
                name="agenda_of_person",
                condition=Q(state__in=["booked", "serving"]),
            ),
            models.Index(fields=["ticket"], name="appointments_missed", condition=Q(state="no_show")),
        ]

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at) / timedelta(minutes=1))
