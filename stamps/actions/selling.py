"""What sales does to an order: quote, confirm a payment; and cancelling, by sales or by the client."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _

from core.actor import CONSULTANT, Actor
from core.errors import Conflict, Invalid
from desks import queries as desk_queries
from desks.config import Member
from desks.models import Availability
from stamps import lifecycle
from stamps.actions import guards, order_record, telling
from stamps.lifecycle import OrderStatus
from stamps.models import StampOrder, StampPayment

MOST_REASON: Final = 500


def quote(
    order: StampOrder,
    *,
    by: Actor,
    now: datetime,
    unit_price: Decimal | None = None,
    valid_until: date | None = None,
) -> StampOrder:
    """Say the price of a stamp without IVA, and until when it holds; a new quote replaces the one before.

    Without a price the amount is one that was agreed outside, and any payment settles it.
    """
    guards.sales(order, by)
    with order_record.changing(order) as fresh:
        lifecycle.check(fresh.status, OrderStatus.QUOTED)
        if unit_price is not None and unit_price <= 0:
            raise Invalid.field("unit_price", "min_value", _("A price is more than nothing."))
        if valid_until is not None and valid_until < _today(fresh, now):
            raise Invalid.field("valid_until", "in_the_past", _("This date has passed."))
        fresh.status, fresh.quoted_at = OrderStatus.QUOTED, now
        fresh.unit_price, fresh.valid_until = unit_price, valid_until
        entry = order_record.event(fresh, "quoted", by=by, now=now, **_priced(fresh))
        telling.quoted(fresh, key=f"order-quoted/{entry.pk}", now=now)
    return fresh


def pay(
    order: StampOrder,
    *,
    by: Actor,
    now: datetime,
    amount: Decimal,
    paid_on: date,
    bank: str,
    tracking_key: str,
) -> StampOrder:
    """Confirm a payment. The order is paid when its payments cover the total; then a consultant is assigned.

    Raises Conflict `payment_used` where the bank's tracking key has paid already, be it this order or another.
    """
    guards.sales(order, by)
    with order_record.changing(order) as fresh:
        lifecycle.check(fresh.status, OrderStatus.PAID)
        if paid_on > _today(fresh, now):
            raise Invalid.field("date", "in_the_future", _("This date is still to come."))
        payment = _payment(fresh, amount, paid_on, bank, tracking_key, by=by, now=now)
        order_record.event(fresh, "payment_confirmed", by=by, now=now, payment=payment.pk, amount=str(payment.amount))
        owing = owed(fresh)
        if owing > 0:
            telling.paid_in_part(fresh, owing, key=f"order-payment/{payment.pk}", now=now)
            return fresh
        fresh.status, fresh.paid_at = OrderStatus.PAID, now
        person = _consultant(fresh)
        fresh.assignee_id = person.user_id if person else None
        order_record.event(fresh, "paid", by=by, now=now, assignee=fresh.assignee_id)
        telling.paid(fresh, now=now)
    return fresh


def owed(order: StampOrder) -> Decimal:
    """Return what is still to be paid; nothing where the price was agreed outside. 1 query."""
    if order.price is None:
        return Decimal(0)
    paid = order.payments.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    return max(Decimal(0), order.price.total - paid)


def cancel(order: StampOrder, *, by: Actor, now: datetime, reason: str) -> StampOrder:
    """Cancel an order: its client until it is paid, sales until it is credited."""
    guards.sales_or_client(order, by)
    reason = reason.strip()
    if not reason:
        raise Invalid.field("reason", "required", _("Say why."))
    if len(reason) > MOST_REASON:
        raise Invalid.field("reason", "max_length", _("At most %(limit)d characters.") % {"limit": MOST_REASON})
    with order_record.changing(order) as fresh:
        lifecycle.check(fresh.status, OrderStatus.CANCELLED)
        if fresh.status not in lifecycle.UNPAID:
            guards.sales(fresh, by)
        fresh.status, fresh.cancelled_at, fresh.cancel_reason = OrderStatus.CANCELLED, now, reason
        order_record.event(fresh, "cancelled", by=by, now=now)
        telling.cancelled(fresh, by=by, now=now)
    return fresh


def _today(order: StampOrder, now: datetime) -> date:
    return now.astimezone(desk_queries.config(order.desk).zone).date()


def _priced(order: StampOrder) -> dict[str, str | None]:
    return {
        "unit_price": None if order.unit_price is None else str(order.unit_price),
        "valid_until": order.valid_until.isoformat() if order.valid_until else None,
    }


def _payment(
    order: StampOrder, amount: Decimal, paid_on: date, bank: str, tracking_key: str, *, by: Actor, now: datetime
) -> StampPayment:
    """Write the payment under the bank's name and key as everybody writes them."""
    bank, key = " ".join(bank.split()).upper(), "".join(tracking_key.split()).upper()
    if not bank:
        raise Invalid.field("bank", "required", _("This is needed."))
    if not key:
        raise Invalid.field("tracking_key", "required", _("This is needed."))
    try:
        with transaction.atomic():
            return StampPayment.objects.create(
                order=order,
                vendor_id=order.desk.vendor_id,
                amount=amount,
                paid_on=paid_on,
                bank=bank,
                tracking_key=key,
                recorded_at=now,
                actor_kind=str(by.kind),
                actor_id=by.id,
                actor_label=by.label[:160],
            )
    except IntegrityError as used:
        raise Conflict(_("This payment was used already."), code="payment_used") from used


def _consultant(order: StampOrder) -> Member | None:
    """Who adds the stamps: who is there and has the fewest such orders; somebody absent rather than nobody. 1 query."""
    people = desk_queries.config(order.desk).with_role(CONSULTANT)
    owed_by = dict(
        StampOrder.objects.owed()
        .filter(desk_id=order.desk_id, assignee_id__in=[person.user_id for person in people])
        .values_list("assignee_id")
        .annotate(n=Count("pk"))
    )
    there = [person for person in people if person.availability == Availability.AVAILABLE] or list(people)
    return min(there, key=lambda person: (owed_by.get(person.user_id, 0), person.user_id), default=None)
