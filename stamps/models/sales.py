"""What a desk sells stamps for and how it is paid: a list of prices by quantity, its bank, its terms."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class StampSales(models.Model):
    """How a desk sells stamps: who sells, where the money goes, how long a quote holds. From the desk's file."""

    desk = models.OneToOneField("desks.Desk", on_delete=models.PROTECT, related_name="stamp_sales")
    seller_name = models.CharField(max_length=254)
    seller_rfc = models.CharField(max_length=13, db_collation="C")
    seller_address = models.CharField(max_length=254, blank=True)
    bank = models.CharField(max_length=60)
    bank_holder = models.CharField(max_length=254)
    clabe = models.CharField(max_length=18, db_collation="C")
    # What the client writes in the transfer; `{number}` is the order's.
    reference = models.CharField(max_length=60, default="{number}")
    # Business days of the sales calendar for which a quote holds.
    quote_days = models.PositiveSmallIntegerField(default=5)
    # How many stamps whoever is on call may advance while an order is on its way; 0: none.
    advance_cap = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.seller_name

    def reference_of(self, number: str) -> str:
        """The reference of an order's transfer."""
        return self.reference.replace("{number}", number)


class StampPrice(models.Model):
    """Pesos a stamp without IVA, from so many stamps on."""

    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="stamp_prices")
    from_quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=4)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["desk", "from_quantity"], name="stamp_price_once"),
            models.CheckConstraint(condition=Q(from_quantity__gte=1), name="stamp_price_from_one"),
            models.CheckConstraint(condition=Q(unit_price__gt=0), name="stamp_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.from_quantity}: {self.unit_price}"
