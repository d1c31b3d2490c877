"""Stamps as the API answers them: plain values, instants with the offset of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desks import queries as desk_queries
from stamps import queries
from stamps.forecast import Forecast
from stamps.models import StampAccount, StampOrder

Json = dict[str, Any]


def account_json(account: StampAccount, now: datetime, found: Forecast | None = None) -> Json:
    """One account and its forecast. 2 queries, none where it is `found` already; 1 more for RFCs not fetched along."""
    found = found or queries.foretold(account, now)
    zone = desk_queries.config(account.desk).zone
    return {
        "desk": account.desk.slug,
        "product": account.product.slug,
        "rfcs": queries.rfcs_of(account),
        "terms": account.terms,
        "balance": account.balance,
        "daily_rate": round(found.daily_rate, 2),
        "exhausts_on": found.exhausts_on.isoformat() if found.exhausts_on else None,
        "exhausts_by": found.exhausts_by and str(found.exhausts_by),
        "earliest_on": found.earliest_on.isoformat() if found.earliest_on else None,
        "latest_on": found.latest_on.isoformat() if found.latest_on else None,
        "order_by": found.order_by.astimezone(zone).isoformat() if found.order_by else None,
        "level": str(found.level),
        "basis": str(found.basis),
    }


def order_json(order: StampOrder) -> Json:
    """One order with its payments and timeline. 2 queries, where its desk, product and assignee were fetched along."""
    zone = desk_queries.config(order.desk).zone

    def at(value: datetime | None) -> str | None:
        return value.astimezone(zone).isoformat() if value else None

    price, payments = order.price, list(queries.payments(order))
    paid = queries.given(payments)
    return {
        "number": order.number,
        "desk": order.desk.slug,
        "status": order.status,
        "urgent": order.urgent,
        "quantity": order.quantity,
        "rfc": order.rfc,
        "account_rfc": order.account_rfc,
        "trade_name": order.trade_name,
        "product": order.product.slug if order.product else None,
        "contact": {"name": order.contact_name, "email": order.contact_email, "phone": order.contact_phone},
        "assignee": {"id": order.assignee.pk, "name": order.assignee.name, "kind": "user"} if order.assignee else None,
        "unit_price": None if order.unit_price is None else str(order.unit_price),
        "terms": order.terms,
        "valid_until": order.valid_until.isoformat() if order.valid_until else None,
        "subtotal": str(price.subtotal) if price else None,
        "tax": str(price.tax) if price else None,
        "total": str(price.total) if price else None,
        "paid": str(paid),
        "payments": [
            {
                "amount": str(payment.amount),
                "date": payment.paid_on.isoformat(),
                "bank": payment.bank,
                "tracking_key": payment.tracking_key,
            }
            for payment in payments
        ],
        "requested_at": at(order.requested_at),
        "quoted_at": at(order.quoted_at),
        "paid_at": at(order.paid_at),
        "access_requested_at": at(order.access_requested_at),
        "access_received_at": at(order.access_received_at),
        "credited_at": at(order.credited_at),
        "cancelled_at": at(order.cancelled_at),
        "cancel_reason": order.cancel_reason,
        "timeline": [
            {
                "id": event.pk,
                "type": event.type,
                "at": at(event.at),
                "actor": {"id": event.actor_id, "name": event.actor_label, "kind": event.actor_kind},
            }
            for event in order.events.order_by("pk")
        ],
        "version": order.version,
    }
