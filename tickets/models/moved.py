"""What an absence moved, so that it can be handed back."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MovedTicket(models.Model):
    """A ticket that left its assignee at the start of their absence; `outcome` says how that ended."""

    class Outcome(models.TextChoices):
        OPEN = "", _("with the other person")
        RETURNED = "returned", _("handed back")
        FINISHED = "finished", _("was finished meanwhile")
        BY_HAND = "by_hand", _("somebody assigned it by hand")
        ON_CALL = "on_call", _("is with the person on call")
        EARLIER = "earlier", _("went back to who had it before")
        GONE = "gone", _("the person left the desk")

    absence = models.ForeignKey("desks.Absence", on_delete=models.PROTECT, related_name="moved")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    moved_to = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    moved_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["absence", "ticket"], name="moved_once_per_absence"),
            models.CheckConstraint(
                condition=models.Q(outcome="", settled_at__isnull=True)
                | ~models.Q(outcome="") & models.Q(settled_at__isnull=False),
                name="moved_settled_with_an_outcome",
            ),
        ]
