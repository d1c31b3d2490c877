"""The vocabulary of a desk: what its tickets may be tagged with."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from desks import tags


class Tone(models.TextChoices):
    """The colour of a tag; the name says it too, so that nothing hangs on the colour alone."""

    MUTE = "mute", _("grey")
    BRAND = "brand", _("teal")
    INFO = "info", _("blue")
    OK = "ok", _("green")
    WARN = "warn", _("amber")
    BAD = "bad", _("red")


class Tag(models.Model):
    """A tag of a desk. Tickets keep the slug, so that a new name costs nothing.

    One that was merged stays, and stands for the other: `into` is never merged itself.
    """

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="tags")
    slug = models.CharField(max_length=tags.MAX_NAME, db_collation="C")
    name = models.CharField(max_length=tags.MAX_NAME)
    tone = models.CharField(max_length=8, choices=Tone, default=Tone.MUTE)
    is_active = models.BooleanField(default=True)
    into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="absorbed")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "slug"], name="tag_once_per_desk"),
            models.CheckConstraint(condition=~Q(slug="") & ~Q(name=""), name="tag_has_a_name"),
            models.CheckConstraint(
                condition=Q(into__isnull=True) | Q(is_active=False) & ~Q(into=F("id")), name="merged_tag_rests"
            ),
        ]

    def __str__(self) -> str:
        return self.name
