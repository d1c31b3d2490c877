"""Lists of steps that a desk repeats: an installation, the renewal of a seal."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

MAX_STEP: Final = 200
MAX_STEPS: Final = 30


class Checklist(models.Model):
    """The steps of a kind of work, in order, as its desk's file says them."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="checklists")
    slug = models.CharField(max_length=60, db_collation="C")
    name = models.CharField(max_length=80)
    steps = ArrayField(models.CharField(max_length=MAX_STEP))
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["desk", "slug"], name="checklist_once_per_desk")]

    def __str__(self) -> str:
        return self.name
