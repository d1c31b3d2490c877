"""Codes and folios that were recognised on tickets: what links cases of the same fault."""

from __future__ import annotations

from django.db import models


class TicketCode(models.Model):
    """A code that somebody wrote or that a file holds, once for a ticket. `vendor` repeats the desk's."""

    class Kind(models.TextChoices):
        SAT = "sat"
        PAC = "pac"
        FOLIO = "uuid"

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="codes")
    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=4, choices=Kind, db_collation="C")
    text = models.CharField(max_length=36, db_collation="C")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "kind", "text"], name="code_once_per_ticket"),
        ]
        indexes = [models.Index(fields=["vendor", "kind", "text", "-seen_at"], name="tickets_by_code")]

    def __str__(self) -> str:
        return self.text
