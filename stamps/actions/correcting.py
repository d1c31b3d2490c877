"""Mending an order: what was ordered, and giving stamps or money back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext_lazy as _

from clients import rfc as rfc_rules
from core.actor import Actor
from core.errors import Conflict, Invalid, TransitionNotAllowed
from stamps.actions import advancing, guards, ledger, money, order_record, ordering, telling
from stamps.lifecycle import ENDED, UNPAID, OrderStatus
from stamps.models import MOST_STAMPS, StampMovement, StampOrder, StampRefund

MOST_REASON: Final = 300


def correct(
    order: StampOrder,
    *,
    by: Actor,
    now: datetime,
    quantity: int | None = None,
    rfc: str = "",
    account_rfc: str = "",
    trade_name: str = "",
    name: str = "",
    email: str | None = None,
    phone: str | None = None,
) -> StampOrder:
    """Mend what was ordered. Quantity and who is invoiced until it is paid; who receives and the contact until the end.

    A quote that a new quantity makes wrong is taken back: the order waits for its price again. What is left out stays.
    """
    guards.sales(order, by)
    with order_record.changing(order) as fresh:
        if fresh.status in ENDED:
            raise TransitionNotAllowed(state=fresh.status, message=_("The order's state does not allow this."))
        before = {field: getattr(fresh, field) for field in _MENDED}
        _mend(fresh, quantity, rfc, account_rfc, trade_name)
        ordering.reach(fresh, name=name, email=email, phone=phone)
        changed = sorted(field for field, value in before.items() if getattr(fresh, field) != value)
        if not changed:
            raise Conflict(_("Nothing is different."), code="nothing_changed")
        if {"quantity", "rfc"} & set(changed) and fresh.status not in UNPAID:
            raise Conflict(_("What is paid keeps its quantity and who is invoiced."), code="already_paid")
        if "account_rfc" in changed:
            fresh.account = ordering.account_of(fresh, by)
        facts = {"fields": changed, "quantity": fresh.quantity}
        if "quantity" in changed and fresh.status == OrderStatus.QUOTED and fresh.unit_price is not None:
            _check_unpaid(fresh)
            fresh.status, fresh.quoted_at = OrderStatus.REQUESTED, None
            fresh.unit_price = fresh.valid_until = None
        entry = order_record.event(fresh, "corrected", by=by, now=now, **facts)
        telling.corrected(fresh, key=f"order-corrected/{entry.pk}", now=now)
    return fresh


_MENDED: Final = (
    "quantity", "rfc", "account_rfc", "trade_name", "contact_name", "contact_email", "contact_phone",
)  # fmt: skip


def _check_unpaid(order: StampOrder) -> None:
    if money.paid(order):
        raise Conflict(_("There is a payment for this quantity already."), code="already_paid")


def _mend(order: StampOrder, quantity: int | None, rfc: str, account_rfc: str, trade_name: str) -> None:
    """Write what was given. Raises Invalid by the contract's fields."""
    if quantity is not None:
        if not 1 <= quantity <= MOST_STAMPS:
            raise Invalid.field("quantity", "out_of_range", _("Order from 1 to 1,000,000 stamps."))
        order.quantity = quantity
    if rfc:
        order.rfc = rfc_rules.check(rfc, field="rfc").rfc
    if account_rfc:
        found = rfc_rules.check(account_rfc, field="account_rfc")
        if found.flag == "generic":
            raise Invalid.field("account_rfc", "generic", _("A generic RFC has no stamps of its own."))
        order.account_rfc = found.rfc
    trade_name = " ".join(trade_name.split())
    if trade_name:
        order.trade_name = trade_name[:200]


def refund(
    order: StampOrder, *, by: Actor, now: datetime, reason: str, stamps: int = 0, amount: Decimal = money.NOTHING
) -> StampRefund:
    """Take stamps of a credited order back by an adjustment, and write what money went back to the client.

    Stamps: at most what the order credited and is not taken back yet, and what the account still has. Money: at most
    what the order got and what is in favour of the client.
    """
    guards.sales(order, by)
    reason = ledger.hand_reason(reason)
    if stamps < 0 or amount < 0 or not (stamps or amount):
        raise Invalid.field("stamps", "required", _("Write stamps, an amount, or both."))
    with order_record.changing(order) as fresh:
        if fresh.status not in ENDED:
            raise TransitionNotAllowed(state=fresh.status, message=_("The order's state does not allow this."))
        movement = _take_back(fresh, stamps, reason, by=by, now=now) if stamps else None
        row = StampRefund.objects.create(
            order=fresh, stamps=stamps, amount=amount, reason=reason, movement=movement, **order_record.signed(by, now)
        )
        if amount:
            _give_back(fresh, row, by=by, now=now)
        order_record.event(fresh, "refunded", by=by, now=now, refund=row.pk, stamps=stamps, amount=str(amount))
        telling.refunded(fresh, row, key=f"order-refunded/{row.pk}", now=now)
    return row


def _take_back(order: StampOrder, stamps: int, reason: str, *, by: Actor, now: datetime) -> StampMovement:
    taken = sum(order.refunds.values_list("stamps", flat=True))
    if order.status != OrderStatus.CREDITED or order.account_id is None or stamps > order.quantity - taken:
        left = order.quantity - taken if order.status == OrderStatus.CREDITED else 0
        message = _("This order has %(n)s stamps that can be taken back.") % {"n": f"{left:,}"}
        raise Invalid.field("stamps", "out_of_range", message)
    account = ledger.locked(order.account_id)
    return advancing.adjust(account, -stamps, reason, by=by, now=now)


def _give_back(order: StampOrder, row: StampRefund, *, by: Actor, now: datetime) -> None:
    got, free = money.paid(order), money.in_favour(order)
    if row.amount > got + free:
        most = f"${got + free:,.2f}"
        raise Invalid.field("amount", "out_of_range", _("At most %(most)s can be given back.") % {"most": most})
    money.release(order, min(got, row.amount), by=by, now=now)
    money.give_back(row, order, by=by, now=now)
