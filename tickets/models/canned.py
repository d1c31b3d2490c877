"""Canned answers (*plantillas*): texts with places that a ticket fills in, of a desk or of one person."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from core.actor import Actor
from tickets import canned


class CannedAnswerQuerySet(models.QuerySet["CannedAnswer"]):
    def of_reader(self, actor: Actor) -> Self:
        """Those of the desks where the actor works tickets: the desk's and the actor's own, never a colleague's."""
        seen = Q(owner__isnull=True) | Q(owner_id=actor.user_id) if actor.user_id else Q(owner__isnull=True)
        found = self.filter(seen)
        return found if actor.is_admin else found.filter(desk_id__in=actor.ticket_desk_ids())

    def active(self) -> Self:
        return self.filter(is_active=True)


class CannedAnswer(models.Model):
    """A text that is written once and sent often. Without an `owner` it is the desk's."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="canned_answers")
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    # What is typed behind a slash in the composer; also its name in the desk's file.
    shortcut = models.SlugField(max_length=40, db_collation="C")
    title = models.CharField(max_length=120)
    body = models.TextField(max_length=canned.MAX_BODY)
    # For tickets of this product first; null: of any.
    product = models.ForeignKey("desks.Product", on_delete=models.PROTECT, null=True, related_name="+")
    # How often it was put into a reply: the order of the list. Stops counting at the most that the column holds.
    n_used = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    # Raised by every change: two people who edit at once do not overwrite each other.
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = CannedAnswerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "shortcut"],
                condition=Q(owner__isnull=True, is_active=True),
                name="canned_shortcut_of_desk",
            ),
            models.UniqueConstraint(
                fields=["desk", "owner", "shortcut"],
                condition=Q(owner__isnull=False, is_active=True),
                name="canned_shortcut_of_person",
            ),
            models.CheckConstraint(condition=~Q(body="") & ~Q(title=""), name="canned_says_something"),
        ]
        indexes = [
            models.Index(fields=["desk", "owner", "-n_used", "id"], name="canned_by_use", condition=Q(is_active=True)),
        ]

    def __str__(self) -> str:
        return f"/{self.shortcut}"


class CannedFile(models.Model):
    """A file that goes along with a canned answer: a guide, a form. Each reply gets a copy."""

    answer = models.ForeignKey(CannedAnswer, on_delete=models.PROTECT, related_name="files")
    attachment = models.OneToOneField("files.Attachment", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["answer", "position"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "position"], name="canned_file_position"),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id}/{self.position}"
