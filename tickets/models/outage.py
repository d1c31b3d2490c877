"""One cause with many clients: the tax office or a PAC is down, and everybody reports it."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.actor import Actor, ActorKind


class OutageQuerySet(models.QuerySet["Outage"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those of the desks whose tickets the actor works; clients read the notice on their pages."""
        if actor.is_admin or actor.kind is ActorKind.SYSTEM:
            return self
        return self.filter(desk_id__in=actor.ticket_desk_ids())

    def active(self) -> Self:
        return self.filter(ended_at__isnull=True)


class Outage(models.Model):
    """A notice to all clients of a desk, and the ticket under which its reports are gathered.

    `text` and `contingency` (what the fiscal rules allow meanwhile) are what clients read. `Desk.open_outages` says
    whether there is one to look for.
    """

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="outages")
    title = models.CharField(max_length=120)
    text = models.TextField()
    contingency = models.TextField(blank=True, default="")
    # Slugs of the products that it is about; empty means all of them.
    products = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    parent = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="outages")
    started_at = models.DateTimeField()
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    objects = OutageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parent"], condition=Q(ended_at__isnull=True), name="one_outage_of_a_ticket"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="an_outage_ends_after_it_began",
            ),
        ]
        indexes = [
            models.Index(
                fields=["desk", "started_at", "id"], name="outages_active", condition=Q(ended_at__isnull=True)
            ),
            models.Index(fields=["desk", "-started_at", "-id"], name="outages_of_desk"),
        ]

    def __str__(self) -> str:
        return self.title
