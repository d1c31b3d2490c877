"""What became of the money: where each payment went, what was given back, papers of the payment and the sale."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class StampAllocation(models.Model):
    """A part of a payment that went to an order (negative: taken back from it) or back to the client. Append-only.

    What a payment has left over is the client's balance in favour. A trigger holds that no payment gives more than
    it has, and no order gives back more than it got.
    """

    payment = models.ForeignKey("stamps.StampPayment", on_delete=models.PROTECT, related_name="allocations")
    order = models.ForeignKey("stamps.StampOrder", on_delete=models.PROTECT, null=True, related_name="allocations")
    refund = models.ForeignKey("stamps.StampRefund", on_delete=models.PROTECT, null=True, related_name="allocations")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(order__isnull=False, refund__isnull=True) | Q(order__isnull=True, refund__isnull=False),
                name="allocation_to_one",
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="allocation_of_something"),
        ]


class StampReceipt(models.Model):
    """A receipt that client or sales handed in: a paper, never a payment. Append-only."""

    order = models.ForeignKey("stamps.StampOrder", on_delete=models.PROTECT, related_name="receipts")
    file = models.ForeignKey("files.Attachment", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=160)


class StampRefund(models.Model):
    """Stamps taken back by an adjustment, money given back, or both; why and by whom. Append-only."""

    order = models.ForeignKey("stamps.StampOrder", on_delete=models.PROTECT, related_name="refunds")
    stamps = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    reason = models.CharField(max_length=300)
    movement = models.ForeignKey("stamps.StampMovement", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(stamps__gt=0) | Q(amount__gt=0), name="refund_of_something"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="refund_not_negative"),
            models.CheckConstraint(condition=~Q(reason=""), name="refund_says_why"),
        ]


class StampBilling(models.Model):
    """How an RFC wants its invoices: what the desk that invoices asks for, kept once for each RFC of a vendor."""

    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+")
    rfc = models.CharField(max_length=13, db_collation="C")
    legal_name = models.CharField(max_length=254)
    regimen = models.CharField(max_length=3)
    postal_code = models.CharField(max_length=5)
    cfdi_use = models.CharField(max_length=4)
    payment_form = models.CharField(max_length=2)
    payment_method = models.CharField(max_length=3)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "rfc"], name="billing_once_per_rfc")]

    def __str__(self) -> str:
        return self.legal_name


class StampInvoice(models.Model):
    """The invoice of a sale, issued elsewhere: its fiscal folio, its XML and its PDF. Append-only."""

    order = models.ForeignKey("stamps.StampOrder", on_delete=models.PROTECT, related_name="invoices")
    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+")
    uuid = models.UUIDField()
    total = models.DecimalField(max_digits=18, decimal_places=2)
    issued_on = models.DateField()
    xml = models.ForeignKey("files.Attachment", on_delete=models.PROTECT, related_name="+")
    pdf = models.ForeignKey("files.Attachment", on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=160)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["vendor", "uuid"], name="invoice_uuid_once")]


class StampAdvance(models.Model):
    """Stamps that whoever is on call granted while an order was on its way; one of an account until it is settled."""

    account = models.ForeignKey("stamps.StampAccount", on_delete=models.PROTECT, related_name="advances")
    order = models.ForeignKey("stamps.StampOrder", on_delete=models.PROTECT, related_name="advances")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    amount = models.PositiveIntegerField()
    movement = models.OneToOneField("stamps.StampMovement", on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    granted_by = models.CharField(max_length=160)
    # Paid: the client owes nothing, and may be helped again.
    settled_at = models.DateTimeField(null=True)
    # The movement that took the stamps out again when the order was credited.
    taken_back = models.OneToOneField("stamps.StampMovement", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(settled_at__isnull=True), name="one_open_advance_per_account"
            ),
            models.UniqueConstraint(fields=["order"], name="one_advance_per_order"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="advance_of_something"),
        ]
