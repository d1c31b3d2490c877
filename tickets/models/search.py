"""What search looks through: written by actions, because a generated column cannot see messages."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F


class TicketSearch(models.Model):
    """Two vectors: what anybody on the case wrote, and that plus the notes, which must not leak.

    Words of the subject, the names and the number have weight A, as have the keys of what is found exactly
    (`tickets.searchterms`); words of messages and names of files have weight D.
    """

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


class DeskWord(models.Model):
    """A word that people at the desk use, with how often: what a word with a slip of the finger is compared to."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.CASCADE, related_name="+", db_index=False)
    # In small letters without accents; `word` is how it was first written.
    folded = models.CharField(max_length=40)
    word = models.CharField(max_length=40)
    n = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "folded"], name="desk_word_once")]
        indexes = [GinIndex(F("desk"), OpClass(F("folded"), name="gin_trgm_ops"), name="desk_word_alike")]


class WordsRead(models.Model):
    """Up to which message the words were read; one row."""

    last_message = models.BigIntegerField(default=0)
