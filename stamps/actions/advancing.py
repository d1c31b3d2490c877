"""*Ya no tengo timbres*: an advance for who cannot invoice while their order is on its way.

Whoever is on call grants it from the ticket, once for an account until it is settled, at most what the desk's file
says. The stamps are tied to an order: its payment settles the advance, its credit takes the stamps out again.
"""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core.actor import Actor
from core.errors import Conflict, Forbidden, Invalid
from stamps import queries
from stamps.actions import ledger, order_record, rows, telling
from stamps.lifecycle import ENDED
from stamps.models import MovementKind, StampAccount, StampAdvance, StampMovement, StampOrder, StampSales
from tickets import actions as ticket_actions
from tickets.actions import guards as ticket_guards
from tickets.models import Ticket


def cap(ticket: Ticket) -> int:
    """How many stamps may be advanced at the ticket's desk. 1 query."""
    sales = StampSales.objects.filter(desk=ticket.desk_id).first()
    return sales.advance_cap if sales else 0


def orders_of(ticket: Ticket) -> list[StampOrder]:
    """The orders on their way of the ticket's company, at its desk. 1 query."""
    if ticket.client_id is None:
        return []
    found = StampOrder.objects.filter(desk_id=ticket.desk_id, client_id=ticket.client_id).exclude(status__in=ENDED)
    return list(found.select_related("desk__vendor", "account").order_by("-urgent", "requested_at", "id"))


def advance(ticket: Ticket, order: StampOrder, *, amount: int, by: Actor, now: datetime) -> StampAdvance:
    """Grant stamps to the account of an order on its way.

    Raises Forbidden, Invalid on `amount`, Conflict: `not_stopped` where the ticket does not affect the operation or is
    over, `no_account` where nobody has opened one, `advance_open` where an advance of the account is not settled.
    """
    if not ticket_guards.answers_for(ticket, by, now):
        raise Forbidden(_("Only who has the ticket, is on call or supervises may grant an advance."))
    if not (ticket.affects_operation and ticket.is_open):
        raise Conflict(_("An advance is for an open ticket that affects the operation."), code="not_stopped")
    if order.client_id is None or order.client_id != ticket.client_id or order.desk_id != ticket.desk_id:
        raise Conflict(_("The order is of another company."), code="other_company")
    most = min(cap(ticket), order.quantity)
    if not 0 < amount <= most:
        raise Invalid.field("amount", "out_of_range", _("From 1 to %(most)s stamps.") % {"most": f"{most:,}"})
    with transaction.atomic():
        note = _("Advance of %(n)s stamps for %(order)s.") % {"n": f"{amount:,}", "order": order.number}
        ticket_actions.add_message(ticket, by=by, now=now, body=note, internal=True)
        with order_record.changing(order) as fresh:
            if fresh.status in ENDED:
                raise Conflict(_("The order's state does not allow this."), code="transition_not_allowed")
            return _grant(ticket, fresh, amount, by=by, now=now)


def _grant(ticket: Ticket, order: StampOrder, amount: int, *, by: Actor, now: datetime) -> StampAdvance:
    account = ledger.locked(_account(order).pk)
    reason = _("Advance for %(order)s, ticket %(ticket)s") % {"order": order.number, "ticket": ticket.number}
    try:
        with transaction.atomic():
            row = StampAdvance.objects.create(
                account=account,
                order=order,
                ticket=ticket,
                amount=amount,
                movement=adjust(account, amount, reason, by=by, now=now),
                granted_at=now,
                granted_by=by.label[:160],
            )
    except IntegrityError as open_one:
        message = _("An advance of this account is not settled yet.")
        raise Conflict(message, code="advance_open") from open_one
    order.account = account
    entry = order_record.event(order, "advanced", by=by, now=now, stamps=amount, ticket=ticket.number)
    telling.advanced(order, amount, key=f"order-advanced/{entry.pk}", now=now)
    return row


def _account(order: StampOrder) -> StampAccount:
    if order.account is not None:
        return order.account
    accounts = StampAccount.objects.filter(vendor_id=order.desk.vendor_id)
    found = queries.the_account(queries.drawn_by(accounts, order.account_rfc))
    if found is None:
        raise Conflict(_("The RFC has no account yet: there is nothing to add the advance to."), code="no_account")
    return found


def adjust(account: StampAccount, amount: int, reason: str, *, by: Actor, now: datetime) -> StampMovement:
    """An adjustment of an account that the caller holds. Raises Conflict `insufficient_balance`."""
    ledger.check_not_below_zero(account.terms, account.balance + amount)
    at = max(now, account.anchored_at)
    row = rows.movement(account, MovementKind.ADJUSTMENT, amount, at=at, by=by, now=now, reason=reason)
    ledger.insert(account, row, now=now)
    return row


# ------------------------------------------------------------------ settling


def settle(order: StampOrder, *, by: Actor, now: datetime) -> None:
    """The order is paid: its advance is settled, and the account may be helped again. 1 query where there is none."""
    if StampAdvance.objects.filter(order=order, settled_at__isnull=True).update(settled_at=now):
        order_record.event(order, "advance_settled", by=by, now=now)


def take_back(order: StampOrder, account: StampAccount | None, *, by: Actor, now: datetime) -> None:
    """Take what was advanced out of the account again, because the order was credited to it or is cancelled.

    Raises Conflict `advance_open` where the stamps are used already, or were given to another account.
    """
    row = StampAdvance.objects.filter(order=order, taken_back__isnull=True).first()
    if row is None:
        return
    held = account if account is not None and account.pk == row.account_id else None
    if account is not None and held is None:
        raise Conflict(_("The advance of this order was given to another account."), code="advance_open")
    held = held or ledger.locked(row.account_id)
    if not held.is_endless and held.balance < row.amount:
        message = _("The advance of %(n)s stamps is used already: the order cannot be cancelled.")
        raise Conflict(message % {"n": f"{row.amount:,}"}, code="advance_open")
    row.taken_back = adjust(held, -row.amount, _("Advance of %s settled") % order.number, by=by, now=now)
    row.settled_at = row.settled_at or now
    row.save(update_fields=["taken_back", "settled_at"])
