"""A view of the queue that somebody keeps: parameters of its address under a name, and nothing of what they show."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from core.actor import Actor


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> Self:
        """The person's own, and those shared with desks whose tickets they work."""
        mine = Q(desk=None, owner_id=actor.user_id)
        return self.filter(
            mine | Q(desk__isnull=False) if actor.is_admin else mine | Q(desk_id__in=actor.ticket_desk_ids())
        )


class SavedView(models.Model):
    """`params` are those of `/cola/`; whoever opens the view sees what the same address would show to them."""

    owner = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="saved_views")
    # The desk that it is shared with; null: the owner's alone.
    desk = models.ForeignKey("desks.Desk", on_delete=models.CASCADE, null=True, related_name="saved_views")
    name = models.CharField(max_length=60)
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), condition=Q(desk=None), name="own_view_by_name"),
            models.UniqueConstraint("desk", Lower("name"), condition=Q(desk__isnull=False), name="shared_view_by_name"),
        ]

    def __str__(self) -> str:
        return self.name
