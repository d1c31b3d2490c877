"""What must be told to somebody, and the channels that wake people."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    """How a notice travels."""

    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Call or SMS")


class Outcome(models.TextChoices):
    """How a notice ended; empty while it has not."""

    DELIVERED = "delivered", _("Delivered")
    BOUNCED = "bounced", _("Refused by the recipient")
    DEAD = "dead", _("Given up")


PENDING = Q(sent_at__isnull=True, dead_at__isnull=True, cancelled_at__isnull=True)


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Chains over notices."""

    def pending(self) -> NotificationQuerySet:
        """Keep those that were neither delivered, given up nor cancelled."""
        return self.filter(PENDING)


class Notification(models.Model):
    """One notice to one recipient over one channel, delivered at least once.

    Written by `outbox.put` in the transaction of its cause. The first claim renders it and keeps
    the bytes with their Message-ID; every later attempt sends those same bytes. Within one topic,
    channel and recipient only the lowest `seq` that is still pending goes out; a notice that wakes
    waits for earlier ones that wake, never for others.
    """

    key = models.CharField(max_length=200, unique=True, db_collation="C")
    topic = models.CharField(max_length=120, db_collation="C")
    channel = models.CharField(max_length=10, choices=Channel)
    recipient = models.CharField(_("recipient"), max_length=254)
    template = models.CharField(max_length=100, db_collation="C")
    params = models.JSONField(default=dict)
    desk_id = models.BigIntegerField(null=True, blank=True)
    from_name = models.CharField(max_length=120, blank=True)
    thread = models.CharField(max_length=120, blank=True, db_collation="C")
    wakes = models.BooleanField(default=False)
    seq = models.BigIntegerField(editable=False)

    created_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    rendered = models.BinaryField(null=True)
    rendered_text = models.TextField(blank=True)
    rendered_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=250, blank=True, db_collation="C")

    sent_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    outcome_told_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(dead_at__isnull=True) | Q(outcome="bounced"),
                name="notice_ends_one_way",
            ),
            models.CheckConstraint(
                condition=Q(outcome="")
                | Q(outcome="delivered", sent_at__isnull=False, dead_at__isnull=True)
                | Q(outcome__in=["bounced", "dead"], dead_at__isnull=False),
                name="notice_outcome_has_its_instant",
            ),
            models.CheckConstraint(
                condition=Q(lease_until__isnull=True, lease_token__isnull=True)
                | Q(lease_until__isnull=False, lease_token__isnull=False),
                name="notice_lease_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(rendered__isnull=True, message_id="")
                | (Q(rendered__isnull=False, rendered_at__isnull=False) & ~Q(message_id="")),
                name="notice_rendered_with_its_id",
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="notice_channel_known"),
        ]
        indexes = [
            models.Index(fields=["-wakes", "next_attempt_at", "id"], condition=PENDING, name="notice_due"),
            models.Index(fields=["topic", "channel", "recipient", "seq"], condition=PENDING, name="notice_order"),
            models.Index(
                fields=["id"],
                condition=~Q(outcome="") & Q(outcome_told_at__isnull=True),
                name="notice_outcome_untold",
            ),
            models.Index(fields=["topic", "id"], name="notice_topic"),
            models.Index(fields=["desk_id", "-id"], name="notice_desk"),
            models.Index(fields=["desk_id", "-id"], condition=PENDING, name="notice_desk_pending"),
            models.Index(fields=["desk_id", "-id"], condition=Q(dead_at__isnull=False), name="notice_desk_dead"),
            models.Index(fields=["recipient", "-id"], name="notice_recipient"),
            models.Index(
                fields=["thread", "recipient", "seq"],
                condition=~Q(thread="") & ~Q(message_id=""),
                name="notice_thread",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class WakeKind(models.TextChoices):
    """What kind of channel wakes somebody."""

    WEBHOOK = "webhook", _("Call or SMS")
    PUSH = "push", _("Push")


class WakeChannel(models.Model):
    """A way to wake a person at night; counts for a rota once a test notice was acknowledged."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wake_channels")
    kind = models.CharField(max_length=10, choices=WakeKind)
    address = models.CharField(_("address"), max_length=254, db_collation="C")
    created_at = models.DateTimeField()
    tested_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("channel that wakes")
        verbose_name_plural = _("channels that wake")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "address"], name="wake_channel_once"),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True) | Q(tested_at__isnull=False),
                name="wake_channel_acknowledged_after_test",
            ),
        ]

    def __str__(self) -> str:
        return self.address
