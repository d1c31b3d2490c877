"""Accounts of stamps, and the RFCs that draw from them."""

from __future__ import annotations

from datetime import date
from typing import Final, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.actor import MANAGER, SALES, Actor, ActorKind
from stamps.forecast import Level

FAR: Final = date(9000, 1, 1)  # when an account ends that never does

LEVELS: Final = [(level.value, level.value) for level in Level]

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
        if actor.kind is ActorKind.CONTACT:  # by signed link: no accounts
            return self.none()
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
    # The last instant at which stamps of the account expired: what is told late for an earlier one is countered there.
    expired_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    created_at = models.DateTimeField()
    # Where its stamps and RFCs went when it was merged into another; then it is closed.
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")

    # How it stands, kept by `stamps.actions.judging` so that lists and sweeps reckon nothing. `exhausts_on` sorts: what
    # never runs out comes last (FAR). `look_at` is the instant at which somebody has to look again; null: never.
    level = models.CharField(max_length=6, choices=LEVELS, default=Level.OK.value)
    exhausts_on = models.DateField(default=FAR)
    order_by = models.DateTimeField(null=True)
    daily_rate = models.FloatField(default=0)
    judged_at = models.DateTimeField(null=True)
    look_at = models.DateTimeField(null=True)
    # Warnings: the round that a credit begins, and the worst level of it that needs no telling any more.
    round = models.PositiveIntegerField(default=1)
    told = models.CharField(max_length=6, choices=LEVELS, default=Level.OK.value)

    objects = StampAccountQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["desk", "exhausts_on", "id"], name="stamp_accounts_by_end"),
            models.Index(fields=["desk", "level", "exhausts_on", "id"], name="stamp_accounts_by_level"),
            models.Index(fields=["look_at", "id"], name="stamp_accounts_due", condition=Q(look_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(terms__in=["prepaid", "postpaid", "unlimited"]), name="stamp_terms"),
            models.CheckConstraint(condition=~Q(terms="prepaid") | Q(balance__gte=0), name="prepaid_not_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.client} · {self.product}"

    @property
    def ends_on(self) -> date | None:
        """The kept date on which the last stamp goes; None where it never does."""
        return None if self.exhausts_on == FAR else self.exhausts_on

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
