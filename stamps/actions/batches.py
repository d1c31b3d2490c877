"""Lots of stamps: opened by what adds stamps, gone at the end of their last day.

An expiry is a movement at that instant, booked by a Timer. What is told late for a time before it (stamps that were
used, a balance that was lower) is countered there: those stamps had not expired, they were gone already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Sum
from django.db.models.functions import Coalesce

from core.actor import SYSTEM, Actor
from schedules import timers
from schedules.models import Timer
from stamps import lots, queries
from stamps.actions import judging, rows
from stamps.models import MovementKind, StampAccount, StampLot, StampMovement

TIMER: Final = "stamps.lot_expires"

# How many, since when they are there, and the last local date on which they can be used.
New = tuple[int, datetime, date | None]


def open_lots(account: StampAccount, movement: StampMovement, new: Sequence[New], *, now: datetime) -> None:
    """Open the lots that a movement brings, and set the timers of those that expire. 1 query, and 1 for timers."""
    opened = [
        StampLot(account_id=account.pk, movement=movement, amount=amount, since=since, expires_on=expires_on)
        for amount, since, expires_on in new
    ]
    StampLot.objects.bulk_create(opened)
    timers.set_many(
        [
            timers.Request(
                key=f"stamp-lot/{row.pk}",
                handler=TIMER,
                owner=f"stamps/{account.desk_id}",
                due_at=end_of(account, row.expires_on, now),
                payload={"account": account.pk, "lot": row.pk},
            )
            for row in opened
            if row.expires_on
        ],
        now=now,
    )


def end_of(account: StampAccount, day: date, now: datetime) -> datetime:
    """The instant at which a date of the account's desk is over."""
    zone = queries.sales_hours(account.desk, now).zone
    return datetime.combine(day + timedelta(days=1), time.min, zone)


def lock_account(payload: Mapping[str, Any]) -> None:
    """Lock the account of a lot: the owner comes before its timer."""
    StampAccount.objects.select_for_update().filter(pk=payload["account"]).first()


def expiry_due(timer: Timer, now: datetime) -> None:
    """Book what is left of a lot as expired, at the end of its last day."""
    lot = StampLot.objects.filter(pk=timer.payload["lot"], closed_at__isnull=True).first()
    if lot is not None:
        expire(lot, at=timer.due_at, now=now)


def expire(lot: StampLot, *, at: datetime, now: datetime) -> StampMovement | None:
    """Close the lot of a locked account; None where nothing was left, or a balance read since knows of it."""
    account = StampAccount.objects.select_related("desk__vendor", "product").get(pk=lot.account_id)
    there = queries.open_lots(account)
    left = dict(zip([row.pk for row in there], lots.left(account.balance, queries.plain(there)), strict=True))
    StampLot.objects.filter(pk=lot.pk).update(closed_at=at)
    gone = left.get(lot.pk, 0)
    row = None
    if gone and account.anchored_at < at:
        row = rows.movement(account, MovementKind.EXPIRED, -gone, at=at, by=SYSTEM, now=now)
        row.save(force_insert=True)
        account.balance -= gone
        StampAccount.objects.filter(pk=account.pk).update(expired_at=at)
    judging.judge(account, now=now)
    return row


def already_expired(account: StampAccount, at: datetime, used: int, *, by: Actor, now: datetime) -> int:
    """Counter stamps of a locked account that were used before others expired, and return how many. 0 queries mostly.

    They were counted among those that expired. Each expiry takes back at most what it booked, the earliest first.
    """
    if used <= 0 or account.expired_at is None or at >= account.expired_at:
        return 0
    expiries = StampMovement.objects.filter(account=account, kind=MovementKind.EXPIRED, at__gt=at)
    rest = used
    for expiry in expiries.annotate(back=Coalesce(Sum("absorbed__amount"), 0)).order_by("at", "id"):
        part = min(rest, -expiry.amount - expiry.back)
        if part > 0:
            row = rows.movement(account, MovementKind.ABSORBED, part, at=expiry.at, by=by, now=now)
            row.anchor = expiry
            row.save(force_insert=True)
            rest -= part
    return used - rest
