"""Who of the desk follows a ticket without having it."""

from __future__ import annotations

from django.db import models


class Watcher(models.Model):
    """A person who is told what whoever has the ticket is told. `Ticket.n_watchers` says whether there are any."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="watchers")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+", db_index=False)
    # Who added them: themselves, or a colleague.
    added_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="watches_once")]
        indexes = [models.Index(fields=["user", "ticket"], name="watched_by_person")]
