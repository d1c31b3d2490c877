"""Kept counts of the fixed views: deltas written with their cause, folded by a task."""

from __future__ import annotations

from django.db import models


class QueueDelta(models.Model):
    """`n` more (or fewer) tickets under `key` at the desk; the count is the sum of its rows.

    Appending never waits for another writer, which a counter row would.
    """

    desk = models.ForeignKey("desks.Desk", on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=40, db_collation="C")
    n = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["desk", "key"], include=["n"], name="queue_counts")]
