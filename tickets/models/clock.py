"""Clocks: a promise, the calendar it counts in, and the instant at which it is broken."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ClockKind(models.TextChoices):
    FIRST_RESPONSE = "first_response", _("first response")
    NEXT_UPDATE = "next_update", _("next update")
    RESOLUTION = "resolution", _("resolution")


class Clock(models.Model):
    """One run of one clock. Running: `due_at` set. Paused: `paused_at` set. Over: `stopped_at` set.

    `used_seconds` is what had been used when the clock last paused or stopped, in business
    seconds of `calendar_version` (around the clock where that is null).
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="clocks")
    kind = models.CharField(max_length=14, choices=ClockKind)
    target_minutes = models.PositiveIntegerField()
    calendar_version = models.ForeignKey(
        "schedules.CalendarVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    started_at = models.DateTimeField()
    resumed_at = models.DateTimeField(help_text="Start of the run that is counted on top of used_seconds.")
    due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    used_seconds = models.PositiveBigIntegerField(default=0)
    breached = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "kind"], condition=Q(stopped_at__isnull=True), name="one_running_clock"
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=False, paused_at__isnull=True, stopped_at__isnull=True)
                | Q(due_at__isnull=True, paused_at__isnull=False, stopped_at__isnull=True)
                | Q(stopped_at__isnull=False, paused_at__isnull=True),
                name="clock_runs_rests_or_stopped",
            ),
        ]
        indexes = [models.Index(fields=["ticket", "started_at"], name="clocks_of_ticket")]


class ClockRun(models.Model):
    """A stretch in which a clock counted and that is over: what it counted, in which calendar, and what ended it.

    The run that goes on is the clock's own (`resumed_at`); the rows of a clock with what it brought along from before
    a reopening make up its `used_seconds`.
    """

    class End(models.TextChoices):
        CLIENT = "waiting_client", _("waiting for the client")
        THIRD_PARTY = "waiting_third_party", _("waiting for a third party")
        MERGED = "merged", _("merged")
        RECKONED = "reckoned", _("reckoned anew")

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="runs")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    calendar_version = models.ForeignKey(
        "schedules.CalendarVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    seconds = models.PositiveBigIntegerField()
    ended_by = models.CharField(max_length=20, choices=End)

    class Meta:
        ordering = ["clock", "starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["clock", "starts_at"], name="one_run_at_a_time"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="run_not_empty"),
        ]
