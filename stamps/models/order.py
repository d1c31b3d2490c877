"""Orders of stamps, what was paid for them, and their timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.actor import Actor, ActorKind
from stamps import pricing
from stamps.lifecycle import OWED, OrderStatus
from stamps.models.account import READING, desks_of

MOST_STAMPS = 1_000_000
# The instants that each state has behind it.
_SINCE = {
    "quoted_at": ["quoted", "paid", "access_requested", "access_received", "credited"],
    "paid_at": ["paid", "access_requested", "access_received", "credited"],
    "access_requested_at": ["access_requested", "access_received", "credited"],
    "access_received_at": ["access_received", "credited"],
    "credited_at": ["credited"],
    "cancelled_at": ["cancelled"],
}


class OrderTerms(models.TextChoices):
    """Whether the money comes before the stamps."""

    PREPAID = "prepaid", _("paid in advance")
    CREDIT = "credit", _("on credit")


class StampOrderQuerySet(models.QuerySet["StampOrder"]):
    def visible_to(self, actor: Actor) -> Self:
        """Sales and managers see the orders of their desks, a consultant those assigned, a client their company's."""
        if actor.is_admin or actor.kind is ActorKind.SYSTEM:
            return self
        if actor.kind is ActorKind.CONTACT:  # by signed link: one order
            return self.filter(pk=actor.order_id) if actor.order_id else self.none()
        seen = Q(desk_id__in=desks_of(actor)) | Q(client_id__in=list(actor.client_ids))
        seen |= Q(contact_id__in=list(actor.contact_ids))
        if actor.user_id is not None:
            seen |= Q(assignee_id=actor.user_id, desk_id__in=list(actor.desk_roles))
        return self.filter(seen)

    def owed(self) -> Self:
        """Paid, and not credited yet."""
        return self.filter(status__in=OWED)


class StampOrder(models.Model):
    """So many stamps for an RFC, from the request to the credit."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="stamp_orders")
    counter = models.PositiveBigIntegerField()
    number = models.CharField(max_length=20, db_collation="C")
    status = models.CharField(max_length=16, choices=OrderStatus, default=OrderStatus.REQUESTED)
    # Fewer than two business days were left when it came.
    urgent = models.BooleanField()
    quantity = models.PositiveIntegerField()
    rfc = models.CharField(max_length=13, db_collation="C")
    account_rfc = models.CharField(max_length=13, db_collation="C")
    trade_name = models.CharField(max_length=200)
    product = models.ForeignKey("desks.Product", on_delete=models.PROTECT, null=True, related_name="+")
    account = models.ForeignKey("stamps.StampAccount", on_delete=models.PROTECT, null=True, related_name="orders")
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, null=True, related_name="stamp_orders")
    contact = models.ForeignKey("clients.Contact", on_delete=models.PROTECT, null=True, related_name="+")
    contact_name = models.CharField(max_length=160)
    contact_email = models.EmailField(blank=True, db_collation="C")
    contact_phone = models.CharField(max_length=32, blank=True)
    assignee = models.ForeignKey("accounts.User", on_delete=models.PROTECT, null=True, related_name="+")
    # Pesos a stamp without IVA; null where the price was agreed outside.
    unit_price = models.DecimalField(max_digits=12, decimal_places=4, null=True)
    valid_until = models.DateField(null=True)
    terms = models.CharField(max_length=7, choices=OrderTerms, default=OrderTerms.PREPAID)
    # Why a manager let it pass without a payment.
    skip_reason = models.CharField(max_length=300, blank=True)
    requested_at = models.DateTimeField()
    quoted_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    access_requested_at = models.DateTimeField(null=True)
    access_received_at = models.DateTimeField(null=True)
    credited_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    # Raising it revokes the signed links that are out.
    link_version = models.PositiveIntegerField(default=1)
    # The key of the form that it came by: a button pressed twice orders once.
    intake_key = models.UUIDField(null=True, unique=True)

    # The one-time link that was made just now, for who asked; it is kept nowhere.
    asked_url: str = ""

    objects = StampOrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "number"], name="order_number_once"),
            models.UniqueConstraint(fields=["desk", "counter"], name="order_counter_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1, quantity__lte=MOST_STAMPS), name="order_quantity"),
            models.CheckConstraint(condition=~Q(contact_email="") | ~Q(contact_phone=""), name="order_reachable"),
            models.CheckConstraint(condition=Q(unit_price__isnull=True) | Q(unit_price__gt=0), name="order_price"),
            models.CheckConstraint(condition=Q(terms__in=OrderTerms.values), name="order_terms"),
            models.CheckConstraint(
                condition=~Q(status="credited") | Q(account__isnull=False), name="credited_somewhere"
            ),
            *(
                models.CheckConstraint(
                    condition=~Q(status__in=states) | Q(**{f"{name}__isnull": False}), name=f"order_{name}"
                )
                for name, states in _SINCE.items()
            ),
        ]
        indexes = [
            models.Index(fields=["desk", "status", "-id"], name="orders_of_desk"),
            models.Index(fields=["assignee", "status"], name="orders_of_consultant"),
            # What a board and a list of a desk read: a stage, the pressing ones first.
            models.Index(fields=["desk", "status", "-urgent", "requested_at"], name="orders_of_stage"),
            models.Index(fields=["client", "-id"], name="orders_of_client"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def price(self) -> pricing.Price | None:
        """What it costs; None where the price was agreed outside."""
        return None if self.unit_price is None else pricing.price(self.quantity, self.unit_price)

    @property
    def since(self) -> datetime:
        """When it came to the stage in which it stands."""
        reached: datetime = getattr(self, f"{self.status}_at")
        return reached

    @property
    def says_urgent(self) -> bool:
        """Whether its client may read that it presses: not who typed an RFC without signing in."""
        return self.urgent and self.account_id is not None

    def is_sold_by(self, actor: Actor) -> bool:
        """Whether the actor sells at the order's desk, or manages it."""
        return actor.has_role(self.desk_id, *READING)


class StampPayment(models.Model):
    """Money that sales confirmed. The bank's tracking key (clave de rastreo) pays once."""

    order = models.ForeignKey(StampOrder, on_delete=models.PROTECT, related_name="payments")
    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+")
    amount = models.DecimalField(max_digits=14, decimal_places=2)
    paid_on = models.DateField()
    bank = models.CharField(max_length=60)
    tracking_key = models.CharField(max_length=40, db_collation="C")
    recorded_at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "bank", "tracking_key"], name="payment_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_positive"),
        ]


class StampOrderEvent(models.Model):
    """One thing that happened to an order: codes, ids and instants, never prose. Append-only (a trigger)."""

    order = models.ForeignKey(StampOrder, on_delete=models.PROTECT, related_name="events")
    type = models.CharField(max_length=40, db_collation="C")
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=160)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["order", "id"], name="timeline_of_order")]

    def __str__(self) -> str:
        return f"{self.type} {self.order_id}"
