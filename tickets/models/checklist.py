"""What has still to be done on a ticket, step by step."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

MAX_TEXT: Final = 200


class ChecklistItem(models.Model):
    """A step; done while `done_at` is set. `Ticket.checklist_done` and `checklist_total` keep the count."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="checklist")
    position = models.PositiveIntegerField()
    text = models.CharField(max_length=MAX_TEXT)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    # The form that added it (`tickets.actions.once`): sent twice, it is one.
    form_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "position"],
                name="step_position_per_ticket",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | Q(done_by__isnull=True), name="step_done_at_an_instant"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="step_says_something"),
        ]
