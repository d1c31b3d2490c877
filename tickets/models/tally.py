"""When each person was last given a ticket: what breaks a tie in assignment."""

from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """Written under the desk's assignment lock."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    last_assigned_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "user"], name="one_tally_per_person")]
