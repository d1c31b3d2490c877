"""One verb on several tickets: who, when, what became of each, and what stood before, so that it can be undone."""

from __future__ import annotations

from django.db import models


class BulkChange(models.Model):
    """`key` names the pressing of the button: pressed twice it is one. `values` are codes and ids, never text."""

    key = models.UUIDField(unique=True)
    by = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="+")
    verb = models.CharField(max_length=16)
    values = models.JSONField(default=dict)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.verb} {self.pk}"


class BulkItem(models.Model):
    """What became of one ticket, written in the transaction that changed it. `before` and `after` hold its columns."""

    class Outcome(models.TextChoices):
        DONE = "done"
        REFUSED = "refused"
        UNDONE = "undone"
        KEPT = "kept"  # it was done, and undoing it was refused

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="items")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+", db_index=False)
    outcome = models.CharField(max_length=8, choices=Outcome)
    # Why it was refused, or could not be undone, as the person read it.
    why = models.CharField(max_length=300, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["change", "ticket"], name="one_item_per_bulk_and_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.outcome}"
