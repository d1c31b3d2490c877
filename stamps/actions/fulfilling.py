"""From a paid order to the stamps in the account.

What gives access is asked for by a link that serves once, and kept by the vault (`stamps.actions.vaultcase`); giving
it there is what `receive_access` does for who gave it on the telephone.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from clients import vault
from core.actor import Actor
from core.errors import Conflict, Invalid, TransitionNotAllowed
from desks import queries as desk_queries
from desks.models import Product
from stamps import lifecycle, queries
from stamps.actions import advancing, guards, ledger, opening, order_record, telling, vaultcase
from stamps.lifecycle import OrderStatus
from stamps.models import StampAccount, StampOrder, Terms


def request_access(order: StampOrder, *, by: Actor, now: datetime) -> StampOrder:
    """Ask the client for what gives access to their program, by a link into the vault that serves once.

    The link goes to the client's mail; `order.asked_url` has it for who asked, this once.
    """
    guards.consultant(order, by)
    with order_record.changing(order) as fresh:
        lifecycle.check(fresh.status, OrderStatus.ACCESS_REQUESTED)
        fresh.status, fresh.access_requested_at = OrderStatus.ACCESS_REQUESTED, now
        _ask(fresh, by=by, now=now)
    return fresh


def ask_again(order: StampOrder, *, by: Actor, now: datetime) -> StampOrder:
    """Send another link: the one that is out stops serving. While access is awaited, or what came does not open."""
    guards.consultant(order, by)
    with order_record.changing(order) as fresh:
        if fresh.status not in (OrderStatus.ACCESS_REQUESTED, OrderStatus.ACCESS_RECEIVED):
            raise TransitionNotAllowed(state=fresh.status, message=_("The order's state does not allow this."))
        _ask(fresh, by=by, now=now)
    return fresh


def _ask(order: StampOrder, *, by: Actor, now: datetime) -> None:
    if order.contact is None:  # ordered before contacts were kept: by telephone
        entry = order_record.event(order, "access_requested", by=by, now=now)
        telling.access_requested(order, key=f"order-access/{entry.pk}", url="", now=now)
        return
    asked = vault.ask(vaultcase.OrderCase(order, asks=True), contact=order.contact, by=by, now=now)
    order.asked_url = asked.url


def receive_access(order: StampOrder, *, by: Actor, now: datetime) -> StampOrder:
    """Record that access was given by another way than the link, by whom it is said and when; never what gives it."""
    guards.anybody_concerned(order, by)
    with order_record.changing(order) as fresh:
        lifecycle.check(fresh.status, OrderStatus.ACCESS_RECEIVED)
        fresh.status, fresh.access_received_at = OrderStatus.ACCESS_RECEIVED, now
        order_record.event(fresh, "access_received", by=by, now=now)
        telling.access_received(fresh, by=by, now=now)
    return fresh


def complete(order: StampOrder, *, by: Actor, now: datetime, product: str = "") -> StampOrder:
    """Credit the stamps to the account of the receiving RFC, once, and tell client and sales.

    A first order opens the account. Raises Conflict: `ambiguous_account` where the RFC draws from several and no
    product was named, `product_needed` where there is no account and the order names no product.
    """
    guards.consultant(order, by)
    with order_record.changing(order) as fresh:
        lifecycle.check(fresh.status, OrderStatus.CREDITED)
        account = ledger.locked(_account(fresh, product, by=by, now=now).pk)
        movement = ledger.credit(account, fresh.quantity, order=fresh, by=by, now=now)
        advancing.take_back(fresh, account, by=by, now=now)
        fresh.status, fresh.credited_at = OrderStatus.CREDITED, now
        fresh.account, fresh.product_id = account, account.product_id
        order_record.event(fresh, "credited", by=by, now=now, movement=movement.pk)
        vaultcase.end(fresh, by=by, now=now)
        telling.credited(fresh, account, now=now)
    return fresh


def _account(order: StampOrder, product: str, *, by: Actor, now: datetime) -> StampAccount:
    """The account that receives: the order's, the one that its RFC draws from, or a new one."""
    if order.account is not None and not product:
        return order.account
    accounts = StampAccount.objects.filter(vendor_id=order.desk.vendor_id)
    named = desk_queries.config(order.desk).product(product) if product else None
    if product and named is None:
        raise Invalid.field("product", "invalid_choice", _("Choose one of the options."))
    found = queries.drawn_by(accounts, order.account_rfc, product=product)
    if order.product_id and not product:
        found = [account for account in found if account.product_id == order.product_id] or found
    product_id = named.id if named else order.product_id
    account = queries.the_account(found)
    if account is not None:
        return account
    if product_id is None:
        raise Conflict(_("Say for which product the stamps are."), code="product_needed")
    return opening.first_account(
        order.desk,
        product=Product.objects.get(pk=product_id),
        numbers=[order.account_rfc],
        terms=Terms.PREPAID,
        balance=0,
        at=now,
        by=by,
        now=now,
        name=order.trade_name,
    )
