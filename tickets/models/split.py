"""Messages that were taken to a ticket of their own, with the way back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Split(models.Model):
    """What was taken out of `origin` and is attended in `taken`; undone, it is in `origin` again."""

    origin = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="splits")
    taken = models.OneToOneField("tickets.Ticket", on_delete=models.PROTECT, related_name="taken_by")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(origin=F("taken")), name="split_into_another"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=False) | Q(undone_by__isnull=True), name="split_undone_at_an_instant"
            ),
        ]


class SplitMessage(models.Model):
    """A message that moved, and the place that it had: the row itself is the same on both sides."""

    split = models.ForeignKey(Split, on_delete=models.PROTECT, related_name="moved")
    message = models.ForeignKey("tickets.Message", on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveIntegerField(help_text="Its place in the original.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["split", "message"], name="moved_once_per_split")]
