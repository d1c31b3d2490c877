"""A ladder being climbed: the run, its planned rungs, and each notice that left."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


def both_notices() -> list[str]:
    """By mail and on what wakes."""
    return ["mail", "wake"]


class EscalationKind(models.TextChoices):
    ON_CALL = "on_call"
    OFFICE = "office"


class Escalation(models.Model):
    """One climb. `acknowledged_at` stops it; `ended_at` closes it with a reason code."""

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="escalations")
    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=EscalationKind)
    reason = models.CharField(max_length=40)
    # Who asked for the next step: no step tells them.
    askers = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    started_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    exhausted_at = models.DateTimeField(null=True)
    # Nothing is told before this instant, unless somebody asks for it; with who said so and why.
    silenced_until = models.DateTimeField(null=True)
    silenced_by = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    silence_reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind"], condition=Q(ended_at__isnull=True), name="one_climb_per_kind"
            ),
        ]
        indexes = [
            models.Index(
                fields=["desk", "started_at", "id"],
                name="climbs_running",
                condition=Q(ended_at__isnull=True),
            ),
            models.Index(fields=["desk", "-ended_at", "-id"], name="climbs_ended"),
            models.Index(
                fields=["desk", "exhausted_at"],
                name="climbs_unanswered",
                condition=Q(ended_at__isnull=True, acknowledged_at__isnull=True, exhausted_at__isnull=False),
            ),
            models.Index(fields=["desk", "acknowledged_at"], name="climbs_answered"),
        ]


class EscalationRung(models.Model):
    """A step as it was planned when the climb began: the policy may change, this run does not."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="rungs")
    position = models.PositiveSmallIntegerField()
    whom = models.CharField(max_length=9)
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=12, blank=True, default="", db_default="")
    ways = ArrayField(models.CharField(max_length=4), default=both_notices, db_default=["mail", "wake"])
    due_at = models.DateTimeField(help_text="The planned instant of the first notice.")
    after_minutes = models.PositiveSmallIntegerField(default=0)
    takes = models.BooleanField(default=False)
    repeat_minutes = models.PositiveSmallIntegerField(null=True)
    at_most = models.PositiveSmallIntegerField(default=1)
    fired_at = models.DateTimeField(null=True)
    skipped = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["escalation", "position"]
        constraints = [
            models.UniqueConstraint(fields=["escalation", "position"], name="one_rung_per_position"),
        ]


class EscalationNotice(models.Model):
    """One person told at one occurrence of one rung; `key` makes it once, whatever dies."""

    escalation = models.ForeignKey(Escalation, on_delete=models.CASCADE, related_name="notices")
    rung = models.ForeignKey(EscalationRung, on_delete=models.CASCADE, related_name="notices")
    occurrence = models.PositiveSmallIntegerField()
    user = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    fired_at = models.DateTimeField()
    key = models.CharField(max_length=120, unique=True, db_collation="C")
