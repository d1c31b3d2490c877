"""The ledger of an account, and what each of its days used."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MovementKind(models.TextChoices):
    """Why stamps came or went.

    `absorbed` counters a movement that was told late: the balance reported after it had it already, or the stamps had
    expired. `counter` takes a movement back whole; an adjustment has any other amount.
    """

    OPENING = "opening", _("opening")
    CREDIT = "credit", _("credit")
    USAGE = "usage", _("usage")
    REPORT = "report", _("balance read")
    ABSORBED = "absorbed", _("was in the balance read")
    ADJUSTMENT = "adjustment", _("adjustment")
    TRANSFER = "transfer", _("transfer")
    COUNTER = "counter", _("taken back")
    EXPIRED = "expired", _("expired")


class StampMovement(models.Model):
    """Stamps that came (positive) or went, at an instant. Never edited (a trigger), only countered."""

    account = models.ForeignKey("stamps.StampAccount", on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=12, choices=MovementKind)
    amount = models.BigIntegerField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    # The caller's own name of what happened: the same again is the same movement. Empty for our own rows.
    reference = models.CharField(max_length=120, blank=True, db_collation="C")
    # The balance that was reported; the amount is its difference to what the ledger said.
    reported = models.BigIntegerField(null=True, blank=True)
    # The reported balance or opening that has an absorbed movement in it.
    anchor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="absorbed")
    # Why somebody moved stamps by hand.
    reason = models.CharField(max_length=300, blank=True)
    # Both rows of a transfer have the same; a trigger holds that they are two and that their sum is 0.
    transfer = models.UUIDField(null=True, blank=True)
    # The movement that is taken back.
    counters = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="countered_by"
    )
    # The order that a credit fulfils.
    order = models.ForeignKey(
        "stamps.StampOrder", on_delete=models.PROTECT, null=True, blank=True, related_name="credits"
    )
    # The account as it was answered, given again when the call is repeated.
    answer = models.JSONField(null=True, blank=True)
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "reference"], condition=~Q(reference=""), name="stamp_reference_once"
            ),
            # Credited once, whoever presses the button.
            models.UniqueConstraint(fields=["order"], condition=Q(order__isnull=False), name="order_credited_once"),
            models.CheckConstraint(
                condition=Q(kind="opening")
                | Q(kind="credit", amount__gt=0)
                | Q(kind="usage", amount__lt=0)
                | Q(kind="report", reported__isnull=False)
                | Q(kind="absorbed", anchor__isnull=False)
                | (Q(kind="adjustment") & ~Q(amount=0) & ~Q(reason=""))
                | (Q(kind="transfer", transfer__isnull=False) & ~Q(amount=0))
                | (Q(kind="counter", counters__isnull=False) & ~Q(reason=""))
                | Q(kind="expired", amount__lt=0),
                name="stamp_movement_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(transfer__isnull=True) | Q(kind="transfer") | Q(kind="counter"), name="stamp_transfer_kind"
            ),
            models.UniqueConstraint(
                fields=["transfer", "account"], condition=Q(kind="transfer"), name="stamp_transfer_two_accounts"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "at", "id"], name="stamp_movements"),
            # Few among many: what a late movement looks for.
            models.Index(
                fields=["account", "at", "id"], name="stamp_anchors", condition=Q(kind__in=["opening", "report"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class StampLot(models.Model):
    """Stamps that came together, by a credit or a transfer: used oldest first, gone at the end of `expires_on`.

    What is left of it follows from the balance (`stamps.lots`). Closed where it expired or was taken back.
    """

    account = models.ForeignKey("stamps.StampAccount", on_delete=models.PROTECT, related_name="lots")
    movement = models.ForeignKey(StampMovement, on_delete=models.PROTECT, related_name="lots")
    amount = models.BigIntegerField()
    # When the stamps came; a transfer keeps the instant of the lot that they were of.
    since = models.DateTimeField()
    expires_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="stamp_lot_holds_some")]
        indexes = [
            models.Index(fields=["account", "since", "id"], name="stamp_open_lots", condition=Q(closed_at__isnull=True))
        ]


class StampDay(models.Model):
    """What an account used on a local date of its desk: what forecasts read, so that none scans movements."""

    account = models.ForeignKey("stamps.StampAccount", on_delete=models.PROTECT, related_name="days")
    used_on = models.DateField()
    used = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "used_on"], name="stamp_day_once")]
