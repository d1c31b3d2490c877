"""What each day used: kept beside the ledger, so that a forecast reads a row a day and no movements."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection

from stamps import queries
from stamps.models import StampAccount

MOST_DAYS: Final = 400  # older days are of no use to a forecast

_ADD: Final = """
    INSERT INTO stamps_stampday (account_id, used_on, used)
    SELECT %s, * FROM unnest(%s::date[], %s::bigint[])
    ON CONFLICT (account_id, used_on) DO UPDATE SET used = stamps_stampday.used + EXCLUDED.used
"""


def add(account: StampAccount, at: datetime, used: int, *, now: datetime) -> None:
    """Count stamps on the local date of an instant. 1 query."""
    _write(account, {at.astimezone(queries.sales_hours(account.desk, now).zone).date(): used})


def spread(account: StampAccount, since: datetime, until: datetime, used: int, *, now: datetime) -> None:
    """Spread use of which only the sum is known evenly over the dates after `since` up to `until`. 1 query at most.

    Negative takes back what was spread over the same dates.
    """
    if not used:
        return
    zone = queries.sales_hours(account.desk, now).zone
    last = until.astimezone(zone).date()
    n = max(1, (last - since.astimezone(zone).date()).days)
    sign, amount = (1, used) if used > 0 else (-1, -used)
    shares = {
        last - timedelta(days=n - 1 - i): sign * (amount * (i + 1) // n - amount * i // n)
        for i in range(max(0, n - MOST_DAYS), n)
    }
    _write(account, shares)


def _write(account: StampAccount, shares: dict[date, int]) -> None:
    told = {day: share for day, share in shares.items() if share}
    if told:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [account.pk, list(told), list(told.values())])
