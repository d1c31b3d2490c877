"""Accounts of stamps, and the RFCs that draw from them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.actor import MANAGER, SALES, Actor, ActorKind

# Who reads the accounts and orders of a desk.
READING: frozenset[str] = frozenset({SALES, MANAGER})


def desks_of(actor: Actor) -> list[int]:
    """Ids of the desks whose accounts and orders the actor reads, in order."""
    return sorted(desk for desk, roles in actor.desk_roles.items() if roles & READING)


def sells_somewhere(actor: Actor) -> bool:
    """Whether the actor sells at any desk."""
    return actor.is_admin or any(SALES in roles for roles in actor.desk_roles.values())


class Terms(models.TextChoices):
    """How stamps are paid for; only a prepaid account runs out."""

    PREPAID = "prepaid", _("prepaid")
    POSTPAID = "postpaid", _("postpaid")
    UNLIMITED = "unlimited", _("unlimited")


class StampAccountQuerySet(models.QuerySet["StampAccount"]):
    def visible_to(self, actor: Actor) -> Self:
        """Sales and managers see the accounts of their desks, a client's people those of their company."""
        if actor.is_admin or actor.kind is ActorKind.SYSTEM:
            return self
        return self.filter(Q(desk_id__in=desks_of(actor)) | Q(client_id__in=list(actor.client_ids)))


class StampAccount(models.Model):
    """A client's stamps for one product: a ledger from which one or more RFCs draw.

    `balance` is the sum of the movements. Only the trigger on `StampMovement` writes it: an account
    begins at 0 and every other change of the column is refused.
    """

    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+")
    # The desk that sells: its sales calendar says until when an order arrives in time.
    desk = models.ForeignKey("desks.Desk", on_delete=models.PROTECT, related_name="stamp_accounts")
    product = models.ForeignKey("desks.Product", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="stamp_accounts")
    terms = models.CharField(max_length=9, choices=Terms, default=Terms.PREPAID)
    balance = models.BigIntegerField(default=0, editable=False)
    # The instant of the last balance that was reported (or of the opening): what happened before it is in it.
    anchored_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    created_at = models.DateTimeField()

    objects = StampAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(terms__in=["prepaid", "postpaid", "unlimited"]), name="stamp_terms"),
            models.CheckConstraint(condition=~Q(terms="prepaid") | Q(balance__gte=0), name="prepaid_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.product}"

    @property
    def is_endless(self) -> bool:
        """Whether the terms let the account never run out."""
        return self.terms != Terms.PREPAID


class StampAccountRfc(models.Model):
    """An RFC that draws from an account; for one product of a vendor it draws from one only."""

    account = models.ForeignKey(StampAccount, on_delete=models.PROTECT, related_name="rfcs")
    vendor = models.ForeignKey("desks.Vendor", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("desks.Product", on_delete=models.PROTECT, related_name="+")
    rfc = models.CharField(max_length=13, db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["vendor", "product", "rfc"], name="rfc_draws_from_one_account"),
            models.CheckConstraint(condition=Q(rfc__regex=r"^[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}$"), name="stamp_rfc_shape"),
        ]
        indexes = [models.Index(fields=["rfc"], name="stamp_account_by_rfc")]

    def __str__(self) -> str:
        return self.rfc
