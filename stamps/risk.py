"""Accounts that end within ten business days: what sales sees, and what stands around each. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from desks.models import Desk
from schedules import businesstime
from stamps import forecast, queries
from stamps.lifecycle import ENDED
from stamps.models import StampAccount, StampAccountRfc, StampOrder, StampWarning


@dataclass(frozen=True, slots=True)
class Around:
    """By account: its RFCs in order, its newest order that is not ended, its last warning of this round."""

    rfcs: Mapping[int, list[str]]
    orders: Mapping[int, StampOrder]
    warnings: Mapping[int, StampWarning]


def within(desk: Desk, now: datetime) -> Q:
    """The accounts whose last stamp goes within the next ten business days, the empty ones among them."""
    hours = queries.sales_hours(desk, now)
    today = now.astimezone(hours.zone).date()
    return Q(exhausts_on__lte=businesstime.add_business_days(today, forecast.LOW, hours))


def around(accounts: Sequence[StampAccount]) -> Around:
    """What stands around the accounts of a page. 3 queries."""
    ids = [account.pk for account in accounts]
    rounds = {account.pk: account.round for account in accounts}
    rfcs: dict[int, list[str]] = defaultdict(list)
    for pk, rfc in StampAccountRfc.objects.filter(account_id__in=ids).order_by("rfc").values_list("account_id", "rfc"):
        rfcs[pk].append(rfc)
    orders = StampOrder.objects.filter(account_id__in=ids).exclude(status__in=ENDED).order_by("pk")
    warnings = StampWarning.objects.filter(account_id__in=ids).order_by("pk")
    return Around(
        rfcs,
        {order.account_id: order for order in orders if order.account_id},
        {row.account_id: row for row in warnings if row.round == rounds[row.account_id]},
    )
