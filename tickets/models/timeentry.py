"""Work that somebody noted on a ticket, beside the attentions that are measured by themselves."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.db.models import F, Q

MAX_NOTE: Final = 200


class TimeEntry(models.Model):
    """Minutes of a day. A correction is a new row: the one before keeps what it said and is not counted any more.

    `Ticket.minutes_worked` is the sum of those that count.
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="time_entries")
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField()
    # The desk's local date: what reports group by.
    worked_on = models.DateField()
    note = models.CharField(max_length=MAX_NOTE, blank=True)
    created_at = models.DateTimeField()
    # The form that noted it (`tickets.actions.once`): sent twice, it is one.
    form_key = models.UUIDField(null=True, unique=True)
    removed_at = models.DateTimeField(null=True)
    # What it was corrected to; null: it was taken out.
    replaced_by = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaces")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="time_is_some"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=False) | Q(replaced_by__isnull=True), name="replaced_time_is_removed"
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(removed_at__gte=F("created_at")), name="time_removed_later"
            ),
        ]
        indexes = [
            models.Index(
                fields=["ticket", "worked_on", "id"], name="time_of_ticket", condition=Q(removed_at__isnull=True)
            ),
            models.Index(fields=["user", "worked_on"], name="time_of_person", condition=Q(removed_at__isnull=True)),
        ]
