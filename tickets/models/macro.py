"""Macros: several steps on a ticket under one key, of a desk or of one person."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from tickets.lifecycle import RequestType


class After(models.TextChoices):
    """What becomes of the macro's answer."""

    COMPOSE = "compose", _("Only put into the text; I send it")
    SEND = "send", _("Sent")
    WAIT = "wait", _("Sent, and we wait for the client")
    RESOLVE = "resolve", _("Sent as the solution")


class MacroQuerySet(models.QuerySet["Macro"]):
    def of_reader(self, actor: Actor) -> Self:
        """Those of the desks where the actor works tickets: the desk's and the actor's own, never a colleague's."""
        seen = Q(owner__isnull=True) | Q(owner_id=actor.user_id) if actor.user_id else Q(owner__isnull=True)
        found = self.filter(seen)
        return found if actor.is_admin else found.filter(desk_id__in=actor.ticket_desk_ids())


class Macro(models.Model):
    """What it does, in the order of its columns, by `tickets.actions.macros`. Without an `owner` it is the desk's."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="macros")
    owner = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=80)
    # The key behind M; null: it is chosen from the list.
    digit = models.PositiveSmallIntegerField(null=True)

    takes = models.BooleanField(default=False)
    request_type = models.CharField(max_length=24, choices=RequestType, blank=True)
    affects_operation = models.BooleanField(null=True)
    tags = ArrayField(models.CharField(max_length=40), default=list)
    note = models.TextField(blank=True)
    answer = models.ForeignKey("tickets.CannedAnswer", on_delete=models.PROTECT, null=True, related_name="+")
    after = models.CharField(max_length=8, choices=After, blank=True)
    assignee = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")

    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = MacroQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["desk", "digit"], condition=Q(owner__isnull=True, is_active=True), name="macro_key_of_desk"
            ),
            models.UniqueConstraint(
                fields=["desk", "owner", "digit"],
                condition=Q(owner__isnull=False, is_active=True),
                name="macro_key_of_person",
            ),
            models.CheckConstraint(
                condition=Q(digit__isnull=True) | Q(digit__range=(1, 9)), name="macro_key_is_a_digit"
            ),
            models.CheckConstraint(
                condition=Q(answer__isnull=True, after="") | Q(answer__isnull=False) & ~Q(after=""),
                name="macro_answer_and_what_becomes_of_it",
            ),
        ]
        indexes = [models.Index(fields=["desk", "owner", "digit", "id"], name="macros_of_desk")]

    def __str__(self) -> str:
        return self.name
