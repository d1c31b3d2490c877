"""Two tickets that have to do with each other."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _


class LinkKind(models.TextChoices):
    """What `source` is to `target`."""

    RELATED = "related", _("has to do with")
    DUPLICATE = "duplicate", _("is the same as")
    CAUSED_BY = "caused_by", _("is caused by")


class TicketLink(models.Model):
    """One link between two tickets, whichever way it is read; for the desk's people alone."""

    source = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="links_from")
    target = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="links_to")
    kind = models.CharField(max_length=9, choices=LinkKind)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(Least("source", "target"), Greatest("source", "target"), name="one_link_of_two"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="linked_to_another"),
        ]
