"""Files of usage: read once, shown, then booked row by row."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from core.actor import Actor
from stamps.models.account import desks_of


class UsageImportQuerySet(models.QuerySet["UsageImport"]):
    def visible_to(self, actor: Actor) -> Self:
        """Sales and managers see the files of their desks."""
        return self if actor.is_admin else self.filter(desk_id__in=desks_of(actor))


class UsageImport(models.Model):
    """A file that somebody sent. `rows` are those that can be booked, as `stamps.usage_file` read them.

    Booking goes on from row `n_done`, so a process that dies loses nothing; what was booked stands under its reference.
    `faults` are the rows that could not be read, and those that were refused when they were booked: [{line, text}].
    """

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    rows = models.JSONField()
    faults = models.JSONField(default=list)
    n_rows = models.PositiveIntegerField()
    n_done = models.PositiveIntegerField(default=0)
    n_booked = models.PositiveIntegerField(default=0)
    n_known = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")

    objects = UsageImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(n_done__lte=models.F("n_rows")), name="import_within_its_rows")
        ]
        indexes = [models.Index(fields=["desk", "-id"], name="imports_of_desk")]

    def __str__(self) -> str:
        return self.name
