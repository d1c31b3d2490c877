"""A file that was sent ahead of the text it belongs to, while somebody still writes that."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from core.actor import Actor, ActorKind


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, ticket_id: int, by: Actor) -> Self:
        """What this person has ready for this ticket, in the order in which it came."""
        mine = self.filter(ticket_id=ticket_id, owner_kind=str(by.kind), owner_id=by.id) if by.id else self.none()
        return mine.order_by("id")


class Upload(models.Model):
    """Of one person and one ticket, and seen by nobody else. The row goes when the file is sent, taken out or swept."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    owner_kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in ActorKind])
    owner_id = models.BigIntegerField()
    attachment = models.OneToOneField("files.Attachment", on_delete=models.PROTECT, related_name="+")
    # The file of a canned answer that it is a copy of: `plantilla-12/34`. Put in twice it lies there once.
    origin = models.CharField(max_length=60, blank=True, default="", db_collation="C")
    created_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "owner_kind", "owner_id", "origin"],
                condition=~Q(origin=""),
                name="upload_of_an_origin_once",
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "owner_kind", "owner_id", "id"], name="uploads_of_person"),
            models.Index(fields=["created_at"], name="uploads_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_kind}/{self.owner_id} on {self.ticket_id}"
