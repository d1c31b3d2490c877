"""Tables of calendars, rotas and timers. A version is never edited: a change is a new row, the past keeps its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

ALWAYS = date(1, 1, 1)  # valid_from of a calendar's first version: it holds for every earlier date too


class BusinessCalendar(models.Model):
    """A named timetable of one scope (the slug of a desk)."""

    scope = models.CharField(max_length=64, db_collation="C")
    slug = models.CharField(max_length=64, db_collation="C")
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["scope", "slug"]
        verbose_name = _("calendar")
        verbose_name_plural = _("calendars")
        constraints = [models.UniqueConstraint(fields=["scope", "slug"], name="calendar_scope_slug")]

    def __str__(self) -> str:
        return f"{self.scope}/{self.slug}"


class CalendarVersion(models.Model):
    """The calendar from `valid_from` on (a local date). Read with those saved before it: see `queries.hours_of`."""

    calendar = models.ForeignKey(BusinessCalendar, on_delete=models.PROTECT, related_name="versions")
    valid_from = models.DateField(default=ALWAYS)
    timezone = models.CharField(max_length=64)
    spec = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["calendar", "id"]
        get_latest_by = "id"
        verbose_name = _("version of a calendar")
        verbose_name_plural = _("versions of calendars")
        indexes = [models.Index(fields=["calendar", "-id"], name="calendarversion_newest")]

    def __str__(self) -> str:
        return f"{self.calendar_id} · {self.valid_from:%Y-%m-%d} · {self.pk}"


class Rota(models.Model):
    """Who is on call when, for one scope (the slug of a desk)."""

    scope = models.CharField(max_length=64, db_collation="C")
    slug = models.CharField(max_length=64, db_collation="C")
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["scope", "slug"]
        verbose_name = _("rota")
        verbose_name_plural = _("rotas")
        constraints = [models.UniqueConstraint(fields=["scope", "slug"], name="rota_scope_slug")]

    def __str__(self) -> str:
        return f"{self.scope}/{self.slug}"


class RotaVersion(models.Model):
    """The rule of a rota from the instant `valid_from` until the next version's; of two with one instant the newer."""

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="versions")
    valid_from = models.DateTimeField()
    rule = models.JSONField()
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["rota", "valid_from", "id"]
        get_latest_by = ["valid_from", "id"]
        verbose_name = _("version of a rota")
        verbose_name_plural = _("versions of rotas")
        indexes = [models.Index(fields=["rota", "valid_from", "id"], name="rotaversion_order")]

    def __str__(self) -> str:
        return f"{self.rota_id} · {self.valid_from:%Y-%m-%d %H:%M}"


class OverrideQuerySet(models.QuerySet["Override"]):
    def in_force(self) -> Self:
        """Return those that change who is on call: agreed and not withdrawn."""
        return self.filter(state=Override.State.ACTIVE)

    def touching(self, start: datetime, end: datetime) -> Self:
        """Return those that share an instant with [start, end)."""
        return self.filter(start_at__lt=end, end_at__gt=start)


class Override(models.Model):
    """A change of the rota for a window. The newest that holds wins; an absence takes its person out."""

    class Kind(models.TextChoices):
        COVER = "cover", _("Cover")
        SWAP = "swap", _("Swap")
        TAKEOVER = "takeover", _("Takes the shift now")
        ABSENCE = "absence", _("Absence")

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        ACCEPTED = "accepted", _("Accepted, to be approved")
        ACTIVE = "active", _("In force")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    rota = models.ForeignKey(Rota, on_delete=models.PROTECT, related_name="overrides")
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    replaces = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.COVER)
    state = models.CharField(max_length=16, choices=State.choices, default=State.ACTIVE)
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=120, blank=True)

    objects: ClassVar[models.Manager[Override]] = OverrideQuerySet.as_manager()

    class Meta:
        ordering = ["start_at", "id"]
        verbose_name = _("change of shift")
        verbose_name_plural = _("changes of shift")
        constraints = [
            models.CheckConstraint(condition=Q(end_at__gt=F("start_at")), name="override_end_after_start"),
            models.CheckConstraint(condition=Q(replaces=None) | ~Q(replaces=F("user")), name="override_other_person"),
            models.CheckConstraint(
                condition=Q(kind__in=["cover", "swap", "takeover", "absence"]), name="override_known_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "accepted", "active", "rejected", "withdrawn"]),
                name="override_known_state",
            ),
        ]
        indexes = [models.Index(fields=["rota", "end_at"], name="override_in_force", condition=Q(state="active"))]

    def __str__(self) -> str:
        return f"{self.rota_id} · {self.kind} · {self.start_at:%Y-%m-%d %H:%M}"


OPEN = Q(done_at=None, cancelled_at=None)
PENDING = OPEN & Q(parked_at=None)


class TimerQuerySet(models.QuerySet["Timer"]):
    def pending(self) -> Self:
        return self.filter(PENDING)

    def due(self, now: datetime) -> Self:
        """Return what waits to be fired at `now`, the longest waiting first (the index of the sweep)."""
        return self.pending().filter(next_attempt_at__lte=now).order_by("next_attempt_at", "id")

    def parked(self) -> Self:
        return self.filter(parked_at__isnull=False, cancelled_at=None, done_at=None)


class Timer(models.Model):
    """Something that must happen at `due_at`. The key names the occurrence and is used once, for ever.

    Pending until exactly one of done, cancelled or parked. `next_attempt_at` is `due_at`, later after a failure.
    """

    key = models.CharField(max_length=200, unique=True, db_collation="C")
    handler = models.CharField(max_length=100, db_collation="C")
    owner = models.CharField(max_length=120, db_collation="C")
    payload = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    fired_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects: ClassVar[models.Manager[Timer]] = TimerQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        verbose_name = _("timer")
        verbose_name_plural = _("timers")
        constraints = [
            models.CheckConstraint(condition=Q(done_at=None) | Q(cancelled_at=None), name="timer_one_end"),
            models.CheckConstraint(condition=Q(next_attempt_at__gte=F("due_at")), name="timer_never_early"),
            models.CheckConstraint(condition=Q(parked_at=None) | Q(done_at=None), name="timer_parked_not_done"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(handler="") & ~Q(owner=""), name="timer_named"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], name="timer_sweep", condition=PENDING),
            models.Index(fields=["owner", "due_at"], name="timer_owner", condition=OPEN),
            models.Index(fields=["parked_at"], name="timer_parked", condition=Q(parked_at__isnull=False)),
            models.Index(fields=["done_at"], name="timer_done", condition=Q(done_at__isnull=False)),
            models.Index(fields=["cancelled_at"], name="timer_cancelled", condition=Q(cancelled_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.key
