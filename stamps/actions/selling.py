"""What sales does to an order before money comes: quote it; and cancelling, by sales or by the client."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.actor import Actor
from core.errors import Invalid
from stamps import lifecycle, quotes
from stamps.actions import advancing, guards, money, order_record, telling, vaultcase
from stamps.lifecycle import OrderStatus
from stamps.models import OrderTerms, StampOrder

MOST_REASON: Final = 500


def quote(
    order: StampOrder,
    *,
    by: Actor,
    now: datetime,
    unit_price: Decimal | None = None,
    valid_until: date | None = None,
    from_list: bool = False,
    terms: str = OrderTerms.PREPAID,
) -> StampOrder:
    """Say the price of a stamp without IVA, and until when it holds; a new quote replaces the one before.

    `from_list`: without a price, that of the desk's list, and for as long as the desk's quotes hold. Otherwise the
    amount is one that was agreed outside, and any payment settles it. `terms` credit: the stamps may come first.
    """
    guards.sales(order, by)
    with order_record.changing(order) as fresh:
        lifecycle.check(fresh.status, OrderStatus.QUOTED)
        if unit_price is not None and unit_price <= 0:
            raise Invalid.field("unit_price", "min_value", _("A price is more than nothing."))
        if valid_until is not None and valid_until < order_record.today(fresh, now):
            raise Invalid.field("valid_until", "in_the_past", _("This date has passed."))
        if from_list and unit_price is None:
            unit_price = quotes.listed_price(fresh)
            if unit_price is None:
                raise Invalid.field("unit_price", "no_list", _("The desk has no list of prices: write one."))
        if from_list and valid_until is None:
            valid_until = quotes.holds_until(fresh.desk, now)
        fresh.status, fresh.quoted_at, fresh.terms = OrderStatus.QUOTED, now, OrderTerms(terms)
        fresh.unit_price, fresh.valid_until = unit_price, valid_until
        entry = order_record.event(fresh, "quoted", by=by, now=now, **_priced(fresh))
        telling.quoted(fresh, key=f"order-quoted/{entry.pk}", now=now)
    return fresh


def cancel(order: StampOrder, *, by: Actor, now: datetime, reason: str) -> StampOrder:
    """Cancel an order: its client until it is paid, sales until it is credited. What was paid is in favour then."""
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
        advancing.take_back(fresh, None, by=by, now=now)
        money.release(fresh, money.paid(fresh), by=by, now=now)
        order_record.event(fresh, "cancelled", by=by, now=now)
        vaultcase.end(fresh, by=by, now=now)
        telling.cancelled(fresh, by=by, now=now)
    return fresh


def _priced(order: StampOrder) -> dict[str, str | None]:
    return {
        "terms": order.terms,
        "unit_price": None if order.unit_price is None else str(order.unit_price),
        "valid_until": order.valid_until.isoformat() if order.valid_until else None,
    }
