"""Paying for an order: receipts, confirmed payments, the balance in favour, credit, and going on without a payment."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from core.actor import CONSULTANT, MANAGER, Actor
from core.errors import Conflict, Forbidden, Invalid, TransitionNotAllowed
from desks import queries as desk_queries
from desks.config import Member
from desks.models import Availability
from files.models import Attachment
from stamps import lifecycle
from stamps.actions import advancing, guards, money, order_record, telling
from stamps.lifecycle import ENDED, OrderStatus
from stamps.models import OrderTerms, StampOrder, StampPayment, StampReceipt

MOST_REASON: Final = 300
MOST_RECEIPTS: Final = 20


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

    What is over stays as the client's balance in favour. An order on credit takes payments until it owes nothing.
    Raises Conflict `payment_used` where the bank's tracking key has paid already, be it this order or another.
    """
    guards.sales(order, by)
    with order_record.changing(order) as fresh:
        if not money.takes_payments(fresh):
            lifecycle.check(fresh.status, OrderStatus.PAID)
            raise TransitionNotAllowed(state=fresh.status, message=_("This order owes nothing any more."))
        if paid_on > order_record.today(fresh, now):
            raise Invalid.field("date", "in_the_future", _("This date is still to come."))
        payment = _payment(fresh, amount, paid_on, bank, tracking_key, by=by, now=now)
        part = amount if fresh.price is None else min(amount, money.owed(fresh))
        money.allocate(payment, fresh, part, by=by, now=now)
        facts = {"payment": payment.pk, "amount": str(payment.amount)}
        if amount > part:
            facts["surplus"] = str(amount - part)
        order_record.event(fresh, "payment_confirmed", by=by, now=now, **facts)
        _reckon(fresh, key=f"order-payment/{payment.pk}", surplus=amount - part, by=by, now=now)
    return fresh


def use_balance(order: StampOrder, *, by: Actor, now: datetime) -> StampOrder:
    """Pay out of the client's balance in favour. Raises Conflict `no_balance` where there is none."""
    guards.sales(order, by)
    with order_record.changing(order) as fresh:
        if not money.takes_payments(fresh):
            lifecycle.check(fresh.status, OrderStatus.PAID)
        used = money.use_balance(fresh, by=by, now=now)
        if not used:
            raise Conflict(_("The client has no balance in favour."), code="no_balance")
        entry = order_record.event(fresh, "balance_used", by=by, now=now, amount=str(used))
        _reckon(fresh, key=f"order-balance/{entry.pk}", surplus=money.NOTHING, by=by, now=now)
    return fresh


def skip_payment(order: StampOrder, *, by: Actor, now: datetime, reason: str = "") -> StampOrder:
    """Go on before the money is there: on credit, where the quote says so; else by a manager, who says why.

    On credit the total stays owed. What a manager lets pass owes nothing.
    """
    guards.sales(order, by)
    with order_record.changing(order) as fresh:
        lifecycle.check(fresh.status, OrderStatus.PAID)
        reason = " ".join(reason.split())
        if fresh.terms != OrderTerms.CREDIT:
            if not by.has_role(fresh.desk_id, MANAGER):
                raise Forbidden(_("Only a manager may let an order pass without a payment."))
            if not reason:
                raise Invalid.field("reason", "required", _("Say why."))
        if len(reason) > MOST_REASON:
            raise Invalid.field("reason", "max_length", _("At most %(limit)d characters.") % {"limit": MOST_REASON})
        fresh.skip_reason = reason
        order_record.event(fresh, "payment_skipped", by=by, now=now, terms=fresh.terms)
        if not money.owed(fresh):
            advancing.settle(fresh, by=by, now=now)
        _paid(fresh, by=by, now=now)
    return fresh


def add_receipt(order: StampOrder, *, file: Attachment, by: Actor, now: datetime) -> StampReceipt:
    """Keep a receipt that client or sales handed in, and tell sales to look at the bank. It is not a payment."""
    guards.anybody_concerned(order, by)
    with order_record.changing(order) as fresh:
        if fresh.status in ENDED:
            raise TransitionNotAllowed(state=fresh.status, message=_("The order's state does not allow this."))
        if fresh.receipts.count() >= MOST_RECEIPTS:
            raise Invalid.field("receipt", "too_many", _("This order has enough receipts."))
        row = StampReceipt.objects.create(order=fresh, file=file, **order_record.signed(by, now))
        order_record.event(fresh, "receipt_received", by=by, now=now, receipt=row.pk)
        if not fresh.is_sold_by(by):
            telling.receipt_received(fresh, key=f"order-receipt/{row.pk}", now=now)
    return row


# ------------------------------------------------------------------ within


def _reckon(order: StampOrder, *, key: str, surplus: Decimal, by: Actor, now: datetime) -> None:
    """See whether the order is paid now, and tell."""
    owing = money.owed(order)
    if order.status != OrderStatus.QUOTED:  # on credit: the stages go on by themselves
        if not owing:
            order_record.event(order, "settled", by=by, now=now)
            advancing.settle(order, by=by, now=now)
        return
    if owing > 0:
        telling.paid_in_part(order, owing, key=key, now=now)
        return
    advancing.settle(order, by=by, now=now)
    _paid(order, surplus=surplus, by=by, now=now)


def _paid(order: StampOrder, *, by: Actor, now: datetime, surplus: Decimal = money.NOTHING) -> None:
    order.status, order.paid_at = OrderStatus.PAID, now
    person = _consultant(order)
    order.assignee_id = person.user_id if person else None
    order_record.event(order, "paid", by=by, now=now, assignee=order.assignee_id)
    telling.paid(order, surplus=surplus, now=now)


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
