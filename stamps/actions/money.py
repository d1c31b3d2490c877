"""Where money goes: to orders, into the client's balance in favour, back to the client.

Each peso of a payment is allocated or in favour; the database refuses to give one twice. The caller holds the order.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db.models import DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from core.actor import Actor
from stamps.actions import order_record
from stamps.lifecycle import OrderStatus
from stamps.models import OrderTerms, StampAllocation, StampOrder, StampPayment, StampRefund

NOTHING: Final = Decimal(0)
_MONEY: Final = DecimalField(max_digits=16, decimal_places=2)


def paid(order: StampOrder) -> Decimal:
    """What payments have given to the order. 1 query."""
    return order.allocations.aggregate(sum=Sum("amount"))["sum"] or NOTHING


def owed(order: StampOrder) -> Decimal:
    """What is still to be paid; nothing where the price was agreed outside or a manager waived it. 1 query at most."""
    if order.price is None or order.status == OrderStatus.CANCELLED or _waived(order):
        return NOTHING
    return max(NOTHING, order.price.total - paid(order))


def _waived(order: StampOrder) -> bool:
    return order.terms == OrderTerms.PREPAID and bool(order.skip_reason)


def takes_payments(order: StampOrder) -> bool:
    """Whether a payment may still be confirmed: until it is paid, on credit until nothing is owed. 1 query at most."""
    if order.status == OrderStatus.QUOTED:
        return True
    on_credit = order.terms == OrderTerms.CREDIT and order.status not in (OrderStatus.REQUESTED, OrderStatus.CANCELLED)
    return on_credit and owed(order) > 0


def _holder(order: StampOrder) -> Q:
    """Whose money it is: the company's, or that of the RFC where no company is known."""
    if order.client_id is not None:
        return Q(order__client_id=order.client_id)
    return Q(order__client__isnull=True, order__rfc=order.rfc)


def free_payments(order: StampOrder) -> QuerySet[StampPayment]:
    """Payments of who holds the order that have something left, oldest first, with what is left as `free`."""
    given = (
        StampAllocation.objects.filter(payment=OuterRef("pk")).order_by().values("payment").annotate(s=Sum("amount"))
    )
    rows = StampPayment.objects.filter(_holder(order), vendor_id=order.desk.vendor_id)
    taken = Coalesce(Subquery(given.values("s")), Value(NOTHING), output_field=_MONEY)
    return rows.annotate(free=F("amount") - taken).filter(free__gt=0).order_by("pk")


def in_favour(order: StampOrder) -> Decimal:
    """The balance in favour of who holds the order. 1 query."""
    return sum((payment.free for payment in free_payments(order)), NOTHING)  # type: ignore[attr-defined]


def allocate(payment: StampPayment, order: StampOrder, amount: Decimal, *, by: Actor, now: datetime) -> None:
    """Give a part of a payment to an order. 1 query, none for nothing."""
    if amount:
        StampAllocation.objects.create(payment=payment, order=order, amount=amount, **order_record.signed(by, now))


def use_balance(order: StampOrder, *, by: Actor, now: datetime) -> Decimal:
    """Give the order what it lacks out of the balance in favour; return how much that was."""
    lacks, used = owed(order), NOTHING
    for payment in _held(order):
        part = min(payment.free, lacks - used)  # type: ignore[attr-defined]
        if part <= 0:
            break
        allocate(payment, order, part, by=by, now=now)
        used += part
    return used


def release(order: StampOrder, amount: Decimal, *, by: Actor, now: datetime) -> None:
    """Take so much of what the order got back into the balance in favour, the last first."""
    got = order.allocations.order_by().values("payment").annotate(sum=Sum("amount")).filter(sum__gt=0)
    for row in got.order_by("-payment"):
        part = min(row["sum"], amount)
        if part <= 0:
            break
        payment = StampPayment.objects.get(pk=row["payment"])
        allocate(payment, order, -part, by=by, now=now)
        amount -= part


def give_back(refund: StampRefund, order: StampOrder, *, by: Actor, now: datetime) -> None:
    """Write that so much of the balance in favour went back to the client."""
    left = refund.amount
    for payment in _held(order):
        part = min(payment.free, left)  # type: ignore[attr-defined]
        if part <= 0:
            break
        StampAllocation.objects.create(payment=payment, refund=refund, amount=part, **order_record.signed(by, now))
        left -= part


def _held(order: StampOrder) -> list[StampPayment]:
    """The payments with something left, locked in order: two that spend the same money wait for each other."""
    ids = [payment.pk for payment in free_payments(order)]
    list(StampPayment.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    return list(free_payments(order).filter(pk__in=ids))
