"""Stamps as the API answers them: plain values, instants with the offset of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from desks import queries as desk_queries
from stamps import queries
from stamps.models import StampAccount

Json = dict[str, Any]


def account_json(account: StampAccount, now: datetime) -> Json:
    """One account and its forecast. 1 query, 2 where its RFCs were not fetched along."""
    found = queries.foretold(account, now)
    zone = desk_queries.config(account.desk).zone
    return {
        "desk": account.desk.slug,
        "product": account.product.slug,
        "rfcs": queries.rfcs_of(account),
        "terms": account.terms,
        "balance": account.balance,
        "daily_rate": round(found.daily_rate, 2),
        "exhausts_on": found.exhausts_on.isoformat() if found.exhausts_on else None,
        "order_by": found.order_by.astimezone(zone).isoformat() if found.order_by else None,
        "level": str(found.level),
        "basis": str(found.basis),
    }
