"""What search looks through: written by actions, because a generated column cannot see messages."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class TicketSearch(models.Model):
    """Two vectors: what anybody on the case wrote, and that plus the notes, which must not leak."""

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, primary_key=True)
    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="+", db_index=False)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    public_tsv = SearchVectorField()
    staff_tsv = SearchVectorField()

    class Meta:
        indexes = [
            GinIndex(fields=["desk", "staff_tsv"], name="search_staff"),
            GinIndex(fields=["client", "public_tsv"], name="search_public"),
        ]
