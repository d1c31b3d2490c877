"""A client without e-mail is told by telephone: a task for whoever has the ticket."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import Q

# Not to tell the client something, but to make sure by telephone who asked.
CALL_BACK: Final = "call_back"


class TellTask(models.Model):
    """What the client must hear; ticked with the hour at which somebody told them."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="tell_tasks")
    code = models.CharField(max_length=40)
    text = models.TextField()
    key = models.CharField(max_length=120, unique=True, db_collation="C")
    created_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["ticket", "id"], name="tell_tasks_open", condition=Q(done_at__isnull=True)),
        ]
